package live.mirror.receive.srt;

import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** What a peer that means harm does, and how often a second at full rate. */
enum Attack {
    /** Asks for a cookie again and again. */
    INDUCTIONS(20_000) {
        @Override
        void strike(RawSrtPeer peer, Random random) throws IOException {
            peer.sendInduction();
        }
    },
    /** Handshakes to the end with a stream id that nobody may have. */
    HANDSHAKES_WITHOUT_CREDENTIAL(1_000) {
        @Override
        void strike(RawSrtPeer peer, Random random) throws IOException {
            peer.sendConclusion("no credential", peer.cookie(), false);
        }
    },
    /** Guesses: each costs libsrt 2,048 rounds of PBKDF2, if it gets that far. */
    WRONG_PASSPHRASES(1_000) {
        @Override
        void strike(RawSrtPeer peer, Random random) throws IOException {
            peer.sendConclusion("cam" + random.nextInt(1_000), peer.cookie(), true);
        }
    },
    /** Handshakes and whatever came before with some bits turned, and some bytes cut off. */
    MUTATED_DATAGRAMS(10_000) {
        @Override
        void strike(RawSrtPeer peer, Random random) throws IOException {
            if (random.nextInt(4) == 0) {
                peer.sendConclusion("healthy", peer.cookie(), random.nextBoolean());
                return;
            }
            byte[] bytes = peer.last();
            for (int i = 0; i < 4; i++) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            peer.sendBytes(bytes, Math.max(1, bytes.length - random.nextInt(4)));
        }
    },
    /** Every control type with any content, from an accepted publisher. */
    CONTROL_SWEEP(5_000) {
        @Override
        void strike(RawSrtPeer peer, Random random) throws IOException {
            int[] content = new int[1 + random.nextInt(8)];
            for (int i = 0; i < content.length; i++) {
                content[i] = random.nextInt();
            }
            int type = random.nextInt(10);
            // All but the shutdown, after which it would be gone.
            peer.sendControl(
                    type == 5 ? 0x7fff : type, random.nextInt(8), random.nextInt(), content);
        }
    },
    /** The one that stops Debian's libsrt for good, from an accepted publisher. */
    RANDOM_DROP_REQUESTS(5_000) {
        @Override
        void strike(RawSrtPeer peer, Random random) throws IOException {
            peer.sendControl(
                    7,
                    0,
                    random.nextInt(),
                    random.nextInt() & 0x7fff_ffff,
                    random.nextInt() & 0x7fff_ffff);
        }
    };

    private final int perSecond;

    Attack(int perSecond) {
        this.perSecond = perSecond;
    }

    /** Does it once. */
    abstract void strike(RawSrtPeer peer, Random random) throws IOException;

    /** Does it for so long, at so many percent of its rate; answers how often it did. */
    long run(RawSrtPeer peer, Duration length, long percent) throws IOException {
        Random random = new Random(perSecond);
        long beganNs = System.nanoTime();
        long strikes = 0;
        for (; System.nanoTime() - beganNs < length.toNanos(); strikes++) {
            long dueNs = beganNs + strikes * 100_000_000_000L / (perSecond * percent);
            long waitNs = dueNs - System.nanoTime();
            if (waitNs > 100_000) {
                LockSupport.parkNanos(waitNs);
            }
            strike(peer, random);
        }
        return strikes;
    }
}
