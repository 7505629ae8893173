package live.mirror.delivery;

import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;

import live.mirror.v1.DeliveryServiceGrpc;
import live.mirror.v1.SubscribeRequest;
import live.mirror.v1.SubscribeResponse;

import java.io.InputStream;

/** {@code Subscribe} as the .proto has it, with our own way of encoding media. */
final class DeliveryMethod {

    private static final MethodDescriptor<SubscribeRequest, SubscribeResponse> GENERATED =
            DeliveryServiceGrpc.getSubscribeMethod();

    static final MethodDescriptor<SubscribeRequest, Outgoing> SUBSCRIBE =
            GENERATED.toBuilder(
                            ProtoUtils.marshaller(SubscribeRequest.getDefaultInstance()),
                            new OutgoingMarshaller())
                    .build();

    private DeliveryMethod() {}

    private static final class OutgoingMarshaller implements MethodDescriptor.Marshaller<Outgoing> {

        @Override
        public InputStream stream(Outgoing value) {
            return switch (value) {
                case Outgoing.Event(SubscribeResponse message) ->
                        GENERATED.getResponseMarshaller().stream(message);
                case Outgoing.Media(ChunkEncoder chunk) -> chunk;
            };
        }

        @Override
        public Outgoing parse(InputStream stream) {
            return new Outgoing.Event(GENERATED.getResponseMarshaller().parse(stream));
        }
    }
}
