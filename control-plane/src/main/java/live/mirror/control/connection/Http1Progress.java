package live.mirror.control.connection;

import java.util.function.BooleanSupplier;

/**
 * HTTP/1.1, where one thread reads a request and answers it. Reading between two requests, it waits
 * for nothing that is owed; reading anywhere else, for the rest of the request that began last.
 */
final class Http1Progress implements Progress {

    private final BooleanSupplier betweenRequests;
    private boolean served;
    private long sinceNs;

    /**
     * For a new connection.
     *
     * @param acceptedNs since when its first request is owed
     * @param betweenRequests whether nothing is here of a request that is not answered
     */
    Http1Progress(long acceptedNs, BooleanSupplier betweenRequests) {
        this.betweenRequests = betweenRequests;
        sinceNs = acceptedNs;
    }

    /** The first line of a request is here. */
    void requestBegan(long nowNs) {
        if (served) {
            sinceNs = nowNs;
        }
        served = true;
    }

    @Override
    public long owedSinceNs(long nowNs) {
        if (served && betweenRequests.getAsBoolean()) {
            sinceNs = 0;
        } else if (sinceNs == 0) {
            sinceNs = nowNs;
        }
        return sinceNs;
    }

    @Override
    public void received(byte[] bytes, long nowNs) {}
}
