package live.mirror.receive.srt;

/** The SRT library refused to do something; the message says what and why. */
public final class SrtException extends RuntimeException {

    private final int rejectReason;

    /** Something failed. */
    public SrtException(String message) {
        this(message, 0);
    }

    /** A call was refused by its peer, with this reject reason as libsrt's API shows it. */
    public SrtException(String message, int rejectReason) {
        super(message);
        this.rejectReason = rejectReason;
    }

    /** Why the peer refused; 0 when nobody did. */
    public int rejectReason() {
        return rejectReason;
    }
}
