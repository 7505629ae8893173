package live.mirror.control.api;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

import live.mirror.contract.BearerToken;
import live.mirror.contract.Reasons;
import live.mirror.settings.FileRenewal;
import live.mirror.settings.TokenFile;
import live.mirror.v1.Reason;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Asks who calls the API for a token (RFC 6750), by HTTP and by gRPC: an operator's lets do
 * everything, a viewer's lets read. Renewed files are in use without a restart. Calls come on their
 * own threads.
 */
public final class Access implements Filter, ServerInterceptor, AutoCloseable {

    private final boolean asks;
    private final Optional<TokenFile> operators;
    private final Optional<TokenFile> viewers;
    private final LongAdder refused = new LongAdder();
    private final List<FileRenewal> renewals = new ArrayList<>();

    /** As the settings have it. */
    public Access(AccessSettings settings) {
        asks = settings.asks();
        operators = settings.tokenFile().map(this::open);
        viewers = settings.viewerTokenFile().map(this::open);
    }

    private TokenFile open(Path file) {
        TokenFile tokens = new TokenFile(file);
        renewals.add(new FileRenewal(List.of(file), tokens::renew));
        return tokens;
    }

    /** Whether it asks at all. */
    boolean asks() {
        return asks;
    }

    /** How many calls were refused. */
    public long refused() {
        return refused.sum();
    }

    /** Why this call is refused, if it is. */
    private Optional<ApiException> refusal(Optional<String> token, boolean reads) {
        if (!asks || knows(operators, token) || (reads && knows(viewers, token))) {
            return Optional.empty();
        }
        refused.increment();
        return Optional.of(
                knows(viewers, token)
                        ? new ApiException(
                                Reason.REASON_FORBIDDEN, "this token lets read, and nothing else")
                        : new ApiException(Reason.REASON_UNAUTHORIZED, BearerToken.WANTED));
    }

    private static boolean knows(Optional<TokenFile> tokens, Optional<String> token) {
        return tokens.isPresent() && token.filter(tokens.get()::knows).isPresent();
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        Optional<ApiException> refusal =
                request.path().path().equals(HttpApi.OPENAPI)
                        ? Optional.empty()
                        : refusal(
                                request.headers()
                                        .first(HeaderNames.AUTHORIZATION)
                                        .flatMap(BearerToken::shown),
                                isSafe(request.prologue().method()));
        if (refusal.isEmpty()) {
            chain.proceed();
            return;
        }
        if (refusal.get().reason() == Reason.REASON_UNAUTHORIZED) {
            response.header(HeaderNames.WWW_AUTHENTICATE, "Bearer realm=\"mirror\"");
        }
        Problems.send(response, refusal.get().reason(), refusal.get().detail());
    }

    private static boolean isSafe(Method method) {
        return method.equals(Method.GET) || method.equals(Method.HEAD);
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Optional<ApiException> refusal =
                refusal(BearerToken.shown(headers), call.getMethodDescriptor().isSafe());
        if (refusal.isPresent()) {
            throw Reasons.grpcError(refusal.get().reason(), refusal.get().detail());
        }
        return next.startCall(call, headers);
    }

    @Override
    public void close() {
        renewals.forEach(FileRenewal::close);
    }
}
