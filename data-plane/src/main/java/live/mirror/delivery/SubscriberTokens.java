package live.mirror.delivery;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;

import live.mirror.contract.BearerToken;
import live.mirror.contract.Reasons;
import live.mirror.v1.Reason;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;

/**
 * Lets in who shows one of the tokens that stand in a file. Calls come on the event loops, {@link
 * #renew} on a thread that may block.
 */
final class SubscriberTokens implements ServerInterceptor {

    private static final Pattern TOKEN = Pattern.compile("[!-~]{16,1024}");

    private final Path file;
    private final LongAdder refused;

    /** Written by the renewing thread. */
    private volatile List<byte[]> tokens;

    SubscriberTokens(Path file, LongAdder refused) {
        this.file = file;
        this.refused = refused;
        tokens = read(file).orElseThrow();
    }

    /** Takes what stands in the file now. */
    void renew() {
        tokens =
                read(file)
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        file + " holds no tokens, or something else"));
    }

    /** The tokens in a file, one a line; empty when there is none, or anything that is none. */
    static Optional<List<byte[]>> read(Path file) {
        try {
            List<String> lines =
                    Files.readAllLines(file).stream()
                            .map(String::strip)
                            .filter(line -> !line.isEmpty())
                            .toList();
            return lines.isEmpty() || !lines.stream().allMatch(TOKEN.asMatchPredicate())
                    ? Optional.empty()
                    : Optional.of(
                            lines.stream()
                                    .map(line -> line.getBytes(StandardCharsets.US_ASCII))
                                    .toList());
        } catch (IOException e) {
            // What follows from that is for the caller to tell.
            return Optional.empty();
        }
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (BearerToken.shown(headers).filter(this::knows).isPresent()) {
            return next.startCall(call, headers);
        }
        refused.increment();
        StatusRuntimeException refusal =
                Reasons.grpcError(
                        Reason.REASON_UNAUTHORIZED,
                        "no or a wrong token: authorization: Bearer TOKEN is wanted");
        Metadata trailers = refusal.getTrailers();
        call.close(refusal.getStatus(), trailers == null ? new Metadata() : trailers);
        return new ServerCall.Listener<>() {};
    }

    /** How long it takes says nothing about the tokens but their lengths. */
    private boolean knows(String token) {
        byte[] shown = token.getBytes(StandardCharsets.US_ASCII);
        boolean known = false;
        for (byte[] each : tokens) {
            known |= MessageDigest.isEqual(each, shown);
        }
        return known;
    }
}
