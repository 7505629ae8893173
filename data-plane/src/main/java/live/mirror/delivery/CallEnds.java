package live.mirror.delivery;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;

/**
 * Counts the calls that gRPC itself ends at one of our bounds: the service never hears why. Any
 * event loop.
 */
final class CallEnds extends ServerStreamTracer.Factory {

    // gRPC tells these apart by its words alone; DeliveryLimitsTest holds it to them.
    private static final String TOO_LARGE = "gRPC message exceeds maximum size";
    private static final String SILENT = "Keepalive failed";

    private final ServerStreamTracer tracer;

    CallEnds(DeliveryCounters counters) {
        tracer =
                new ServerStreamTracer() {
                    @Override
                    public void streamClosed(Status status) {
                        String words = status.getDescription();
                        if (words == null) {
                            return;
                        }
                        if (words.startsWith(TOO_LARGE)) {
                            counters.refusedBySize.increment();
                        } else if (words.startsWith(SILENT)) {
                            counters.silent.increment();
                        }
                    }
                };
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return tracer;
    }
}
