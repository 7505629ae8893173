package live.mirror.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.client.MirrorSubscriber;
import live.mirror.client.StartAt;
import live.mirror.v1.DiscontinuityCause;
import live.mirror.v1.PayloadForm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** RTP from real senders and over bad paths, through a worker, to packagers. */
@Timeout(120)
class RtpSystemTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int SSRC = 4_000;
    private static final Map<String, String> QUICK =
            Map.of("rtp.source-silence", "500ms", "rtp.idle", "2s");

    @TempDir Path folder;

    @Test
    void everyPacketSentIsDeliveredInOrderOrInAGapThatIsTold() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of())) {
            MirrorProcess worker = cluster.startWorker("w1", QUICK);
            try (NumberedRtpSource source =
                    new NumberedRtpSource(SSRC, 60_000, 11, 20, worker.port("rtp"))) {
                source.send(2_000);
                Cluster.await("active", SOON, () -> cluster.hasStatus("rtp_4000", "ACTIVE"));
                try (RtpLedger ledger = new RtpLedger(cluster.delivery(worker), "rtp_4000")) {
                    source.send(13_000);
                    awaitAll(ledger, source);
                    assertThat(ledger.delivered() + ledger.lost()).isEqualTo(15_000);
                    assertThat(ledger.lost())
                            .isGreaterThanOrEqualTo(source.lostCount())
                            .isLessThan(15_000 / 10);
                    assertThat(ledger.discontinuities())
                            .allMatch(gap ->
                                    gap.getCause() == DiscontinuityCause.DISCONTINUITY_CAUSE_LOSS);

                    source.rebind();
                    long rebound = source.next();
                    long boundNs = System.nanoTime();
                    while (ledger.last() < rebound) {
                        assertThat(Duration.ofNanos(System.nanoTime() - boundNs)).isLessThan(SOON);
                        source.send(50);
                    }
                    assertThat(Duration.ofNanos(System.nanoTime() - boundNs))
                            .isLessThan(Duration.ofSeconds(3));
                    source.send(1_000);
                    awaitAll(ledger, source);
                    assertThat(
                                    ledger.discontinuities().stream()
                                            .filter(gap ->
                                                    gap.getCause()
                                                            == DiscontinuityCause
                                                                    .DISCONTINUITY_CAUSE_NEW_EPOCH))
                            .singleElement()
                            .satisfies(gap -> assertThat(gap.getLossesKnown()).isFalse());
                    assertThat(ledger.wrongs()).isEmpty();
                }
            }
            try (NumberedRtpSource other =
                    new NumberedRtpSource(SSRC + 1, 0, 12, 0, worker.port("rtp"))) {
                other.send(100);
                Cluster.await(
                        "another SSRC is another stream",
                        SOON,
                        () -> cluster.hasStatus("rtp_4001", "ACTIVE"));
            }
            Cluster.await(
                    "the silent one waits",
                    SOON,
                    () -> cluster.hasStatus("rtp_4000", "RECONNECTING"));
        }
    }

    /** By the real clock, and nearly as far apart as SMPTE 2022-7 lets them be at most. */
    @Test
    void eitherOfTwoLegsMayDieAlsoWhenTheyAreFarApart() throws Exception {
        int first = freePorts();
        int second = freePorts();
        try (Cluster cluster = Cluster.start(Map.of())) {
            MirrorProcess worker = cluster.startWorker("w1", QUICK);
            define(
                    cluster,
                    """
                    {"legs": [{"address": "127.0.0.1", "port": %d},
                              {"address": "127.0.0.1", "port": %d}], "skewMs": 450}
                    """
                            .formatted(first, second));
            awaitPort(cluster, worker, first);
            try (NumberedRtpSource source =
                    new NumberedRtpSource(SSRC, 65_000, 5, 0, first, second)) {
                source.send(500);
                Cluster.await("active", SOON, () -> cluster.hasStatus("cam1", "ACTIVE"));
                try (RtpLedger ledger = new RtpLedger(cluster.delivery(worker), "cam1")) {
                    source.secondLegComesBehindBy(Duration.ofMillis(430));
                    source.send(500);
                    source.cut(0, true);
                    source.send(1_500);
                    source.cut(0, false);
                    source.send(3_000);
                    source.cut(1, true);
                    source.send(1_500);
                    source.cut(1, false);
                    source.send(500);
                    source.arrive();
                    awaitAll(ledger, source);
                    assertThat(ledger.delivered()).isEqualTo(7_500);
                    assertThat(ledger.discontinuities()).isEmpty();
                    assertThat(ledger.wrongs()).isEmpty();
                }
                assertThat(cluster.getFrom(worker.address("admin"), "/metrics"))
                        .containsPattern("mirror_rtp_leg_saved_packets_total\\{[^}]*leg=\"1\"")
                        .containsPattern("mirror_rtp_leg_skew_us\\{[^}]*leg=\"2\"")
                        .containsPattern(
                                "mirror_rtp_kernel_drops_total\\{[^}]*socket=\"127.0.0.1:"
                                        + first
                                        + "\"");
                Cluster.await(
                        "the report has the second leg's skew",
                        SOON,
                        () ->
                                cluster.get("/api/v1/streams/cam1")
                                        .matches(
                                                "(?s).*\"legs\".*\"maxSkewUs\":4[3-9]\\d{4}\\D.*"));
            }
        }
    }

    @Test
    void whatFfmpegSendsReachesThePackagerByteForByte() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of());
                DatagramSocket relay = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            MirrorProcess worker = cluster.startWorker("w1", QUICK);
            Process sender =
                    ffmpeg(
                            "-c:v libx264 -preset ultrafast -tune zerolatency -g 25 -c:a aac"
                                    + " -f rtp_mpegts -rtp_muxer_options ssrc=4000"
                                    + " rtp://127.0.0.1:"
                                    + relay.getLocalPort()
                                    + "?pkt_size=1328");
            try (MirrorSubscriber subscriber =
                    subscriber(cluster, "rtp_4000", PayloadForm.PAYLOAD_FORM_UNSPECIFIED)) {
                ByteArrayOutputStream received = new ByteArrayOutputStream();
                Thread packager = packager(subscriber, received);
                byte[] sent = relay(relay, worker.port("rtp"), sender);
                Cluster.await("all of it", SOON, () -> received.size() >= sent.length);
                subscriber.close();
                packager.join();
                assertThat(sent.length).isGreaterThan(50_000);
                assertThat(received.toByteArray()).isEqualTo(sent);
            } finally {
                sender.destroyForcibly().waitFor();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "h264, -an -c:v libx264 -flags +global_header -preset ultrafast -g 10 -bf 2",
        "hevc, -an -c:v libx265 -flags +global_header -preset ultrafast -g 10",
        "aac, -vn -c:a aac"
    })
    void accessUnitsOfWhatFfmpegSendsCanBeDecoded(String codec, String encoding) throws Exception {
        int port = freePorts();
        Path description = folder.resolve("a.sdp");
        String to = " -f rtp -sdp_file " + description + " rtp://127.0.0.1:" + port;
        try (Cluster cluster = Cluster.start(Map.of())) {
            MirrorProcess worker = cluster.startWorker("w1", QUICK);
            Process sender = ffmpeg(encoding + to);
            try (MirrorSubscriber subscriber =
                    subscriber(cluster, "cam1", PayloadForm.PAYLOAD_FORM_ACCESS_UNITS)) {
                Cluster.await("described", SOON, () -> isWhole(description));
                define(
                        cluster,
                        "{\"legs\": [{\"address\": \"127.0.0.1\", \"port\": %d}], \"sdp\": \"%s\"}"
                                .formatted(
                                        port,
                                        Files.readString(description)
                                                .lines()
                                                .filter(line -> !line.startsWith("SDP"))
                                                .reduce("", (a, b) -> a + b + "\\n")));
                awaitPort(cluster, worker, port);
                Path units = folder.resolve("units." + codec);
                try (OutputStream out = Files.newOutputStream(units)) {
                    Thread packager = packager(subscriber, out);
                    Cluster.await("the sender's end", SOON, () -> !sender.isAlive());
                    subscriber.close();
                    packager.join();
                }
                String told = probe(units);
                assertThat(told).startsWith(codec + ",");
                assertThat(Integer.parseInt(told.substring(told.lastIndexOf(',') + 1)))
                        .isGreaterThan(20);
            } finally {
                sender.destroyForcibly().waitFor();
            }
        }
    }

    private static boolean isWhole(Path description) {
        try {
            return Files.exists(description) && Files.readString(description).contains("a=rtpmap");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Passes on what comes until the sender has ended, and returns the media in it. */
    private static byte[] relay(DatagramSocket socket, int port, Process sender)
            throws IOException {
        ByteArrayOutputStream media = new ByteArrayOutputStream();
        InetSocketAddress to = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
        socket.setSoTimeout(500);
        while (true) {
            packet.setLength(2048);
            try {
                socket.receive(packet);
            } catch (SocketTimeoutException e) {
                if (sender.isAlive()) {
                    continue;
                }
                return media.toByteArray();
            }
            int type = packet.getData()[1] & 0xff;
            if (type < 192 || type > 223) {
                media.write(packet.getData(), 12, packet.getLength() - 12);
                packet.setSocketAddress(to);
                socket.send(packet);
            }
        }
    }

    private static Thread packager(MirrorSubscriber subscriber, OutputStream to) {
        return Thread.ofVirtual()
                .name("packager")
                .start(() -> {
                    try {
                        subscriber.writeTo(to);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    private static MirrorSubscriber subscriber(Cluster cluster, String stream, PayloadForm form) {
        return MirrorSubscriber.to(stream)
                .controlPlane(cluster.control().address("http"))
                .from(StartAt.OLDEST)
                .waitForStream(true)
                .payloadForm(form)
                .build();
    }

    /** Codec and number of frames that decode. */
    private static String probe(Path units) throws IOException, InterruptedException {
        Process probe =
                new ProcessBuilder(
                                "ffprobe",
                                "-v",
                                "error",
                                "-count_frames",
                                "-show_entries",
                                "stream=codec_name,nb_read_frames",
                                "-of",
                                "csv=p=0",
                                units.toString())
                        // What comes before the first random access point can't be decoded.
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        String told =
                new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        probe.waitFor();
        return told;
    }

    /** Four seconds of picture and sound in real time. */
    private static Process ffmpeg(String output) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                ("ffmpeg -hide_banner -loglevel error -re -f lavfi -i"
                                                + " testsrc=size=320x180:rate=25 -re -f lavfi -i"
                                                + " sine=frequency=440 -t 8")
                                        .split(" ")));
        command.addAll(List.of(output.split(" ")));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void define(Cluster cluster, String rtp) {
        String answer =
                cluster.send("PUT", "/api/v1/definitions/cam1", "{\"rtp\": " + rtp.strip() + "}");
        assertThat(answer).as("the definition").contains("\"cam1\"");
    }

    /** The port is open once its figures are there. */
    private static void awaitPort(Cluster cluster, MirrorProcess worker, int port)
            throws InterruptedException {
        Cluster.await(
                "port " + port + " is open",
                SOON,
                () ->
                        cluster.getFrom(worker.address("admin"), "/metrics")
                                .contains("socket=\"127.0.0.1:" + port + "\""));
    }

    private static void awaitAll(RtpLedger ledger, NumberedRtpSource source)
            throws InterruptedException {
        Cluster.await("the last packet", SOON, () -> ledger.last() == source.next() - 1);
    }

    /** The first of two ports in a row that were free a moment ago. */
    private static int freePorts() throws IOException {
        while (true) {
            try (DatagramSocket first = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                    DatagramSocket second =
                            new DatagramSocket(
                                    first.getLocalPort() + 1, InetAddress.getLoopbackAddress())) {
                assertThat(second.isBound()).isTrue();
                return first.getLocalPort();
            } catch (IOException | IllegalArgumentException e) {
                // Taken; the system chooses another.
            }
        }
    }
}
