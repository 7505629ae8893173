package live.mirror.control.connection;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;

/**
 * Tells its connection when a write waits for the peer. Large answers go in pieces, so that a slow
 * peer is told from one that takes nothing.
 */
final class WatchedWriter implements DataWriter {

    private static final int PIECE = 16_384;

    private final DataWriter writer;
    private final Connection connection;

    WatchedWriter(DataWriter writer, Connection connection) {
        this.writer = writer;
        this.connection = connection;
    }

    @Override
    public void write(BufferData... buffers) {
        writeNow(BufferData.create(buffers));
    }

    @Override
    public void write(BufferData buffer) {
        writeNow(buffer);
    }

    @Override
    public void writeNow(BufferData... buffers) {
        writeNow(BufferData.create(buffers));
    }

    @Override
    public void writeNow(BufferData buffer) {
        while (buffer.available() > PIECE) {
            byte[] piece = new byte[PIECE];
            int length = buffer.read(piece);
            put(BufferData.create(piece, 0, length));
        }
        put(buffer);
    }

    private void put(BufferData piece) {
        connection.writing();
        try {
            writer.writeNow(piece);
        } finally {
            connection.written();
        }
    }

    @Override
    public void flush() {
        writer.flush();
    }
}
