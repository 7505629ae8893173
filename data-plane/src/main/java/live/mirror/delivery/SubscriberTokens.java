package live.mirror.delivery;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;

import live.mirror.contract.BearerToken;
import live.mirror.contract.Reasons;
import live.mirror.settings.TokenFile;
import live.mirror.v1.Reason;

import java.util.concurrent.atomic.LongAdder;

/** Lets in who shows one of the tokens that stand in a file. Calls come on the event loops. */
final class SubscriberTokens implements ServerInterceptor {

    private final TokenFile tokens;
    private final LongAdder refused;

    SubscriberTokens(TokenFile tokens, LongAdder refused) {
        this.tokens = tokens;
        this.refused = refused;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (BearerToken.shown(headers).filter(tokens::knows).isPresent()) {
            return next.startCall(call, headers);
        }
        refused.increment();
        StatusRuntimeException refusal =
                Reasons.grpcError(Reason.REASON_UNAUTHORIZED, BearerToken.WANTED);
        Metadata trailers = refusal.getTrailers();
        call.close(refusal.getStatus(), trailers == null ? new Metadata() : trailers);
        return new ServerCall.Listener<>() {};
    }
}
