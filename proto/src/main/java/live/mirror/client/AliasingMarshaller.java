package live.mirror.client;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

import live.mirror.v1.SubscribeResponse;

import java.io.IOException;
import java.io.InputStream;

/**
 * Parses responses so that a chunk's payload is a view of the bytes as they came, not one copy
 * more.
 */
final class AliasingMarshaller implements MethodDescriptor.Marshaller<SubscribeResponse> {

    private final MethodDescriptor.Marshaller<SubscribeResponse> generated;

    AliasingMarshaller(MethodDescriptor.Marshaller<SubscribeResponse> generated) {
        this.generated = generated;
    }

    @Override
    public InputStream stream(SubscribeResponse value) {
        return generated.stream(value);
    }

    @Override
    public SubscribeResponse parse(InputStream stream) {
        try {
            byte[] bytes =
                    stream instanceof KnownLength
                            ? stream.readNBytes(stream.available())
                            : stream.readAllBytes();
            CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
            in.enableAliasing(true);
            return SubscribeResponse.parseFrom(in);
        } catch (InvalidProtocolBufferException e) {
            throw Status.INTERNAL
                    .withDescription("the worker's answer is no SubscribeResponse")
                    .withCause(e)
                    .asRuntimeException();
        } catch (IOException e) {
            throw Status.INTERNAL
                    .withDescription("the worker's answer can't be read")
                    .withCause(e)
                    .asRuntimeException();
        }
    }
}
