package live.mirror.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

import live.mirror.v1.Reason;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

class ReasonsTest {

    @Test
    void everyReasonHasAnHttpAndAGrpcCode() {
        assertThat(
                        Arrays.stream(Reason.values())
                                .filter(reason ->
                                        reason != Reason.UNRECOGNIZED
                                                && reason != Reason.REASON_UNSPECIFIED))
                .allSatisfy(reason -> {
                    assertThat(Reasons.httpStatus(reason)).isBetween(400, 599);
                    assertThat(Reasons.grpcError(reason, "x").getStatus().getCode())
                            .isNotIn(Status.Code.OK, Status.Code.UNKNOWN);
                });
    }

    @Test
    void theCodesThatEncodersSeeAreThoseOfTheAccessControlGuide() {
        assertThat(Reasons.srtCode(Reason.REASON_BAD_STREAM_ID)).isEqualTo(1400);
        assertThat(Reasons.srtCode(Reason.REASON_CAPACITY)).isEqualTo(1402);
        assertThat(Reasons.srtCode(Reason.REASON_ALREADY_PUBLISHING)).isEqualTo(1409);
        assertThat(Reasons.srtCode(Reason.REASON_DRAINING)).isEqualTo(1503);
    }

    @Test
    void aReasonTravelsInsideAGrpcError() {
        StatusRuntimeException error =
                Reasons.grpcError(Reason.REASON_CAPACITY, "the cluster is full");
        assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(Reasons.of(error)).contains(Reason.REASON_CAPACITY);
    }

    @Test
    void anErrorOfSomebodyElseHasNoReason() {
        assertThat(Reasons.of(Status.UNAVAILABLE.asRuntimeException())).isEmpty();
    }
}
