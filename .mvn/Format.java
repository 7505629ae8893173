import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs google-java-format over a source folder: {@code Format.java CLASSPATH FOLDER check|write}. */
class Format {
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[1]);
        boolean write = args[2].equals("write");
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        // Short runs: the first compiler tier alone halves the time.
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", args[0]));
        for (String part : List.of("api", "code", "file", "parser", "tree", "util")) {
            command.add("--add-exports=jdk.compiler/com.sun.tools.javac." + part + "=ALL-UNNAMED");
        }
        command.addAll(List.of("com.google.googlejavaformat.java.Main", "--aosp"));
        command.addAll(write ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
        int options = command.size();
        try (var files = Files.walk(folder)) {
            // Below the folder: a checkout may itself lie below a folder src.
            files.filter(file -> ("/" + folder.relativize(file)).matches(".*/src/.*\\.java"))
                    .forEach(file -> command.add(file.toString()));
        }
        if (command.size() == options) {
            return;
        }
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0 && !write) {
            System.err.println("The files above are not formatted; `deploy/format` formats them.");
        }
        System.exit(status);
    }
}
