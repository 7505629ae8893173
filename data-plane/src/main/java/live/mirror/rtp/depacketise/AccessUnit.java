package live.mirror.rtp.depacketise;

import java.util.Arrays;

/**
 * An access unit while it is put together, as NAL units behind start codes (ITU-T H.264 annex B).
 * Grows to the largest unit seen, up to a bound.
 *
 * <p>Parameter sets that the publisher's description has stand in front of the first unit and of
 * each with which a decoder can begin, until the publisher sends its own.
 */
final class AccessUnit {

    /** A picture at a bitrate beyond reason; below what gRPC takes as one message, 4 MiB. */
    static final int MAX_BYTES = 3 << 20;

    private static final int FIRST_BYTES = 1 << 16;

    private static final int NOWHERE = -1;

    /** What a NAL unit is in its access unit. */
    enum Role {
        /** The access unit delimiter, which stands before all others. */
        DELIMITER,
        /** A sequence parameter set. */
        PARAMETERS,
        /** A slice of a picture with which a decoder can begin. */
        RANDOM_ACCESS,
        /** Anything else. */
        OTHER
    }

    private final Depacketiser.Output output;
    private final byte[] parameterSets;
    private byte[] bytes = new byte[FIRST_BYTES];
    private int length;
    private int parametersAt = NOWHERE;
    private int timestamp;
    private boolean open;
    private boolean randomAccess;
    private boolean damaged;
    private boolean firstGiven;
    private boolean ownParameters;

    /**
     * Holds nothing yet.
     *
     * @param parameterSets of the publisher's description, behind start codes
     */
    AccessUnit(byte[] parameterSets, Depacketiser.Output output) {
        this.parameterSets = parameterSets;
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

    /** A NAL unit begins: its start code. */
    void begin(Role role) {
        switch (role) {
            case DELIMITER, OTHER -> {
                // Nothing follows from it.
            }
            case PARAMETERS -> ownParameters = true;
            case RANDOM_ACCESS -> randomAccess = true;
        }
        if (role != Role.DELIMITER && parametersAt == NOWHERE) {
            parametersAt = length;
        }
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

    void isDamaged() {
        damaged = true;
    }

    boolean isOpen() {
        return open;
    }

    /** Gives the unit, if there is anything in it. */
    void end() {
        if (open && length > 0) {
            if (!ownParameters && (randomAccess || !firstGiven)) {
                insertParameterSets();
            }
            firstGiven = true;
            output.accessUnit(bytes, 0, length, timestamp, randomAccess, damaged);
        }
        open = false;
        length = 0;
        parametersAt = NOWHERE;
        randomAccess = false;
        damaged = false;
    }

    /** Behind the delimiter, before everything else. */
    private void insertParameterSets() {
        int count = parameterSets.length;
        int at = parametersAt == NOWHERE ? length : parametersAt;
        if (count > 0 && room(count)) {
            System.arraycopy(bytes, at, bytes, at + count, length - at);
            System.arraycopy(parameterSets, 0, bytes, at, count);
            length += count;
        }
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
