package live.mirror.ring;

/**
 * What one read took out of a ring: whole payloads of one epoch, one after another, in the reader's
 * own array. A break in the media can only stand before the first of them. Reused for each read, by
 * one thread.
 */
public final class Batch {

    final byte[] bytes;
    final int[] payloadBytes;

    int length;
    int payloadCount;
    int flags;
    long epoch;
    long position;
    long packet;
    long arrivalUnixUs;
    long lastArrivalUnixUs;
    long skippedBytes;
    long skippedPackets;
    long gapUs;
    boolean newEpoch;
    boolean acrossRestart;

    /**
     * A batch that holds one payload of any size, or several together.
     *
     * @param capacityBytes at least {@link Ring#MAX_PAYLOAD_BYTES} unless payloads are known to be
     *     smaller
     */
    public Batch(int capacityBytes) {
        bytes = new byte[capacityBytes];
        payloadBytes = new int[Math.max(16, capacityBytes / 188)];
    }

    void clear() {
        length = 0;
        payloadCount = 0;
    }

    /** How many payloads it can hold, however small they are. */
    public int maxPayloads() {
        return payloadBytes.length;
    }

    /** The payloads, from index 0 on. */
    public byte[] bytes() {
        return bytes;
    }

    /** Bytes of all payloads together. */
    public int length() {
        return length;
    }

    /** How many payloads. */
    public int payloadCount() {
        return payloadCount;
    }

    /** Bytes of one payload. */
    public int payloadBytes(int index) {
        return payloadBytes[index];
    }

    /** {@link RecordFlags} of the first payload. */
    public int flags() {
        return flags;
    }

    /** The epoch of all of them. */
    public long epoch() {
        return epoch;
    }

    /** Payload bytes in the ring before the first. */
    public long position() {
        return position;
    }

    /** Packets of the stream before the first, those lost on the way included. */
    public long packet() {
        return packet;
    }

    /** When the first arrived. */
    public long arrivalUnixUs() {
        return arrivalUnixUs;
    }

    /** Bytes that were in the ring between the read before and this one, and not read. */
    public long skippedBytes() {
        return skippedBytes;
    }

    /**
     * Packets between the read before and this one: not read, or lost on the way; negative when not
     * known.
     */
    public long skippedPackets() {
        return skippedPackets;
    }

    /**
     * Time between the arrivals of the last payload before and the first here; 0 when not known.
     */
    public long gapUs() {
        return gapUs;
    }

    /**
     * Whether the source restarted between the read before and this one: then nobody knows what was
     * lost on the way, and {@link #skippedPackets} is only what is known.
     */
    public boolean acrossRestart() {
        return acrossRestart;
    }

    /** Whether the read before was of another epoch. */
    public boolean newEpoch() {
        return newEpoch;
    }
}
