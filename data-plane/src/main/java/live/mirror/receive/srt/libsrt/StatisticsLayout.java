package live.mirror.receive.srt.libsrt;

import live.mirror.receive.srt.SrtFigures;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Where the receiver's figures stand in {@code SRT_TRACEBSTATS} (x86-64 and arm64). The header
 * promises to append only: 496 bytes from 1.4.3 to 1.5.5. Figures that libsrt counts per interval
 * are totals for us, because nobody ever clears them.
 */
final class StatisticsLayout {

    /** More than any version has written so far. */
    static final int BYTES = 1_024;

    private static final long MS_TIME_STAMP = 0;
    private static final long PKT_RECV_TOTAL = 16;
    private static final long PKT_RCV_LOSS_TOTAL = 28;
    private static final long PKT_SENT_ACK_TOTAL = 36;
    private static final long PKT_SENT_NAK_TOTAL = 44;
    private static final long PKT_RCV_DROP_TOTAL = 68;
    private static final long PKT_RCV_UNDECRYPT_TOTAL = 72;
    private static final long BYTE_RECV_TOTAL = 88;
    private static final long BYTE_RCV_LOSS_TOTAL = 96;
    private static final long BYTE_RCV_DROP_TOTAL = 120;
    private static final long BYTE_RCV_UNDECRYPT_TOTAL = 128;
    private static final long PKT_RCV_RETRANS = 164;
    private static final long PKT_REORDER_DISTANCE = 208;
    private static final long PKT_RCV_AVG_BELATED_TIME = 216;
    private static final long PKT_RCV_BELATED = 224;
    private static final long MS_RTT = 328;
    private static final long MBPS_BANDWIDTH = 336;
    private static final long BYTE_AVAIL_RCV_BUF = 348;
    private static final long PKT_RCV_BUF = 380;
    private static final long BYTE_RCV_BUF = 384;
    private static final long MS_RCV_BUF = 388;
    private static final long MS_RCV_TSBPD_DELAY = 392;
    private static final long PKT_RCV_FILTER_EXTRA_TOTAL = 400;
    private static final long PKT_RCV_FILTER_SUPPLY_TOTAL = 404;
    private static final long PKT_RCV_FILTER_LOSS_TOTAL = 408;
    private static final long PKT_REORDER_TOLERANCE = 428;
    private static final long PKT_RECV_UNIQUE_TOTAL = 440;
    private static final long BYTE_RECV_UNIQUE_TOTAL = 456;

    private StatisticsLayout() {}

    /** Reads what {@code srt_bstats} has written. */
    static SrtFigures read(MemorySegment block) {
        return new SrtFigures(
                block.get(ValueLayout.JAVA_LONG, PKT_RECV_TOTAL),
                block.get(ValueLayout.JAVA_LONG, PKT_RECV_UNIQUE_TOTAL),
                block.get(ValueLayout.JAVA_LONG, BYTE_RECV_TOTAL),
                block.get(ValueLayout.JAVA_LONG, BYTE_RECV_UNIQUE_TOTAL),
                unsigned(block, PKT_RCV_LOSS_TOTAL),
                block.get(ValueLayout.JAVA_LONG, BYTE_RCV_LOSS_TOTAL),
                unsigned(block, PKT_RCV_DROP_TOTAL),
                block.get(ValueLayout.JAVA_LONG, BYTE_RCV_DROP_TOTAL),
                unsigned(block, PKT_RCV_RETRANS),
                unsigned(block, PKT_RCV_UNDECRYPT_TOTAL),
                block.get(ValueLayout.JAVA_LONG, BYTE_RCV_UNDECRYPT_TOTAL),
                unsigned(block, PKT_SENT_ACK_TOTAL),
                unsigned(block, PKT_SENT_NAK_TOTAL),
                block.get(ValueLayout.JAVA_LONG, PKT_RCV_BELATED),
                block.get(ValueLayout.JAVA_DOUBLE, PKT_RCV_AVG_BELATED_TIME),
                unsigned(block, PKT_RCV_FILTER_EXTRA_TOTAL),
                unsigned(block, PKT_RCV_FILTER_SUPPLY_TOTAL),
                unsigned(block, PKT_RCV_FILTER_LOSS_TOTAL),
                block.get(ValueLayout.JAVA_DOUBLE, MS_RTT),
                block.get(ValueLayout.JAVA_DOUBLE, MBPS_BANDWIDTH),
                block.get(ValueLayout.JAVA_INT, PKT_RCV_BUF),
                block.get(ValueLayout.JAVA_INT, BYTE_RCV_BUF),
                block.get(ValueLayout.JAVA_INT, MS_RCV_BUF),
                block.get(ValueLayout.JAVA_INT, BYTE_AVAIL_RCV_BUF),
                block.get(ValueLayout.JAVA_INT, MS_RCV_TSBPD_DELAY),
                block.get(ValueLayout.JAVA_INT, PKT_REORDER_TOLERANCE),
                block.get(ValueLayout.JAVA_INT, PKT_REORDER_DISTANCE),
                block.get(ValueLayout.JAVA_LONG, MS_TIME_STAMP));
    }

    private static long unsigned(MemorySegment block, long offset) {
        return Integer.toUnsignedLong(block.get(ValueLayout.JAVA_INT, offset));
    }
}
