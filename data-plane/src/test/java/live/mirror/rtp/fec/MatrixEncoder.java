package live.mirror.rtp.fec;

import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * Makes parity packets as the text of SMPTE 2022-1 describes them, without sharing a line with the
 * decoder: over bit strings of whole packets.
 */
public final class MatrixEncoder {

    private MatrixEncoder() {}

    /** The parity of one column. */
    public static byte[] column(List<byte[]> matrix, int columns, int column) {
        int rows = matrix.size() / columns;
        byte[][] members = new byte[rows][];
        for (int row = 0; row < rows; row++) {
            members[row] = matrix.get(row * columns + column);
        }
        return parity(members, columns, false);
    }

    /** The parity of one row. */
    public static byte[] row(List<byte[]> matrix, int columns, int row) {
        byte[][] members = new byte[columns][];
        for (int column = 0; column < columns; column++) {
            members[column] = matrix.get(row * columns + column);
        }
        return parity(members, 1, true);
    }

    private static byte[] parity(byte[][] members, int offset, boolean row) {
        int longest = 0;
        for (byte[] member : members) {
            longest = Math.max(longest, member.length);
        }
        byte[] sum = new byte[longest];
        int lengths = 0;
        for (byte[] member : members) {
            for (int i = 0; i < member.length; i++) {
                sum[i] = (byte) (sum[i] ^ member[i]);
            }
            lengths ^= member.length - 12;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x80 | (sum[0] & 0x3f)); // V=2 and the parity of P, X, CC
        out.write((sum[1] & 0x80) | 96); // parity of M, a dynamic type
        out.writeBytes(new byte[10]); // own sequence, timestamp, SSRC: not looked at
        out.write(members[0][2]); // base sequence
        out.write(members[0][3]);
        out.write(lengths >> 8);
        out.write(lengths);
        out.write(0x80 | (sum[1] & 0x7f)); // E=1, parity of PT
        out.writeBytes(new byte[3]); // mask
        out.write(sum, 4, 4); // parity of the timestamps
        out.write(row ? 0x40 : 0); // X=0, D, type 0, index 0
        out.write(offset);
        out.write(members.length); // NA
        out.write(0); // base, high bits
        out.write(sum, 12, longest - 12);
        return out.toByteArray();
    }
}
