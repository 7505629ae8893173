package live.mirror.rtp.depacketise;

import java.util.Arrays;

/**
 * An access unit while it is put together, as NAL units behind start codes (ITU-T H.264 annex B).
 * Grows to the largest unit seen, up to a bound.
 */
final class AccessUnit {

    /** A picture at a bitrate beyond reason; below what gRPC takes as one message, 4 MiB. */
    static final int MAX_BYTES = 3 << 20;

    private static final int FIRST_BYTES = 1 << 16;

    private final Depacketiser.Output output;
    private byte[] bytes = new byte[FIRST_BYTES];
    private int length;
    private int timestamp;
    private boolean open;
    private boolean randomAccess;
    private boolean damaged;

    AccessUnit(Depacketiser.Output output) {
        this.output = output;
    }

    /** A packet of this timestamp comes: another one's unit is complete. */
    void at(int packetTimestamp) {
        if (open && packetTimestamp != timestamp) {
            end();
        }
        timestamp = packetTimestamp;
        open = true;
    }

    void startCode() {
        if (room(4)) {
            bytes[length] = 0;
            bytes[length + 1] = 0;
            bytes[length + 2] = 0;
            bytes[length + 3] = 1;
            length += 4;
        }
    }

    void add(byte value) {
        if (room(1)) {
            bytes[length++] = value;
        }
    }

    void add(byte[] source, int offset, int count) {
        if (room(count)) {
            System.arraycopy(source, offset, bytes, length, count);
            length += count;
        }
    }

    int length() {
        return length;
    }

    /** Takes back what was added behind this length. */
    void truncate(int newLength) {
        length = newLength;
    }

    void isRandomAccess() {
        randomAccess = true;
    }

    void isDamaged() {
        damaged = true;
    }

    boolean isOpen() {
        return open;
    }

    /** Gives the unit, if there is anything in it. */
    void end() {
        if (open && length > 0) {
            output.accessUnit(bytes, 0, length, timestamp, randomAccess, damaged);
        }
        open = false;
        length = 0;
        randomAccess = false;
        damaged = false;
    }

    private boolean room(int count) {
        if (length + count > bytes.length) {
            if (length + count > MAX_BYTES) {
                damaged = true;
                return false;
            }
            bytes = Arrays.copyOf(bytes, Math.min(MAX_BYTES, 2 * (length + count)));
        }
        return true;
    }
}
