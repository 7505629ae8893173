package live.mirror.receive.srt;

import java.util.List;

/**
 * Decides on handshakes. Runs in the one receive thread of its port: every microsecond delays all
 * streams there, so it looks into memory and answers; no lock, no log line, no input or output.
 * Several ports (or shards) ask at the same time.
 */
public interface SrtGate {

    /**
     * Lets a caller pass or refuses it.
     *
     * @return 0 to let pass, otherwise the reject reason as libsrt's API shows it (1000 and above)
     */
    int decide(SrtHandshake handshake);

    /**
     * Stream ids with which {@link #decide} is called some thousand times before the first caller
     * comes, with {@link SrtHandshake#rehearsal} set.
     */
    List<String> rehearsals();
}
