package live.mirror.control.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.StringValue;

import io.grpc.StatusRuntimeException;

import live.mirror.v1.KeptReport;
import live.mirror.v1.KeptStream;
import live.mirror.v1.ReportRequest;
import live.mirror.v1.StreamReport;

import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.stream.Collectors;

class KeptReportsTest {

    /** Messages that the control plane keeps as the bytes that they came as, or in a twin. */
    private static final List<String> KEPT = List.of("streams", "stats", "metadata");

    @Test
    void whatIsKeptHasTheFieldsOfWhatIsReported() {
        assertThat(fields(KeptReport.getDescriptor()))
                .isEqualTo(fields(ReportRequest.getDescriptor()));
        assertThat(fields(KeptStream.getDescriptor()))
                .isEqualTo(fields(StreamReport.getDescriptor()));
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
