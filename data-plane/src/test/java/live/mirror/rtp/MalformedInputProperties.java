package live.mirror.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.rtp.depacketise.Depacketiser;
import live.mirror.rtp.fec.ParityDecoder;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Whatever a network may bring, no parser throws, hangs, or touches a byte beyond the datagram. The
 * seeds are kept in {@code corpus}, one file each, as hexadecimal lines with remarks (or as text,
 * for session descriptions): valid ones, malformed ones of every cause, and each input that ever
 * failed.
 */
class MalformedInputProperties {

    private static final int MARGIN = 24;

    private final RtpPacket packet = new RtpPacket();

    @Example
    void everySeedIsSurvivedAndItsCauseIsTheOneInItsName() throws Exception {
        List<Path> seeds = seeds("");
        assertThat(seeds).hasSizeGreaterThan(30);
        for (Path seed : seeds) {
            PacketFault fault = feed(kind(seed), bytes(seed));
            String name = seed.getFileName().toString();
            String cause = name.substring(name.indexOf('-') + 1, name.lastIndexOf('.'));
            if (!kind(seed).equals("sdp")) {
                assertThat(fault.label()).as(name).isEqualTo(cause.replaceAll("-.*", ""));
            }
        }
    }

    @Property(tries = 3000)
    void mutatedSeedsAreSurvived(
            @ForAll @IntRange(max = 1_000_000) int which,
            @ForAll long randomSeed,
            @ForAll @IntRange(min = 1, max = 8) int mutations)
            throws Exception {
        List<Path> seeds = seeds("");
        Path seed = seeds.get(which % seeds.size());
        Random random = new Random(randomSeed);
        byte[] bytes = bytes(seed);
        for (int i = 0; i < mutations; i++) {
            bytes = mutate(bytes, random);
        }
        feed(kind(seed), bytes);
    }

    @Property(tries = 2000)
    void anyBytesAreSurvived(@ForAll @Size(max = 300) byte[] bytes, @ForAll boolean plausible) {
        byte[] input = bytes.clone();
        if (plausible && input.length > 1) {
            input[0] = (byte) (0x80 | (input[0] & 0x3f));
        }
        for (String kind : List.of("rtp", "rtcp", "fec", "h264", "h265", "aac", "sdp")) {
            feed(kind, input);
        }
    }

    private static byte[] mutate(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return new byte[] {(byte) random.nextInt()};
        }
        int at = random.nextInt(bytes.length);
        byte[] changed = bytes.clone();
        return switch (random.nextInt(5)) {
            case 0 -> {
                changed[at] ^= (byte) (1 << random.nextInt(8));
                yield changed;
            }
            case 1 -> {
                changed[at] = (byte) (random.nextBoolean() ? 0xff : 0);
                yield changed;
            }
            case 2 -> Arrays.copyOf(bytes, at);
            case 3 -> {
                byte[] longer = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(40));
                System.arraycopy(bytes, 0, longer, longer.length - bytes.length, bytes.length);
                yield longer;
            }
            default -> {
                byte[] repeated = Arrays.copyOf(bytes, Math.min(2048, 2 * bytes.length));
                System.arraycopy(bytes, 0, repeated, bytes.length, repeated.length - bytes.length);
                yield repeated;
            }
        };
    }

    /** Feeds a parser with the bytes in the middle of others, none of which may matter. */
    private PacketFault feed(String kind, byte[] bytes) {
        byte[] all = new byte[bytes.length + 2 * MARGIN];
        Arrays.fill(all, (byte) 0xff);
        System.arraycopy(bytes, 0, all, MARGIN, bytes.length);
        PacketFault amongOnes = parse(kind, all, bytes.length);
        Arrays.fill(all, 0, MARGIN, (byte) 0);
        Arrays.fill(all, MARGIN + bytes.length, all.length, (byte) 0);
        assertThat(parse(kind, all, bytes.length)).isEqualTo(amongOnes);
        return amongOnes;
    }

    private PacketFault parse(String kind, byte[] all, int length) {
        return switch (kind) {
            case "rtp" -> packet.read(all, MARGIN, length);
            case "rtcp" -> RtcpReader.read(all, MARGIN, length, new Listener(MARGIN + length));
            case "fec" -> parity(all, length);
            case "h264" -> depacketise(new MediaFormat("H264", 90_000), all, length);
            case "h265" -> depacketise(new MediaFormat("H265", 90_000), all, length);
            case "aac" ->
                    depacketise(new MediaFormat("MPEG4-GENERIC", 48_000, 2, Map.of()), all, length);
            case "sdp" -> describe(new String(all, MARGIN, length, StandardCharsets.UTF_8));
            default -> throw new IllegalStateException(kind);
        };
    }

    private static PacketFault parity(byte[] all, int length) {
        ParityDecoder decoder =
                new ParityDecoder(
                        2048,
                        (bytes, offset, count, sequence) ->
                                Objects.checkFromIndexSize(offset, count, bytes.length) >= 0);
        for (int number = 65_536; number < 65_640; number++) {
            if (number % 7 != 3) {
                byte[] media = WireBytes.rtp(33, number & 0xffff, number, 1, new byte[188]);
                decoder.media(media, 0, media.length, number);
            }
        }
        PacketFault fault = decoder.parity(all, MARGIN, length);
        decoder.settle();
        return fault;
    }

    private PacketFault depacketise(MediaFormat format, byte[] all, int length) {
        PacketFault fault = packet.read(all, MARGIN, length);
        if (fault == PacketFault.NONE) {
            Depacketiser depacketiser =
                    Depacketiser.of(
                                    format,
                                    (bytes, offset, count, timestamp, randomAccess, damaged) ->
                                            Objects.checkFromIndexSize(offset, count, bytes.length))
                            .orElseThrow();
            depacketiser.packet(packet);
            depacketiser.packet(packet);
            depacketiser.lost();
            depacketiser.packet(packet);
            depacketiser.flush();
        }
        return fault;
    }

    /** A description is taken or refused with a reason, nothing else. */
    private static PacketFault describe(String text) {
        try {
            SessionDescription.parse(text);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("session description");
        }
        return PacketFault.NONE;
    }

    private record Listener(int end) implements RtcpReader.Handler {

        @Override
        public void senderReport(int ssrc, long ntp, int timestamp, long packets, long octets) {
            assertThat(packets).isNotNegative();
        }

        @Override
        public void bye(int ssrc) {
            // Any number is one.
        }

        @Override
        public void canonicalName(int ssrc, byte[] bytes, int offset, int length) {
            assertThat(offset + length).isLessThanOrEqualTo(end);
        }
    }

    private static String kind(Path seed) {
        String name = seed.getFileName().toString();
        return name.substring(0, name.indexOf('-'));
    }

    private static byte[] bytes(Path seed) throws IOException {
        return seed.toString().endsWith(".sdp")
                ? Files.readAllBytes(seed)
                : WireBytes.wire(Files.readAllLines(seed).toArray(String[]::new));
    }

    private static List<Path> seeds(String kind) throws IOException, URISyntaxException {
        Path directory =
                Path.of(
                        Objects.requireNonNull(
                                        MalformedInputProperties.class.getResource(
                                                "/live/mirror/rtp/corpus"))
                                .toURI());
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith(kind))
                    .sorted()
                    .toList();
        }
    }
}
