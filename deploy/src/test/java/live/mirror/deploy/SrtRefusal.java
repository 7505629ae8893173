package live.mirror.deploy;

import live.mirror.receive.srt.SrtCallOptions;
import live.mirror.receive.srt.SrtException;
import live.mirror.receive.srt.libsrt.LibSrt;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** What a real libsrt caller is told when it is refused. */
final class SrtRefusal {

    private SrtRefusal() {}

    /**
     * Calls with this stream id; the reject reason as libsrt's API shows it, or 0 when the call is
     * accepted.
     */
    static int of(int port, String streamId) {
        LibSrt library = LibSrt.open("");
        try {
            library.call(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                    SrtCallOptions.of(streamId));
            return 0;
        } catch (SrtException e) {
            return e.rejectReason();
        } finally {
            library.close();
        }
    }
}
