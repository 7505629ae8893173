package live.mirror.rtp.fec;

import static live.mirror.rtp.WireBytes.wire;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.rtp.PacketFault;
import live.mirror.rtp.WireBytes;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

class ParityDecoderTest {

    private static final int SLOT = 1500;

    private long firstInTime;
    private final Map<Long, byte[]> recovered = new HashMap<>();
    private final ParityDecoder decoder =
            new ParityDecoder(
                    SLOT,
                    (bytes, offset, length, sequence) -> {
                        recovered.put(sequence, Arrays.copyOfRange(bytes, offset, offset + length));
                        return sequence >= firstInTime;
                    });

    @Test
    void aColumnOfFourIsSolvedByHand() {
        byte[] a = wire("80 21 ff fe 00 00 00 10 00 00 00 07 | header, 65534", "01 02 03 04");
        byte[] c = wire("80 21 00 00 00 00 00 30 00 00 00 07 | header, 0", "ff 00 ff");
        byte[] d = wire("80 21 00 01 00 00 00 40 00 00 00 07 | header, 1", "11 22 33 44");
        byte[] parity =
                wire(
                        "80          | V=2, parity of P X CC",
                        "e0          | parity of M: one was set; PT 96",
                        "00 05 00 00 00 00 00 00 00 00",
                        "ff fe       | base",
                        "00 06       | lengths 4 ^ 5 ^ 3 ^ 4",
                        "80          | E=1, parity of PT: four times 33",
                        "00 00 00    | mask",
                        "00 00 00 40 | timestamps 10 ^ 20 ^ 30 ^ 40",
                        "00          | X=0, column, XOR",
                        "01 04       | offset 1, four packets",
                        "00          | base, high",
                        "45 9b 03 9d ee | 01^aa^ff^11, 02^bb^00^22, 03^cc^ff^33, 04^dd^44, ee");
        byte[] b =
                wire(
                        "80 a1 ff ff 00 00 00 20 00 00 00 07 | header, 65535, marker set",
                        "aa bb cc dd ee");

        decoder.media(a, 0, a.length, 131_070);
        decoder.media(c, 0, c.length, 131_072);
        decoder.media(d, 0, d.length, 131_073);
        assertThat(decoder.parity(parity, 0, parity.length)).isEqualTo(PacketFault.NONE);
        assertThat(recovered.get(131_071L)).isEqualTo(b);
    }

    @Test
    void whatIsStillOnItsWayIsNotRecoveredEarly() {
        List<byte[]> matrix = matrix(new Random(1), 0, 4, 4);
        for (int i = 0; i < 3; i++) {
            give(matrix, i);
        }
        parity(MatrixEncoder.row(matrix, 4, 0));
        assertThat(recovered).isEmpty();
        decoder.settle();
        assertThat(recovered.get(65_539L)).isEqualTo(matrix.get(3));
    }

    @Test
    void whatIsRecoveredTooLateIsNotCounted() {
        List<byte[]> matrix = matrix(new Random(3), 0, 4, 4);
        for (int i = 0; i < matrix.size(); i++) {
            if (i != 1 && i != 6) {
                give(matrix, i);
            }
        }
        firstInTime = first(matrix) + 4;
        parity(MatrixEncoder.row(matrix, 4, 0));
        assertThat(decoder.recoveredCount()).isZero();
        parity(MatrixEncoder.row(matrix, 4, 1));
        assertThat(decoder.recoveredCount()).isOne();
    }

    /** Some losses need rows and columns in turn: here every row and column but one has two. */
    @Test
    void aStairOfLossesIsSolvedStepByStep() {
        int side = 5;
        List<byte[]> matrix = matrix(new Random(2), 65_530, side, side);
        boolean[] lost = new boolean[side * side];
        for (int i = 0; i < side; i++) {
            lost[i * side + i] = true;
            if (i + 1 < side) {
                lost[i * side + i + 1] = true;
            }
        }
        for (int i = 0; i < matrix.size(); i++) {
            if (!lost[i]) {
                give(matrix, i);
            }
        }
        for (int i = 0; i < side; i++) {
            parity(MatrixEncoder.column(matrix, side, i));
            parity(MatrixEncoder.row(matrix, side, i));
        }
        decoder.settle();
        assertThat(recovered).hasSize(2 * side - 1);
        recovered.forEach((sequence, packet) ->
                assertThat(packet).isEqualTo(matrix.get((int) (sequence - first(matrix)))));
    }

