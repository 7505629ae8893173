package live.mirror.receive.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

class BacklogTest {

    private final Backlog backlog = new Backlog(1 << 20);
    private final List<String> drained = new ArrayList<>();

    @Test
    void datagramsComeOutAsTheyWentIn() {
        for (int i = 0; i < 500; i++) {
            byte[] bytes = new byte[100 + i];
            Arrays.fill(bytes, (byte) i);
            Channel channel = i % 2 == 0 ? Channel.MEDIA : Channel.FEC_ROW;
            assertThat(backlog.add(bytes, 50, 50 + i, channel, i & 1, i * 1_000L)).isTrue();
        }
        drain();
        assertThat(drained).hasSize(500).startsWith("MEDIA 0 0 50 0", "FEC_ROW 1 1000 51 1");
        drain();
        assertThat(drained).as("nothing is left").hasSize(500);
    }

    @Test
    void beyondItsBoundNothingIsTaken() {
        int taken = 0;
        while (backlog.add(new byte[1400], 0, 1400, Channel.MEDIA, 0, 0)) {
            taken++;
        }
        assertThat(taken * 1400).isBetween(1 << 19, 1 << 20);
        drain();
        assertThat(drained).hasSize(taken);
        assertThat(backlog.add(new byte[1400], 0, 1400, Channel.MEDIA, 0, 0)).isTrue();
    }

    private void drain() {
        backlog.drain((bytes, offset, length, channel, leg, arrivalNs) ->
                drained.add(
                        channel
                                + " "
                                + leg
                                + " "
                                + arrivalNs
                                + " "
                                + length
                                + " "
                                + bytes[offset]));
    }
}
