package live.mirror.control.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.StringValue;

import io.grpc.StatusRuntimeException;

import live.mirror.v1.KeptReport;
import live.mirror.v1.KeptStream;
import live.mirror.v1.ReportRequest;
import live.mirror.v1.StreamMetadata;
import live.mirror.v1.StreamReport;
import live.mirror.v1.StreamStats;
import live.mirror.v1.StreamStatus;

import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

class KeptReportsTest {

    /** Messages that the control plane reads as the bytes that they came as. */
    private static final List<String> KEPT = List.of("streams", "stats", "metadata");

    private static final StreamReport REPORT =
            StreamReport.newBuilder()
                    .setStreamId("cam/1")
                    .setEpoch(1L << 40)
                    .setStatus(StreamStatus.STREAM_STATUS_ACTIVE)
                    .setStats(StreamStats.newBuilder().setBytes(7).setBitrateBps(9_900_000))
                    .setMetadata(StreamMetadata.newBuilder().setSource("192.0.2.1:5000"))
                    .setSilentMs(300)
                    .build();

    @Test
    void whatIsKeptHasTheFieldsOfWhatIsReported() {
        assertThat(fields(KeptReport.getDescriptor()))
                .isEqualTo(fields(ReportRequest.getDescriptor()));
        assertThat(fields(KeptStream.getDescriptor()))
                .isEqualTo(fields(StreamReport.getDescriptor()));
    }

    @Test
    void ofAStreamIsReadWhatAdmissionAsks() {
        KeptStream stream = KeptReports.stream(REPORT.toByteString());
        assertThat(KeptReports.bitrateBps(stream)).isEqualTo(9_900_000);
        assertThat(KeptReports.full(stream)).isEqualTo(REPORT);
    }

    @Test
    void figuresThatCantBeReadCostTheStreamNothingElse() {
        // Of one byte, which begins a field and ends.
        KeptStream stream =
                KeptStream.newBuilder()
                        .setStreamId("cam/1")
                        .setStats(ByteString.copyFrom(new byte[] {8}))
                        .build();
        assertThat(KeptReports.bitrateBps(stream)).isZero();
        assertThat(KeptReports.full(stream).getStreamId()).isEqualTo("cam/1");
    }

    @Test
    void whatIsNoReportOfAStreamIsRefused() {
        ByteString cut = REPORT.toByteString().substring(0, 3);
        Assertions.assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> KeptReports.stream(cut))
                .withMessageContaining("no ReportRequest");
    }

    @Test
    void theLatestReportIsWrittenOverByALaterOneAlone() {
        LatestReport latest = new LatestReport();
        Instant at = Instant.ofEpochSecond(100);
        latest.keep(report(REPORT, REPORT.toBuilder().setStreamId("cam/2").build()), at, at, true);
        assertThat(stream(latest, "cam/2")).isPresent();

        latest.keep(report(REPORT), at.plusSeconds(1), at, true);
        assertThat(stream(latest, "cam/1")).contains(REPORT);
        assertThat(stream(latest, "cam/2")).isEmpty();

        latest.keep(report(), at, at.plusSeconds(2), false);
        assertThat(stream(latest, "cam/1")).as("an older one of a replica").contains(REPORT);
        assertThat(latest.isOwn()).isTrue();

        latest.keep(report(), at.plusSeconds(3), at, true);
        assertThat(stream(latest, "cam/1")).isEmpty();
    }

    private static KeptReport report(StreamReport... streams) {
        KeptReport.Builder report = KeptReport.newBuilder().setWorkerId("w1");
        List.of(streams).forEach(stream -> report.addStreams(stream.toByteString()));
        return report.build();
    }

    private static Optional<StreamReport> stream(LatestReport latest, String id) {
        return latest.read((report, _) ->
                report.getStreamsList().stream()
                        .map(KeptReports::stream)
                        .filter(stream -> stream.getStreamId().equals(id))
                        .findFirst()
                        .map(KeptReports::full));
    }

    private static String fields(Descriptor message) {
        return message.getFields().stream()
                .map(KeptReportsTest::field)
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    private static String field(FieldDescriptor field) {
        String type =
                KEPT.contains(field.getName())
                        ? "kept"
                        : field.getType() == FieldDescriptor.Type.MESSAGE
                                ? field.getMessageType().getFullName()
                                : field.getType().name();
        return field.getNumber() + " " + field.getName() + " " + type + " " + field.isRepeated();
    }

    @Test
    void aTextThatIsTooLongIsRefusedWithItsName() {
        Texts.requireBounded(StringValue.of("a".repeat(Texts.LIMIT)));
        Assertions.assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> Texts.requireBounded(StringValue.of("a".repeat(Texts.LIMIT + 1))))
                .withMessageContaining("value: 1024 characters at most, found 1025");
    }
}
