package live.mirror.control.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;

class IngestTokensTest {

    @TempDir Path directory;

    @Test
    void aKeyPairIsReadFromAFileWithBothHalvesInPem() throws Exception {
        String pair = IngestTokens.generate();
        String[] halves = pair.split(" ", 2);
        Path file = directory.resolve("token.pem");
        Files.writeString(
                file,
                "-----BEGIN PRIVATE KEY-----\n"
                        + halves[1]
                        + "\n-----END PRIVATE KEY-----\n-----BEGIN PUBLIC KEY-----\n"
                        + halves[0]
                        + "\n-----END PUBLIC KEY-----\n");
        assertThat(IngestTokens.read(file)).isEqualTo(pair);
        assertThat(IngestTokens.idOf(pair)).hasSize(12).isEqualTo(IngestTokens.idOf(pair));
    }

    @Test
    void aFileWithoutOneIsNamed() throws Exception {
        Path file = Files.writeString(directory.resolve("token.pem"), "nothing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IngestTokens.read(file))
                .withMessageContaining(file.toString());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IngestTokens.read(directory.resolve("none")))
                .withMessageContaining("none");
    }
}
