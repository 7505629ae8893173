package live.mirror.control.worker;

import com.google.protobuf.CodedOutputStream;

import live.mirror.v1.GetFiguresResponse;
import live.mirror.v1.KeptReport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BiFunction;

/**
 * A worker's latest report, as bytes in memory that the next one is written over: a fleet's reports
 * live for a second each, and every young collection would have to copy all of them otherwise. Any
 * thread; each method holds the lock while it reads or copies, and waits for nothing.
 */
final class LatestReport {

    /** Room for reports that get longer, as a share of the length. */
    private static final int SPARE = 4;

    private byte[] bytes = {};
    private int length;
    private Instant at = Instant.MIN;
    private Instant asked = Instant.MIN;
    private boolean own;

    /**
     * Keeps a report unless a later one is here.
     *
     * @param madeAt when it was made
     * @param askedAt when it came here
     * @param toldHere by the worker itself
     */
    synchronized void keep(KeptReport report, Instant madeAt, Instant askedAt, boolean toldHere) {
        if (at.isAfter(madeAt)) {
            return;
        }
        int size = report.getSerializedSize();
        if (size > bytes.length || size < bytes.length / SPARE) {
            bytes = new byte[size + size / SPARE];
        }
        try {
            report.writeTo(CodedOutputStream.newInstance(bytes, 0, size));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        length = size;
        at = madeAt;
        asked = askedAt;
        own = toldHere;
    }

    /** Its replica was asked for a later one in vain. */
    synchronized void tried(Instant now) {
        asked = now;
    }

    synchronized boolean isAskedSince(Instant limit) {
        return !asked.isBefore(limit);
    }

    synchronized boolean isOwn() {
        return own;
    }

    /**
     * Reads it.
     *
     * @param reader gets the report, whose streams are views of memory that changes, and when it
     *     was made; what it answers must not have such a view in it
     */
    synchronized <T> T read(BiFunction<KeptReport, Instant, T> reader) {
        return reader.apply(parse(bytes), at);
    }

    /** Adds a copy, for another replica. */
    synchronized void copy(GetFiguresResponse.Builder response, Instant now) {
        response.addReports(parse(bytes.clone()));
        response.addAgeMs(Duration.between(at, now).toMillis());
    }

    private KeptReport parse(byte[] from) {
        try {
            return KeptReports.parse(from, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
