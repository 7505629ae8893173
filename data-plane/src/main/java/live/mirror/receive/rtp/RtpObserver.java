package live.mirror.receive.rtp;

import live.mirror.receive.udp.UdpSocket;

/** Hears what there is to be measured; each pair of calls comes once and in its order. */
public interface RtpObserver {

    /** Nobody listens. */
    RtpObserver NONE =
            new RtpObserver() {
                @Override
                public void opened(UdpSocket socket) {}

                @Override
                public void closed(UdpSocket socket) {}

                @Override
                public void began(RtpFigures session) {}

                @Override
                public void ended(RtpFigures session) {}
            };

    /** A socket receives from now on. */
    void opened(UdpSocket socket);

    /** It does no more. */
    void closed(UdpSocket socket);

    /** A session was admitted. */
    void began(RtpFigures session);

    /** It is over. */
    void ended(RtpFigures session);
}