    @Property(tries = 300)
    void recoversExactlyWhatTheMatrixAllows(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 20) int columns,
            @ForAll @IntRange(min = 4, max = 20) int depth,
            @ForAll @IntRange(min = 0, max = 40) int lossPercent,
            @ForAll boolean twoDirections) {
        int rows = Math.max(4, Math.min(depth, 100 / columns));
        Random random = new Random(seed);
        recovered.clear();
        decoder.forget();
        List<byte[]> matrix = matrix(random, random.nextInt(65_536), columns, rows);
        boolean[] lost = new boolean[matrix.size()];
        for (int i = 1; i < lost.length; i++) {
            lost[i] = random.nextInt(100) < lossPercent;
        }
        List<byte[]> parities = new ArrayList<>();
        for (int column = 0; column < columns; column++) {
            parities.add(MatrixEncoder.column(matrix, columns, column));
        }
        for (int row = 0; twoDirections && row < rows; row++) {
            parities.add(MatrixEncoder.row(matrix, columns, row));
        }
        java.util.Collections.shuffle(parities, random);
        for (int i = 0; i < matrix.size(); i++) {
            if (!lost[i]) {
                give(matrix, i);
            }
        }
        parities.forEach(this::parity);
        decoder.settle();

        boolean[] unsolved = unsolvable(lost, columns, rows, twoDirections);
        for (int i = 0; i < lost.length; i++) {
            byte[] packet = recovered.get(first(matrix) + i);
            if (!lost[i] || unsolved[i]) {
                assertThat(packet).isNull();
            } else {
                assertThat(packet).isEqualTo(matrix.get(i));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "24, 80, 4",
        "24, 01, 4",
        "25, 00, 4",
        "25, 15, 4",
        "26, 00, 4",
        "26, 15, 4",
        "17, 01, 4"
    })
    void aHeaderThatCantBeIsRefused(int at, String value, int columns) {
        byte[] parity = MatrixEncoder.column(matrix(new Random(3), 0, columns, 4), columns, 0);
        parity[at] = (byte) Integer.parseInt(value, 16);
        assertThat(decoder.parity(parity, 0, parity.length)).isEqualTo(PacketFault.FEC_HEADER);
    }

    @Property(tries = 2000)
    void anyBytesAreHarmless(@ForAll @Size(max = 60) byte[] bytes, @ForAll short sequence) {
        decoder.media(WireBytes.rtp(33, sequence, 0, 1, bytes), 0, 12 + bytes.length, 65_536L);
        if (bytes.length > 27) {
            bytes[0] = (byte) 0x80;
            bytes[24] &= 0x40;
            Arrays.fill(bytes, 17, 20, (byte) 0);
        }
        decoder.parity(bytes, 0, bytes.length);
        decoder.settle();
    }

    /** Erases by the rules, on booleans only: a row or column with one hole closes it. */
    private static boolean[] unsolvable(boolean[] lost, int columns, int rows, boolean both) {
        boolean[] open = lost.clone();
        boolean progress = true;
        while (progress) {
            progress = false;
            for (int column = 0; column < columns; column++) {
                progress |= close(open, column, columns, rows);
            }
            for (int row = 0; both && row < rows; row++) {
                progress |= close(open, row * columns, 1, columns);
            }
        }
        return open;
    }

    private static boolean close(boolean[] open, int from, int step, int count) {
        int hole = -1;
        int holes = 0;
        for (int i = 0; i < count; i++) {
            if (open[from + i * step]) {
                hole = from + i * step;
                holes++;
            }
        }
        if (holes == 1) {
            open[hole] = false;
        }
        return holes == 1;
    }

    private static long first(List<byte[]> matrix) {
        return 65_536L + ((matrix.getFirst()[2] & 0xff) << 8 | (matrix.getFirst()[3] & 0xff));
    }

    private static List<byte[]> matrix(Random random, int first, int columns, int rows) {
        List<byte[]> matrix = new ArrayList<>();
        for (int i = 0; i < columns * rows; i++) {
            byte[] payload = new byte[188 * (1 + random.nextInt(7))];
            random.nextBytes(payload);
            int type = random.nextBoolean() ? 33 : 33 | 0x80;
            matrix.add(WireBytes.rtp(type, (first + i) & 0xffff, random.nextInt(), 7, payload));
        }
        return matrix;
    }

    private void give(List<byte[]> matrix, int index) {
        byte[] packet = matrix.get(index);
        decoder.media(packet, 0, packet.length, first(matrix) + index);
    }

    private void parity(byte[] packet) {
        assertThat(decoder.parity(packet, 0, packet.length)).isEqualTo(PacketFault.NONE);
    }
}
