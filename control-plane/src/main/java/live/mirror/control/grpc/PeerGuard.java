package live.mirror.control.grpc;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.grpc.GrpcConnectionContext;
import io.helidon.webserver.grpc.ServerContextKeys;

import live.mirror.contract.Reasons;
import live.mirror.v1.Reason;
import live.mirror.v1.ReplicaServiceGrpc;

import org.jspecify.annotations.Nullable;

import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Holds each call on the link against the certificate of who makes it: a worker speaks for itself
 * alone, and only a control plane asks what replicas ask each other. Who somebody is stands in the
 * certificate as a URI, in the form of SPIFFE: {@code spiffe://mirror/worker/<id>} or {@code
 * spiffe://mirror/control-plane}. Behind the {@link GrpcGuard}, which turns what is thrown here
 * into an answer.
 */
public final class PeerGuard implements ServerInterceptor {

    private static final String WORKER = "spiffe://mirror/worker/";
    private static final String CONTROL_PLANE = "spiffe://mirror/control-plane";

    /** RFC 5280, 4.2.1.6: the choice uniformResourceIdentifier of GeneralName. */
    private static final int URI = 6;

    /** For a listener that asks every peer for a certificate. */
    public PeerGuard() {}

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        List<String> names = names();
        if (ReplicaServiceGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName())) {
            require(names.contains(CONTROL_PLANE), names, CONTROL_PLANE);
            return next.startCall(call, headers);
        }
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            @Override
            public void onMessage(Q message) {
                String name = WORKER + workerOf(message);
                require(names.contains(name), names, name);
                super.onMessage(message);
            }
        };
    }

    private static void require(boolean holds, List<String> names, String wanted) {
        if (!holds) {
            throw Reasons.grpcError(
                    Reason.REASON_FORBIDDEN,
                    "the certificate names " + names + ", and this call takes " + wanted);
        }
    }

    /** Whom the message speaks for; a message that does not say so is nobody's. */
    private static String workerOf(Object message) {
        if (!(message instanceof Message request)) {
            return "";
        }
        FieldDescriptor worker = request.getDescriptorForType().findFieldByName("worker_id");
        return worker == null ? "" : (String) request.getField(worker);
    }

    private static List<String> names() {
        @Nullable GrpcConnectionContext connection = ServerContextKeys.CONNECTION_CONTEXT.get();
        return Optional.ofNullable(connection)
                .map(GrpcConnectionContext::remotePeer)
                .flatMap(PeerInfo::tlsCertificates)
                .flatMap(certificates -> Stream.of(certificates).findFirst())
                .map(PeerGuard::uris)
                .orElse(List.of());
    }

    private static List<String> uris(Certificate certificate) {
        try {
            return certificate instanceof X509Certificate x509
                            && x509.getSubjectAlternativeNames() != null
                    ? x509.getSubjectAlternativeNames().stream()
                            .filter(name -> name.get(0).equals(URI))
                            .map(name -> (String) name.get(1))
                            .toList()
                    : List.of();
        } catch (CertificateParsingException e) {
            // It names nobody, then.
            return List.of();
        }
    }
}
