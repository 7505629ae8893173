package live.mirror.receive.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.settings.SettingsReader;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** An operator is told what the kernel did not grant, and what it dropped. */
class KernelLimitsTest {

    private static final int WANTED = 1 << 30;

    @Test
    void aBufferCutToTheSystemsLimitIsToldWithTheSysctlThatHelps() throws Exception {
        String limit = Files.readAllLines(Path.of("/proc/sys/net/core/rmem_max")).getFirst();
        try (HeardLog log = new HeardLog(Ports.class)) {
            CompletableFuture<List<Endpoint>> opened = new CompletableFuture<>();
            Thread.ofPlatform()
                    .start(() -> {
                        try {
                            Capabilities.dropNetAdmin();
                            opened.complete(open());
                        } catch (IOException | RuntimeException e) {
                            opened.completeExceptionally(e);
                        }
                    });
            opened.get().forEach(endpoint -> endpoint.socket().close());
            assertThat(log.lines())
                    .containsExactly(
                            "rtp.receive-buffer: asked for "
                                    + WANTED
                                    + " bytes, got "
                                    + limit
                                    + "; sysctl -w net.core.rmem_max="
                                    + WANTED
                                    + " allows it");
        }
    }

    private static List<Endpoint> open() throws IOException {
        RtpSettings settings =
                RtpSettings.read(new SettingsReader(Map.of("rtp.receive-buffer", "1GiB")));
        return new Ports(settings)
                .openPair(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @Test
    void dropsAreToldOnceInAWhileWithTheSysctlThatHelps() {
        try (HeardLog log = new HeardLog(DropWatch.class);
                StartedReceiver rtp =
                        new StartedReceiver(
                                Map.of("rtp.tick", "20ms", "rtp.receive-buffer", "64KiB"));
                RtpSender sender = new RtpSender(rtp.receiver().address(), 77)) {
            long[] number = {0};
            Waiting.until(
                    "a warning",
                    () -> {
                        for (int i = 0; i < 1_000; i++) {
                            sender.send(number[0]++);
                        }
                        return !log.lines().isEmpty();
                    });
            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .matches(
                            "the kernel dropped \\d[\\d,]* RTP datagrams because a receive buffer"
                                    + " was full; raise rtp.receive-buffer \\(now 65536\\) and, so"
                                    + " that it is granted, sysctl net.core.rmem_max");
        }
    }
}
