package live.mirror.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The packager in the client's README, as its readers would copy it. */
class ClientReadmeTest {

    private static final Pattern JAVA =
            Pattern.compile("```java\\n(.*?public class (\\w+).*?)```", Pattern.DOTALL);

    @TempDir private Path folder;

    @Test
    void thePackagerInTheReadmeCompiles() throws Exception {
        Matcher example = JAVA.matcher(Files.readString(Path.of("../proto/README.md")));
        assertThat(example.find()).isTrue();
        Path source = folder.resolve(example.group(2) + ".java");
        Files.writeString(source, example.group(1));
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
        StringWriter problems = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            assertThat(
                            compiler.getTask(
                                            problems,
                                            files,
                                            null,
                                            List.of(
                                                    "-d",
                                                    folder.toString(),
                                                    "-cp",
                                                    System.getProperty("java.class.path")),
                                            null,
                                            files.getJavaFileObjects(source))
                                    .call())
                    .as("%s", problems)
                    .isTrue();
        }
    }
}
