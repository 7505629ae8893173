package live.mirror.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a tool of deploy/floor says on its way, line by line: a word, and figures as name=value. */
final class ToolOutput {

    private final String tool;
    private final BufferedReader lines;

    ToolOutput(String tool, Process process) {
        this.tool = tool;
        this.lines = process.inputReader();
    }

    /** Waits for the line that begins with this word; answers its figures. */
    Map<String, String> await(String word) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.equals(word) || line.startsWith(word + " ")) {
                return figures(line);
            }
        }
        throw new IOException(tool + " ended before it said " + word);
    }

    private static Map<String, String> figures(String line) {
        return Stream.of(line.split(" ", -1))
                .filter(word -> word.contains("="))
                .map(word -> word.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }
}
