package live.mirror.delivery;

import com.google.protobuf.CodedOutputStream;

import io.grpc.Drainable;
import io.grpc.KnownLength;

import live.mirror.ring.Batch;
import live.mirror.ring.RecordFlags;
import live.mirror.v1.Chunk;
import live.mirror.v1.PayloadKind;
import live.mirror.v1.SubscribeResponse;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * Writes a batch as {@code SubscribeResponse{chunk}}, byte for byte what the generated code could
 * write, without making an object or copying the media once more. Belongs to one event loop.
 *
 * <p>An {@link InputStream} because gRPC asks its marshallers for one; gRPC's framer sees {@link
 * Drainable} and {@link KnownLength} and never reads from it.
 */
@SuppressWarnings("InputStreamSlowMultibyteRead") // Drained, never read.
final class ChunkEncoder extends InputStream implements Drainable, KnownLength {

    /** All fields but the payload and the edges, with their tags, at their longest. */
    private static final int MAX_FIXED_BYTES = 96;

    /** A payload's length takes three bytes at most: 65,536 has 17 bits. */
    private static final int MAX_EDGE_BYTES = 3;

    private final byte[] head;
    private final Batch batch;
    private int headBytes;

    ChunkEncoder(Batch batch) {
        this.batch = batch;
        head = new byte[MAX_FIXED_BYTES + MAX_EDGE_BYTES * batch.maxPayloads()];
    }

    /** Encodes what is in the batch now; the media itself is read when gRPC drains. */
    void encode() {
        boolean edges = (batch.flags() & RecordFlags.EDGES) != 0;
        int edgesBytes = edges ? edgesBytes() : 0;
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(head);
            int chunkBytes = fieldsBytes(edgesBytes) + payloadTagBytes() + batch.length();
            out.writeTag(SubscribeResponse.CHUNK_FIELD_NUMBER, 2);
            out.writeUInt32NoTag(chunkBytes);
            writeFields(out, edges, edgesBytes);
            out.writeTag(Chunk.PAYLOAD_FIELD_NUMBER, 2);
            out.writeUInt32NoTag(batch.length());
            headBytes = out.getTotalBytesWritten();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void writeFields(CodedOutputStream out, boolean edges, int edgesBytes)
            throws IOException {
        out.writeInt64(Chunk.EPOCH_FIELD_NUMBER, batch.epoch());
        out.writeInt64(Chunk.POSITION_FIELD_NUMBER, batch.position());
        out.writeInt64(Chunk.ARRIVAL_UNIX_US_FIELD_NUMBER, batch.arrivalUnixUs());
        out.writeInt64(Chunk.PACKET_FIELD_NUMBER, batch.packet());
        out.writeInt32(Chunk.PACKET_COUNT_FIELD_NUMBER, batch.payloadCount());
        out.writeEnum(
                Chunk.PAYLOAD_KIND_FIELD_NUMBER,
                edges
                        ? PayloadKind.PAYLOAD_KIND_RTP_PACKETS_VALUE
                        : PayloadKind.PAYLOAD_KIND_TRANSPORT_STREAM_VALUE);
        if (edges) {
            out.writeTag(Chunk.DATAGRAM_BYTES_FIELD_NUMBER, 2);
            out.writeUInt32NoTag(edgesBytes);
            for (int i = 0; i < batch.payloadCount(); i++) {
                out.writeUInt32NoTag(batch.payloadBytes(i));
            }
        }
    }

    private int fieldsBytes(int edgesBytes) {
        int bytes =
                CodedOutputStream.computeInt64Size(Chunk.EPOCH_FIELD_NUMBER, batch.epoch())
                        + CodedOutputStream.computeInt64Size(
                                Chunk.POSITION_FIELD_NUMBER, batch.position())
                        + CodedOutputStream.computeInt64Size(
                                Chunk.ARRIVAL_UNIX_US_FIELD_NUMBER, batch.arrivalUnixUs())
                        + CodedOutputStream.computeInt64Size(
                                Chunk.PACKET_FIELD_NUMBER, batch.packet())
                        + CodedOutputStream.computeInt32Size(
                                Chunk.PACKET_COUNT_FIELD_NUMBER, batch.payloadCount())
                        // Each kind's number is below 128.
                        + CodedOutputStream.computeTagSize(Chunk.PAYLOAD_KIND_FIELD_NUMBER)
                        + 1;
        return edgesBytes == 0
                ? bytes
                : bytes
                        + CodedOutputStream.computeTagSize(Chunk.DATAGRAM_BYTES_FIELD_NUMBER)
                        + CodedOutputStream.computeUInt32SizeNoTag(edgesBytes)
                        + edgesBytes;
    }

    private int payloadTagBytes() {
        return CodedOutputStream.computeTagSize(Chunk.PAYLOAD_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(batch.length());
    }

    private int edgesBytes() {
        int bytes = 0;
        for (int i = 0; i < batch.payloadCount(); i++) {
            bytes += CodedOutputStream.computeUInt32SizeNoTag(batch.payloadBytes(i));
        }
        return bytes;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
        int bytes = available();
        target.write(head, 0, headBytes);
        target.write(batch.bytes(), 0, batch.length());
        headBytes = 0;
        return bytes;
    }

    @Override
    public int available() {
        return headBytes == 0 ? 0 : headBytes + batch.length();
    }

    @Override
    public int read() {
        throw new UnsupportedOperationException("gRPC drains a chunk as a whole");
    }
}
