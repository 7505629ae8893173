package live.mirror.contract;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

import live.mirror.v1.Reason;
import live.mirror.v1.ReasonCodes;
import live.mirror.v1.ReasonProto;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Reads the one table of reasons, which stands as options in {@code reason.proto}. */
public final class Reasons {

    /** The domain of every {@link ErrorInfo} of ours. */
    public static final String DOMAIN = "mirror.live";

    private static final String PREFIX = "REASON_";
    private static final Map<Reason, ReasonCodes> CODES = new EnumMap<>(Reason.class);

    static {
        for (Reason reason : Reason.values()) {
            if (reason != Reason.UNRECOGNIZED) {
                CODES.put(
                        reason,
                        reason.getValueDescriptor().getOptions().getExtension(ReasonProto.codes));
            }
        }
    }

    private Reasons() {}

    /**
     * The reason's name as people and machines read it: {@code CAPACITY}, not {@code
     * REASON_CAPACITY}.
     */
    public static String name(Reason reason) {
        return reason.name().substring(PREFIX.length());
    }

    /**
     * libsrt's reject reason as its API shows it, for instance 1402; 0 when SRT never tells this
     * reason.
     */
    public static int srtCode(Reason reason) {
        return codes(reason).getSrt();
    }

    /** HTTP status of the problem document. */
    public static int httpStatus(Reason reason) {
        int status = codes(reason).getHttp();
        return status == 0 ? 500 : status;
    }

    /**
     * The error that a gRPC call ends with: status code by the table, and an {@link ErrorInfo} with
     * the name.
     */
    public static StatusRuntimeException grpcError(Reason reason, String detail) {
        return StatusProto.toStatusRuntimeException(
                com.google.rpc.Status.newBuilder()
                        .setCode(
                                codes(reason).getGrpc() == 0
                                        ? Status.Code.INTERNAL.value()
                                        : codes(reason).getGrpc())
                        .setMessage(detail)
                        .addDetails(
                                Any.pack(
                                        ErrorInfo.newBuilder()
                                                .setReason(name(reason))
                                                .setDomain(DOMAIN)
                                                .build()))
                        .build());
    }

    /** The reason inside a gRPC error, or empty when the error does not come from Mirror. */
    public static Optional<Reason> of(Throwable error) {
        com.google.rpc.Status status = StatusProto.fromThrowable(error);
        if (status == null) {
            return Optional.empty();
        }
        return status.getDetailsList().stream()
                .filter(any -> any.is(ErrorInfo.class))
                .map(Reasons::unpack)
                .filter(info -> info.getDomain().equals(DOMAIN))
                .flatMap(info ->
                        Arrays.stream(Reason.values())
                                .filter(reason -> reason.name().equals(PREFIX + info.getReason())))
                .findFirst();
    }

    private static ErrorInfo unpack(Any any) {
        try {
            return any.unpack(ErrorInfo.class);
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            // A peer's malformed detail is the same as none.
            return ErrorInfo.getDefaultInstance();
        }
    }

    private static ReasonCodes codes(Reason reason) {
        return CODES.getOrDefault(reason, ReasonCodes.getDefaultInstance());
    }
}
