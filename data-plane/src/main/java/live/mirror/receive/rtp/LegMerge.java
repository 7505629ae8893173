package live.mirror.receive.rtp;

import live.mirror.rtp.BigEndian;
import live.mirror.rtp.ExtendedSequence;
import live.mirror.rtp.ReorderWindow;

/**
 * Makes one count of packets of what several legs bring (SMPTE 2022-7): {@link LegAlignment} says
 * where a packet belongs, {@link Undecided} keeps those of which it can't say yet. Belongs to the
 * tick thread.
 */
final class LegMerge {

    /** Takes the packets by their common numbers. */
    interface Output {
        /** A new count begins with this number, greater than all before. */
        void begin(long first);

        /** A packet of the present count. */
        void offer(byte[] bytes, int offset, int length, long number, long arrivalNs, int leg);
    }

    private final ReorderWindow window;
    private final RtpFigures figures;
    private final Output output;
    private final LegAlignment alignment;
    private final Undecided undecided;
    private final Backlog.Reader take =
            (bytes, offset, length, channel, leg, arrivalNs) ->
                    take(bytes, offset, length, arrivalNs, leg);

    LegMerge(SessionPlan plan, ReorderWindow window, RtpFigures figures, Output output) {
        this.window = window;
        this.figures = figures;
        this.output = output;
        alignment = new LegAlignment(plan.legCount(), plan.windowPackets(), plan.holdNs());
        undecided = new Undecided(plan.holdNs());
    }

    /** A leg begins again: it has jumped. */
    void jumped(int leg) {
        alignment.jumped(leg);
        if (undecided.isOf(leg)) {
            figures.stray(undecided.forget());
        }
    }

    /** Takes a packet of this number on the wire. */
    void packet(byte[] bytes, int offset, int length, int sequence, long arrivalNs, int leg) {
        long placed = alignment.place(sequence, window.next(), arrivalNs, leg);
        if (placed == LegAlignment.UNDECIDED) {
            figures.stray(undecided.keep(bytes, offset, length, sequence, arrivalNs, leg));
            return;
        }
        if (placed == LegAlignment.NEW_COUNT) {
            begin(sequence);
        } else if (undecided.isOf(leg)) {
            undecided.drain(take);
        }
        take(bytes, offset, length, arrivalNs, leg);
    }

    /** Nothing comes any more: what is undecided was the source's last word. */
    void finish(long nowNs) {
        if (undecided.isEmpty()) {
            return;
        }
        int first = undecided.first();
        if (alignment.place(first, window.next(), nowNs, undecided.leg()) < 0) {
            begin(first);
        } else {
            undecided.drain(take);
        }
    }

    /**
     * No leg carries on with the count. Another begins with this number, or with the first of those
     * that a leg which changed over earlier has brought of it.
     */
    private void begin(int sequence) {
        boolean together = undecided.belongsTo(sequence, ExtendedSequence.MAX_DROPOUT);
        int first = sequence;
        if (together && (short) (undecided.first() - sequence) < 0) {
            first = undecided.first();
        }
        output.begin(alignment.begin(first, window.next()));
        if (together) {
            undecided.drain(take);
        } else {
            figures.stray(undecided.forget());
        }
    }

    private void take(byte[] bytes, int offset, int length, long arrivalNs, int leg) {
        long number = ExtendedSequence.near(window.next(), BigEndian.u16(bytes, offset + 2));
        alignment.take(number, arrivalNs, leg);
        output.offer(bytes, offset, length, number, arrivalNs, leg);
    }
}
