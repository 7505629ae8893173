package live.mirror.client;

import live.mirror.v1.StartLive;
import live.mirror.v1.StartOldest;
import live.mirror.v1.StartRandomAccess;
import live.mirror.v1.SubscribeRequest;

/** Where a subscription begins. */
public enum StartAt {
    /** With the next datagram to arrive. */
    LIVE,
    /** At the last point where a decoder can begin; live when none is known. */
    RANDOM_ACCESS,
    /** With the oldest datagram that the worker still has. */
    OLDEST;

    void in(SubscribeRequest.Builder request) {
        switch (this) {
            case LIVE -> request.setLive(StartLive.getDefaultInstance());
            case RANDOM_ACCESS -> request.setRandomAccess(StartRandomAccess.getDefaultInstance());
            case OLDEST -> request.setOldest(StartOldest.getDefaultInstance());
        }
    }
}
