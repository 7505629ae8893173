package live.mirror.worker;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import live.mirror.contract.IpAddress;
import live.mirror.receive.srt.SrtReceiver;
import live.mirror.v1.ExplainIngestResponse;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Answers {@code GET /explain?streamId=…&port=…&source=…} with an {@link ExplainIngestResponse} in
 * protobuf's JSON; the control plane asks it on behalf of an operator. Not for the public: whoever
 * may ask may try keys.
 */
final class ExplainPage implements Handler {

    private final SrtReceiver srt;
    private final String worker;

    ExplainPage(SrtReceiver srt, String worker) {
        this.srt = srt;
        this.worker = worker;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response)
            throws InvalidProtocolBufferException {
        int port;
        InetSocketAddress source;
        try {
            port = Integer.parseInt(query(request, "port", "0"));
            source =
                    new InetSocketAddress(
                            IpAddress.parse(query(request, "source", "127.0.0.1")), 0);
        } catch (IllegalArgumentException e) {
            response.status(Status.BAD_REQUEST_400).send("port: a number; source: an IP address");
            return;
        }
        Optional<ExplainIngestResponse> explained =
                srt.explain(query(request, "streamId", ""), port, source);
        if (explained.isEmpty()) {
            response.status(Status.NOT_FOUND_404)
                    .send("the worker does not take SRT at port " + port);
            return;
        }
        response.header(HeaderNames.CONTENT_TYPE, "application/json");
        response.send(
                JsonFormat.printer().print(explained.get().toBuilder().setWorker(worker).build()));
    }

    private static String query(ServerRequest request, String name, String fallback) {
        return request.query().contains(name) && !request.query().get(name).isEmpty()
                ? request.query().get(name)
                : fallback;
    }
}
