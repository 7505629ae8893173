package live.mirror.receive.srt;

/**
 * What a listening port grants to those whom it accepts, and how its UDP socket is made.
 *
 * @param media what is granted
 * @param encryptionEnforced whether a caller without the right key is refused
 * @param shared whether several listeners share the port, the kernel spreading callers over them by
 *     their addresses
 * @param filtered whether the kernel drops what an ingest port has no use for
 */
public record SrtListenOptions(
        SrtSettings.Media media, boolean encryptionEnforced, boolean shared, boolean filtered) {}
