package live.mirror.receive.srt;

import live.mirror.stream.Admission;
import live.mirror.stream.LiveStreams;

import java.time.InstantSource;

/** What every session of a receiver works with. */
record SessionContext(
        SrtSettings settings,
        SrtTransport transport,
        Admission admission,
        LiveStreams streams,
        IngestGate gate,
        InstantSource clock,
        LogBudget log) {}
