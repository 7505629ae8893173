package live.mirror.receive.srt;

/**
 * What the loaded library can do, found out by trying: version numbers do not tell.
 *
 * @param library its file name
 * @param version as it names itself
 * @param encryption whether it can decrypt
 * @param packetFilter whether it has the FEC packet filter
 * @param bonding whether it takes groups of connections
 * @param authenticatedEncryption whether it has AES-GCM
 */
public record SrtCapabilities(
        String library,
        String version,
        boolean encryption,
        boolean packetFilter,
        boolean bonding,
        boolean authenticatedEncryption) {

    /** For a log line: what it has and what it lacks. */
    @Override
    public String toString() {
        return library
                + " "
                + version
                + " (encryption "
                + encryption
                + ", FEC "
                + packetFilter
                + ", bonding "
                + bonding
                + ", AES-GCM "
                + authenticatedEncryption
                + ")";
    }
}
