package live.mirror.control.worker;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

import live.mirror.v1.KeptReport;
import live.mirror.v1.KeptStream;
import live.mirror.v1.StreamMetadata;
import live.mirror.v1.StreamReport;
import live.mirror.v1.StreamStats;

import java.io.IOException;
import java.io.InputStream;

/**
 * Reads reports without making objects of their streams' figures, of which hardly one in a thousand
 * is ever asked for: a fleet's reports are most of what the control plane has to do.
 */
final class KeptReports implements MethodDescriptor.Marshaller<KeptReport> {

    private static final int BITRATE_TAG =
            (StreamStats.BITRATE_BPS_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_VARINT;

    @Override
    public InputStream stream(KeptReport report) {
        return report.toByteString().newInput();
    }

    @Override
    public KeptReport parse(InputStream stream) {
        try {
            // Not readAllBytes: at its end Helidon's stream gives nothing for ever.
            byte[] bytes = stream.readNBytes(stream.available());
            return parse(bytes, bytes.length);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static StatusRuntimeException unreadable(IOException e) {
        return Status.INVALID_ARGUMENT
                .withDescription("this is no ReportRequest: " + e.getMessage())
                .withCause(e)
                .asRuntimeException();
    }

    /** A report whose streams are views of these bytes, which must not change while it is used. */
    static KeptReport parse(byte[] bytes, int length) throws IOException {
        CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes, 0, length).newCodedInput();
        in.enableAliasing(true);
        return KeptReport.parseFrom(in);
    }

    /** One of a report's streams, with figures that are views of these bytes. */
    static KeptStream stream(ByteString bytes) {
        CodedInputStream in = bytes.newCodedInput();
        in.enableAliasing(true);
        try {
            return KeptStream.parseFrom(in);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** A stream's bitrate; 0 where there is none, or the figures can't be read. */
    static long bitrateBps(KeptStream stream) {
        ByteString stats = stream.getStats();
        CodedInputStream in = stats.newCodedInput();
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == BITRATE_TAG) {
                    return in.readInt64();
                }
                if (!in.skipField(tag)) {
                    return 0;
                }
            }
        } catch (IOException e) {
            // A worker of ours sends none such; it costs that stream its bitrate.
            return 0;
        }
        return 0;
    }

    /** The report with its figures. */
    static StreamReport full(KeptStream stream) {
        StreamReport.Builder report =
                StreamReport.newBuilder()
                        .setStreamId(stream.getStreamId())
                        .setEpoch(stream.getEpoch())
                        .setStatus(stream.getStatus())
                        .setSilentMs(stream.getSilentMs());
        try {
            return report.setStats(StreamStats.parseFrom(stream.getStats()))
                    .setMetadata(StreamMetadata.parseFrom(stream.getMetadata()))
                    .build();
        } catch (InvalidProtocolBufferException e) {
            // The stream is there all the same.
            return report.build();
        }
    }
}
