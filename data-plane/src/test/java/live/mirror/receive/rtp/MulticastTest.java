package live.mirror.receive.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Groups of IP version 6 over a wire: loopback carries none. The wire is a pair of virtual cards in
 * a network namespace, in which a process of its own receives: threads of this one would be left
 * there.
 */
class MulticastTest {

    private static final List<List<String>> WAYS_IN =
            List.of(
                    List.of("unshare", "--net"),
                    // For those who are not root, where the system lets them.
                    List.of("unshare", "--net", "--map-root-user"));

    private static final String WIRE =
            """
            set -e
            ip link set lo up
            ip link add wire0 type veth peer name wire1
            ip link set wire0 up
            ip link set wire1 up
            ip address add %s/64 dev wire0 nodad
            ip address add %s/64 dev wire0 nodad
            ip address add fd00:2::1/64 dev wire1 nodad
            """
                    .formatted(MulticastProbe.FIRST, MulticastProbe.SECOND);

    @Test
    void groupsAreHeardByTheirInterfaceAndOfTheSendersThatAreWanted() throws Exception {
        List<String> wayIn = wayIn();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> probe = new ArrayList<>(wayIn);
        probe.addAll(List.of("sh", "-c", WIRE + "exec \"$@\"", "sh", java));
        probe.add("--enable-native-access=ALL-UNNAMED");
        probe.addAll(List.of("-cp", System.getProperty("java.class.path")));
        probe.add(MulticastProbe.class.getName());
        assertThat(run(probe)).isEmpty();
    }

    private static List<String> wayIn() throws Exception {
        Optional<String> problem = Optional.empty();
        for (List<String> wayIn : WAYS_IN) {
            List<String> tried = new ArrayList<>(wayIn);
            tried.addAll(List.of("sh", "-c", WIRE));
            problem = run(tried);
            if (problem.isEmpty()) {
                return wayIn;
            }
        }
        return Assumptions.abort("no virtual cards in a network namespace here: " + problem.get());
    }

    /** What a command that failed has said. */
    private static Optional<String> run(List<String> command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0
                    ? Optional.empty()
                    : Optional.of(process.exitValue() + ", " + said);
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
