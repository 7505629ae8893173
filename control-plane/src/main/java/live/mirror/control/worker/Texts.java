package live.mirror.control.worker;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;

import live.mirror.contract.Reasons;
import live.mirror.v1.Reason;

import java.util.List;
import java.util.Map;

/** Bounds the texts of workers' requests, which end up in the registry's records. Pure. */
final class Texts {

    /** Twice the longest stream id that SRT lets through; no text of ours comes near. */
    static final int LIMIT = 1_024;

    private Texts() {}

    /** Throws INVALID_REQUEST with the name of a field whose text is too long. */
    static void requireBounded(Message message) {
        for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
            if (field.getValue() instanceof List<?> values) {
                values.forEach(value -> requireBounded(field.getKey(), value));
            } else {
                requireBounded(field.getKey(), field.getValue());
            }
        }
    }

    private static void requireBounded(FieldDescriptor field, Object value) {
        int length =
                switch (value) {
                    case String text -> text.length();
                    case ByteString bytes -> bytes.size();
                    default -> 0;
                };
        if (length > LIMIT) {
            throw Reasons.grpcError(
                    Reason.REASON_INVALID_REQUEST,
                    field.getName() + ": " + LIMIT + " characters at most, found " + length);
        }
        if (value instanceof Message message) {
            requireBounded(message);
        }
    }
}
