package live.mirror.receive.rtp;

/** What a datagram is, by the socket it came through. */
enum Channel {
    MEDIA(0),
    RTCP(1),
    FEC_COLUMN(2),
    FEC_ROW(3);

    private final byte code;

    Channel(int code) {
        this.code = (byte) code;
    }

    /** As a backlog keeps it. */
    byte code() {
        return code;
    }

    static Channel of(byte code) {
        return switch (code) {
            case 0 -> MEDIA;
            case 1 -> RTCP;
            case 2 -> FEC_COLUMN;
            case 3 -> FEC_ROW;
            default -> throw new IllegalArgumentException("no channel has the code " + code);
        };
    }
}
