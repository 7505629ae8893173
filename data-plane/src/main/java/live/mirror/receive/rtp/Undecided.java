package live.mirror.receive.rtp;

/**
 * Packets of a leg of which nobody knows yet whether they go on in the present count or begin a new
 * one ({@link LegAlignment}). They are kept for as long as legs may be apart, and then older ones
 * have proved nothing. Belongs to the tick thread; holds no memory while all is decided.
 */
final class Undecided {

    /** 450 ms of 600 Mb/s. */
    private static final int MAX_BYTES = 32 << 20;

    private static final int NOBODY = -1;

    private final long apartNs;
    private final Backlog packets = new Backlog(MAX_BYTES);
    private int leg = NOBODY;
    private int count;
    private int first;
    private int last;
    private long sinceNs;

    Undecided(long apartNs) {
        this.apartNs = apartNs;
    }

    /**
     * Keeps a copy of a leg's packet.
     *
     * @return how many packets are dropped for it, or it itself when there is no room
     */
    int keep(byte[] bytes, int offset, int length, int sequence, long arrivalNs, int packetLeg) {
        int dropped = 0;
        if (leg != packetLeg || arrivalNs - sinceNs > apartNs) {
            dropped = forget();
            leg = packetLeg;
            first = sequence;
            sinceNs = arrivalNs;
        }
        if (!packets.add(bytes, offset, length, Channel.MEDIA, packetLeg, arrivalNs)) {
            return dropped + 1;
        }
        count++;
        last = sequence;
        return dropped;
    }

    /** Whether there is something of this leg. */
    boolean isOf(int someLeg) {
        return leg == someLeg;
    }

    /** Whether what is here and a count that begins with this number are the same restart. */
    boolean belongsTo(int sequence, int atMostApart) {
        return leg != NOBODY
                && (short) (sequence - first) > -atMostApart
                && (short) (sequence - last) < atMostApart;
    }

    /** Whether nothing is here. */
    boolean isEmpty() {
        return leg == NOBODY;
    }

    /** Whose the packets are. */
    int leg() {
        return leg;
    }

    /** The number of the first packet. */
    int first() {
        return first;
    }

    /** Drops everything; answers how much that was. */
    int forget() {
        int dropped = count;
        drain((bytes, offset, length, channel, packetLeg, arrivalNs) -> {});
        return dropped;
    }

    /** Hands out everything in the order of its coming. */
    void drain(Backlog.Reader reader) {
        leg = NOBODY;
        count = 0;
        packets.drain(reader);
    }
}
