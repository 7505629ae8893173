package live.mirror.control.connection;

import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.http1.Http1Connection;

/**
 * HTTP/1.1, where one thread reads a request and answers it. Reading between two requests, it waits
 * for nothing that is owed; reading anywhere else, for the rest of the request that began last.
 */
final class Http1Progress implements Progress {

    private final Http1Connection served;
    private final DataReader reader;
    private boolean begun;
    private boolean last;
    private long sinceNs;

    /**
     * For a new connection.
     *
     * @param acceptedNs since when its first request is owed
     * @param served Helidon's
     * @param reader what that one reads from
     */
    Http1Progress(long acceptedNs, Http1Connection served, DataReader reader) {
        this.served = served;
        this.reader = reader;
        sinceNs = acceptedNs;
    }

    /** The first line of a request is here. */
    void requestBegan(long nowNs) {
        if (begun) {
            sinceNs = nowNs;
        }
        begun = true;
    }

    /** Its headers are here; {@code asksForEnd} if they ask for the end of the connection. */
    void headersCame(boolean asksForEnd) {
        last = asksForEnd;
    }

    /**
     * The answer begins, and is the last one if either side says so (RFC 9112, 9.6); Helidon 4.4.0
     * would read on. Where it could not read a first line it ends by itself.
     */
    void answerBegins(boolean saysItIsLast) {
        if ((last || saysItIsLast) && !served.canInterrupt()) {
            served.close(false);
        }
    }

    @Override
    public long owedSinceNs(long nowNs) {
        if (begun && served.canInterrupt() && reader.available() == 0) {
            sinceNs = 0;
        } else if (sinceNs == 0) {
            sinceNs = nowNs;
        }
        return sinceNs;
    }

    @Override
    public byte[] received(byte[] bytes, long nowNs) {
        return bytes;
    }
}
