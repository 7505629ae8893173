package live.mirror.receive.rtp;

import live.mirror.rtp.FaultCounters;

/**
 * What the tick thread counts of the datagrams of a port. It alone writes; any thread reads, and
 * may see a figure that is a moment old.
 */
public final class PortCounters {

    long datagrams;
    long bytes;
    long probation;
    long refused;
    long unknown;
    long notAllowed;
    long foreign;
    long tableFull;
    long backlogFull;
    long rtcpUnknown;
    private final FaultCounters faults = new FaultCounters();

    PortCounters() {}

    /** Adds what another port has counted. */
    void addAll(PortCounters other) {
        datagrams += other.datagrams;
        bytes += other.bytes;
        probation += other.probation;
        refused += other.refused;
        unknown += other.unknown;
        notAllowed += other.notAllowed;
        foreign += other.foreign;
        tableFull += other.tableFull;
        backlogFull += other.backlogFull;
        rtcpUnknown += other.rtcpUnknown;
        faults.addAll(other.faults);
    }

    /** Datagrams received. */
    public long datagrams() {
        return datagrams;
    }

    /** Their bytes. */
    public long bytes() {
        return bytes;
    }

    /** Packets of sources in probation. */
    public long probation() {
        return probation;
    }

    /** Packets of sources that were refused a moment ago. */
    public long refused() {
        return refused;
    }

    /** Sources asked about that nothing defines; counted when asked, not for each packet. */
    public long unknown() {
        return unknown;
    }

    /** The same of sources whose address the definition does not allow. */
    public long notAllowed() {
        return notAllowed;
    }

    /** Packets that pretend to be of a pinned source, from another place. */
    public long foreign() {
        return foreign;
    }

    /** Sources turned away because there were too many. */
    public long tableFull() {
        return tableFull;
    }

    /** Datagrams dropped because too many had come before their session was admitted. */
    public long backlogFull() {
        return backlogFull;
    }

    /** RTCP that belongs to no session. */
    public long rtcpUnknown() {
        return rtcpUnknown;
    }

    /** Malformed datagrams by cause, as far as they were looked at before they had a session. */
    public FaultCounters faults() {
        return faults;
    }
}
