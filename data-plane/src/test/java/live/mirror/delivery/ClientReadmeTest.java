package live.mirror.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.ring.RecordFlags;
import live.mirror.stream.Ingest;
import live.mirror.v1.Reason;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The packager in the client's README, as its readers would copy it. */
@Timeout(60)
class ClientReadmeTest {

    private static final Pattern JAVA =
            Pattern.compile("```java\\n(.*?public class (\\w+).*?)```", Pattern.DOTALL);
    private static final String CONTROL_PLANE = "127.0.0.1:8080";
    private static final String CLASS_PATH = System.getProperty("java.class.path");

    @TempDir private Path folder;

    @Test
    void thePackagerInTheReadmeDoesWhatItSays() throws Exception {
        try (DeliveryFixture fixture = new DeliveryFixture();
                FakeControlPlane control = new FakeControlPlane()) {
            control.locate("cam1", fixture.address(), 1);
            String packager = compile(control.address());
            Ingest ingest = fixture.publish("cam1", 1);
            Process process =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-XX:TieredStopAtLevel=1",
                                    "-cp",
                                    folder + ":" + CLASS_PATH,
                                    packager)
                            .redirectError(folder.resolve("events").toFile())
                            .start();
            // Ends whatever read below would never end.
            CompletableFuture<Void> bound =
                    process.onExit()
                            .completeOnTimeout(process, 50, TimeUnit.SECONDS)
                            .thenAccept(Process::destroyForcibly);
            try {
                sendUntilHeard(fixture, ingest, process);
                // What a packager that died right now would have written.
                byte[] media = process.getInputStream().readNBytes(1_316);
                assertThat(media).isEqualTo(DeliveryFixture.payload(1_316, 7).toByteArray());
                ingest.ring().gap(RecordFlags.AFTER_LOSS, 3);
                fixture.send(ingest, 188, 8);
                fixture.finish(ingest, Reason.REASON_STOPPED_BY_OPERATOR);
                assertThat(process.getInputStream().readAllBytes())
                        .endsWith(DeliveryFixture.payload(188, 8).toByteArray());
                assertThat(process.waitFor()).isZero();
                assertThat(events())
                        .contains(
                                "DISCONTINUITY_CAUSE_LOSS: 3 packets lost",
                                "over: REASON_STOPPED_BY_OPERATOR");
            } finally {
                bound.cancel(true);
                process.destroyForcibly();
            }
        }
    }

    /** A subscription begins with what comes next, so that the first may be before it. */
    private void sendUntilHeard(DeliveryFixture fixture, Ingest ingest, Process process)
            throws IOException {
        long deadlineNs = System.nanoTime() + 30_000_000_000L;
        while (process.getInputStream().available() < 1_316) {
            assertThat(process.isAlive() && System.nanoTime() - deadlineNs < 0)
                    .as(() -> "the packager gets media; it says: " + events())
                    .isTrue();
            fixture.send(ingest, 1_316, 7);
            LockSupport.parkNanos(10_000_000);
        }
    }

    private String events() {
        try {
            return Files.readString(folder.resolve("events"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Compiles it for this control plane, and returns its class. */
    private String compile(String controlPlane) throws Exception {
        Matcher example = JAVA.matcher(Files.readString(Path.of("../proto/README.md")));
        assertThat(example.find()).isTrue();
        assertThat(example.group(1)).contains(CONTROL_PLANE);
        Path source = folder.resolve(example.group(2) + ".java");
        Files.writeString(source, example.group(1).replace(CONTROL_PLANE, controlPlane));
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
        StringWriter problems = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            assertThat(
                            compiler.getTask(
                                            problems,
                                            files,
                                            null,
                                            List.of("-d", folder.toString(), "-cp", CLASS_PATH),
                                            null,
                                            files.getJavaFileObjects(source))
                                    .call())
                    .as("%s", problems)
                    .isTrue();
        }
        return example.group(2);
    }
}
