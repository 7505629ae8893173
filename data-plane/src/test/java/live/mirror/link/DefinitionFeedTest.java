package live.mirror.link;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.contract.StreamId;
import live.mirror.stream.Definition;
import live.mirror.stream.Definitions;
import live.mirror.stream.Pulls;
import live.mirror.v1.PullSource;
import live.mirror.v1.SrtDefinition;
import live.mirror.v1.StreamDefinition;
import live.mirror.v1.TakeoverRule;

import org.junit.jupiter.api.Test;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What the control plane tells, as the gate and the puller have it. */
class DefinitionFeedTest {

    private final Definitions definitions = new Definitions();
    private final Pulls pulls = new Pulls();
    private final List<StreamId> dialled = new ArrayList<>();
    private final DefinitionFeed feed =
            new DefinitionFeed(definitions, pulls, new IngestTokens("w1", InstantSource.system()));

    @Test
    void everythingThatAnOperatorLaysDownForSrtReachesTheGate() {
        feed.take(
                all(
                        StreamDefinition.newBuilder()
                                .setId("cam1")
                                .setPublishKey("open-sesame")
                                .setPassphrase("correct horse")
                                .setExpectedKbps(8_000)
                                .setTakeover(TakeoverRule.TAKEOVER_RULE_SAME_CREDENTIAL)
                                .setSrt(
                                        SrtDefinition.newBuilder()
                                                .setKeyBytes(32)
                                                .setLatencyMs(250)
                                                .setMaxLatencyMs(2_000)
                                                .setImmediate(true)
                                                .setPeerIdleMs(7_500)
                                                .setReorderTolerancePackets(30)
                                                .setPacketFilter("fec,cols:10,rows:5")
                                                .setPassphraseVersion(3))
                                .build()));
        Definition read = definitions.find(new StreamId("cam1")).orElseThrow();
        assertThat(read.srt())
                .isEqualTo(
                        new Definition.Srt(
                                "correct horse",
                                32,
                                250,
                                2_000,
                                true,
                                7_500,
                                30,
                                "fec,cols:10,rows:5",
                                3));
        assertThat(read.publishKey()).isEqualTo("open-sesame");
        assertThat(read.expectedKbps()).isEqualTo(8_000);
        assertThat(read.takeover()).isEqualTo(Definition.Takeover.SAME_CREDENTIAL);
        assertThat(definitions.definedOnly()).isTrue();
    }

    @Test
    void aSourceIsDialledWhileItIsAssignedAndItsDefinitionWantsIt() {
        pulls.addListener(this::hear);
        feed.take(
                live.mirror.v1.Pulls.newBuilder()
                        .addStreamIds("cam1")
                        .addStreamIds("cam2")
                        .build());
        assertThat(dialled).isEmpty();
        feed.take(all(pulled("cam1", false), pulled("cam3", false)));
        assertThat(dialled).containsExactly(new StreamId("cam1"));
        feed.take(all(pulled("cam1", true), pulled("cam2", false)));
        assertThat(dialled).containsExactly(new StreamId("cam2"));
        feed.take(live.mirror.v1.Pulls.getDefaultInstance());
        assertThat(dialled).isEmpty();
    }

    private void hear(Collection<Definition> told) {
        dialled.clear();
        told.forEach(definition -> dialled.add(definition.id()));
    }

    private static live.mirror.v1.Definitions all(StreamDefinition... definitions) {
        return live.mirror.v1.Definitions.newBuilder()
                .setVersion(1)
                .setFull(true)
                .setDefinedOnly(true)
                .addAllDefinitions(List.of(definitions))
                .build();
    }

    private static StreamDefinition pulled(String id, boolean disabled) {
        return StreamDefinition.newBuilder()
                .setId(id)
                .setDisabled(disabled)
                .setPull(PullSource.newBuilder().setHost("127.0.0.1").setPort(9))
                .build();
    }
}
