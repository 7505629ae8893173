package live.mirror.receive.udp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * Datagrams that the kernel dropped at any UDP socket of this network namespace because a buffer
 * was full or memory short: RcvbufErrors and MemErrors of {@code /proc/net/snmp} and {@code snmp6}.
 * A socket's own count of drops (SK_MEMINFO_DROPS) holds also what a packet filter dropped; these
 * don't.
 */
public final class HostOverflows {

    private HostOverflows() {}

    /**
     * How many so far. Any thread; reads two files of a few hundred lines at most.
     *
     * @return 0 where the system does not tell
     */
    public static long count() {
        return ofIpv4(lines("/proc/net/snmp")) + ofIpv6(lines("/proc/net/snmp6"));
    }

    /** Of the two lines that begin with {@code Udp:}, names and then values. */
    static long ofIpv4(List<String> snmp) {
        List<String[]> udp =
                snmp.stream()
                        .filter(line -> line.startsWith("Udp:"))
                        .map(line -> line.split(" +"))
                        .toList();
        long sum = 0;
        if (udp.size() == 2) {
            for (int i = 0; i < udp.getFirst().length; i++) {
                if (udp.getFirst()[i].equals("RcvbufErrors")
                        || udp.getFirst()[i].equals("MemErrors")) {
                    sum += Long.parseLong(udp.getLast()[i]);
                }
            }
        }
        return sum;
    }

    /** Each line is a name and its value. */
    static long ofIpv6(List<String> snmp6) {
        return snmp6.stream()
                .map(line -> line.split("\\s+"))
                .filter(pair ->
                        pair[0].equals("Udp6RcvbufErrors") || pair[0].equals("Udp6MemErrors"))
                .mapToLong(pair -> Long.parseLong(pair[1]))
                .sum();
    }

    private static List<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of(file));
        } catch (NoSuchFileException e) {
            // No IPv6, or no Linux.
            return List.of();
        } catch (IOException e) {
            throw new IllegalStateException(file + " can't be read", e);
        }
    }
}
