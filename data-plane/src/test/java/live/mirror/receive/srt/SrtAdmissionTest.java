package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.contract.StreamId;
import live.mirror.receive.srt.libsrt.SrtCaller;
import live.mirror.stream.Definition;
import live.mirror.stream.Definition.Srt;
import live.mirror.stream.Definition.Takeover;
import live.mirror.stream.LiveStream;
import live.mirror.stream.Refusals.Refusal;
import live.mirror.stream.StreamState;
import live.mirror.v1.ExplainIngestResponse;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.StreamIdDialect;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/** Who is let in and with what, by definition and by the worker's settings. */
class SrtAdmissionTest {

    // libsrt's own reject reasons.
    private static final int ROGUE = 4;
    private static final int BAD_SECRET = 10;
    private static final int UNSECURE = 11;
    private static final int BAD_FILTER = 14;

    @ParameterizedTest
    @ValueSource(ints = {16, 24, 32})
    void anEncryptedStreamArrivesWithEveryKeyLength(int keyBytes) {
        try (ReceiverFixture fixture =
                        new ReceiverFixture(Map.of("srt.passphrase", "correct horse"));
                SrtCaller caller =
                        fixture.call(
                                new SrtCaller.Options("cam1")
                                        .encrypted("correct horse", keyBytes))) {
            fixture.expectDelivery(caller, "cam1", 20);
            assertThat(fixture.awaitStream("cam1").metadata().getEncrypted()).isTrue();
        }
    }

    @Test
    void aWrongOrMissingKeyIsRefusedWithLibsrtsCodeAndNoted() {
        try (ReceiverFixture fixture =
                new ReceiverFixture(Map.of("srt.passphrase", "correct horse"))) {
            assertThat(
                            fixture.rejectReason(
                                    new SrtCaller.Options("cam1").encrypted("wrong battery", 16)))
                    .isEqualTo(BAD_SECRET);
            assertThat(fixture.rejectReason("cam2")).isEqualTo(UNSECURE);
            Waiting.until("both noted", () -> fixture.refusals.total() == 2);
            assertThat(fixture.refusals.take())
                    .extracting(Refusal::reason)
                    .containsOnly(Reason.REASON_UNAUTHORIZED);
            assertThat(fixture.streams.count()).isZero();
        }
    }

    /** libsrt would take it for a yes, and without a passphrase. */
    @Test
    void aFaultInTheGateRefuses() {
        try (ReceiverFixture fixture =
                new ReceiverFixture(Map.of("srt.passphrase", "correct horse"))) {
            fixture.admission.failAtGate("cam1");
            assertThat(
                            fixture.rejectReason(
                                    new SrtCaller.Options("cam1").encrypted("correct horse", 16)))
                    .isEqualTo(ROGUE);
            assertThat(fixture.streams.count()).isZero();
        }
    }

    @Test
    void anUnexpectedKeyIsRefused() {
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of())) {
            assertThat(
                            fixture.rejectReason(
                                    new SrtCaller.Options("cam1").encrypted("correct horse", 16)))
                    .isEqualTo(UNSECURE);
        }
    }

    @Test
    void aDefinitionsPassphraseGoesBeforeTheWorkers() {
        try (ReceiverFixture fixture =
                new ReceiverFixture(Map.of("srt.passphrase", "correct horse"))) {
            fixture.define("cam1", new Srt("own passphrase", 32, 200, 0, false));
            assertThat(
                            fixture.rejectReason(
                                    new SrtCaller.Options("cam1").encrypted("correct horse", 16)))
                    .isEqualTo(BAD_SECRET);
            try (SrtCaller caller =
                    fixture.call(new SrtCaller.Options("cam1").encrypted("own passphrase", 32))) {
                fixture.expectDelivery(caller, "cam1", 20);
                assertThat(fixture.awaitStream("cam1").metadata().getLatencyMs()).isEqualTo(200);
            }
        }
    }

    private static final Map<String, String> DERIVED =
            Map.of(
                    "srt.passphrase-master",
                    "a secret of the cluster",
                    "srt.passphrase-version",
                    "3");

    @Test
    void aDerivedPassphraseFitsItsOwnStreamAndVersionOnly() {
        // printf 'cam1\0003' | openssl dgst -sha256 -hmac 'a secret of the cluster' -binary |
        // basenc --base64url
        String derived = "0gvSCGsDRxnUk_6T2eH3arWoWw4gSC1xeF4vqAoN0sk";
        try (ReceiverFixture fixture = new ReceiverFixture(DERIVED)) {
            assertThat(fixture.rejectReason(new SrtCaller.Options("cam2").encrypted(derived, 16)))
                    .isEqualTo(BAD_SECRET);
            try (SrtCaller caller =
                    fixture.call(new SrtCaller.Options("cam1").encrypted(derived, 16))) {
                fixture.expectDelivery(caller, "cam1", 20);
            }
        }
    }

    @Test
    void aDefinitionMayKeepItsStreamAtAnotherVersionOfTheDerivedPassphrase() {
        // The same for version 2.
        String derived = "nx8_sCXA1R9HOqaokSgQvjeQaq-eDjO1cymEAvmBS10";
        try (ReceiverFixture fixture = new ReceiverFixture(DERIVED)) {
            fixture.define("cam1", new Srt("", 0, 0, 0, false, 0, 0, "", 2));
            try (SrtCaller caller =
                    fixture.call(new SrtCaller.Options("cam1").encrypted(derived, 16))) {
                fixture.expectDelivery(caller, "cam1", 20);
            }
        }
    }

    @Test
    void definitionsDecideAtTheGate() {
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of())) {
            fixture.definitions.replace(
                    true,
                    List.of(
                            ReceiverFixture.defined(
                                    "keyed", "s3cret", Takeover.SILENT, Srt.DEFAULT),
                            new Definition(
                                    new StreamId("off"),
                                    true,
                                    Protocol.PROTOCOL_UNSPECIFIED,
                                    "",
                                    Takeover.SILENT,
                                    0,
                                    Srt.DEFAULT),
                            new Definition(
                                    new StreamId("rtp"),
                                    false,
                                    Protocol.PROTOCOL_RTP,
                                    "",
                                    Takeover.SILENT,
                                    0,
                                    Srt.DEFAULT)));
            assertThat(fixture.rejectReason("unknown")).isEqualTo(1404);
            assertThat(fixture.rejectReason("off")).isEqualTo(1423);
            assertThat(fixture.rejectReason("rtp")).isEqualTo(1403);
            assertThat(fixture.rejectReason("keyed")).isEqualTo(1401);
            assertThat(fixture.rejectReason("#!::r=keyed,m=publish,s=wrong")).isEqualTo(1401);
            try (SrtCaller caller = fixture.call("#!::r=keyed,m=publish,s=s3cret")) {
                fixture.expectDelivery(caller, "keyed", 5);
            }
        }
    }

    @Test
    void theSameCredentialTakesTheLivePublishersPlaceUntilTheyQuarrel() {
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of())) {
            fixture.definitions.replace(
                    false,
                    List.of(
                            ReceiverFixture.defined(
                                    "cam1", "s3cret", Takeover.SAME_CREDENTIAL, Srt.DEFAULT)));
            SrtCaller incumbent = fixture.call("#!::r=cam1,s=s3cret");
            LiveStream stream = fixture.awaitStream("cam1");
            for (int epoch = 2; epoch <= 1 + EvictionDamper.MAX_EVICTIONS; epoch++) {
                SrtCaller evicted = incumbent;
                evicted.send(new byte[ReceiverFixture.MESSAGE_BYTES]);
                incumbent = fixture.call("#!::r=cam1,s=s3cret");
                StreamState expected = new StreamState.Connecting(epoch);
                Waiting.until("epoch " + epoch, () -> stream.state().equals(expected));
                Waiting.until("the one before is closed", () -> !evicted.connected());
                evicted.close();
            }
            assertThat(fixture.rejectReason("#!::r=cam1,s=s3cret")).isEqualTo(1409);
            assertThat(fixture.rejectReason("cam1")).isEqualTo(1401);
            assertThat(incumbent.connected()).isTrue();
            incumbent.close();
        }
    }

    @Test
    void anEncoderWithoutAStreamIdPublishesTheStreamOfItsPort() {
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of("srt.stream", "studio/a"));
                SrtCaller caller = fixture.call("")) {
            fixture.expectDelivery(caller, "studio/a", 5);
        }
    }

    @Test
    void tooMuchLatencyIsRefusedAndTheNextTimeWithItsCode() {
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of("srt.max-latency", "1s"))) {
            try (SrtCaller caller = fixture.call(new SrtCaller.Options("cam1").latency(3_000))) {
                Waiting.until("closed", () -> !caller.connected());
            }
            assertThat(fixture.rejectReason(new SrtCaller.Options("cam1").latency(3_000)))
                    .isEqualTo(1406);
        }
    }

    @Test
    void immediateDeliveryNeedsNoLatency() {
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of())) {
            fixture.define("cam1", new Srt("", 0, 2_000, 0, true));
            try (SrtCaller caller = fixture.call("cam1")) {
                long beganNs = System.nanoTime();
                fixture.expectDelivery(caller, "cam1", 50);
                assertThat(System.nanoTime() - beganNs).isLessThan(1_500_000_000L);
            }
        }
    }

    @Test
    void aPublishersPacketFilterIsTaken() {
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of());
                SrtCaller caller =
                        fixture.call(
                                new SrtCaller.Options("cam1").filtered("fec,cols:10,rows:5"))) {
            fixture.expectDelivery(caller, "cam1", 200);
            LiveStream stream = fixture.awaitStream("cam1");
            Waiting.until(
                    "the filter's overhead is counted",
                    () -> stream.sample(System.nanoTime()).getSrt().getFilterExtraPackets() > 0);
        }
    }

    @Test
    void aDefinitionLaysDownHowItsConnectionIsKept() {
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of())) {
            fixture.define("cam1", new Srt("", 0, 0, 0, false, 1_000, 40, "fec,cols:10,rows:5", 0));
            // libsrt's "the two packet filters do not fit".
            assertThat(
                            fixture.rejectReason(
                                    new SrtCaller.Options("cam1").filtered("fec,cols:8,rows:4")))
                    .isEqualTo(BAD_FILTER);
            try (SrtCaller caller =
                    fixture.call(new SrtCaller.Options("cam1").filtered("fec,cols:10,rows:5"))) {
                fixture.expectDelivery(caller, "cam1", 200);
            }
        }
    }

    @Test
    void aSourceThatFailsTooOftenIsShutOutForAWhile() {
        try (ReceiverFixture fixture =
                new ReceiverFixture(
                        Map.of("srt.failure-burst", "3", "srt.failures-per-second", "1"))) {
            for (int i = 0; i < 4; i++) {
                assertThat(fixture.rejectReason("no id")).isEqualTo(1400);
            }
            assertThat(fixture.rejectReason("cam1")).isEqualTo(1402);
        }
    }

    @Test
    void callersThatLeaveAtOnceKeepNobodyElseOut() {
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of())) {
            for (int i = 0; i < 40; i++) {
                fixture.call("hasty" + i).close();
            }
            try (SrtCaller caller = fixture.call("cam1")) {
                fixture.expectDelivery(caller, "cam1", 10);
            }
        }
    }

    @Test
    void aSourceThatAsksWithoutEndIsNotHeardAndOthersAre() throws Exception {
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of());
                RawSrtPeer flooder =
                        new RawSrtPeer(
                                fixture.receiver.address(), InetAddress.getByName("127.0.0.2"))) {
            flooder.connect("no id");
            Waiting.until(
                    "the kernel drops them",
                    () -> {
                        try {
                            flooder.sendConclusion("no id", flooder.cookie(), false);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                        return fixture.receiver.filteredDatagrams() > 20;
                    });
            try (SrtCaller caller = fixture.call("cam1")) {
                fixture.expectDelivery(caller, "cam1", 10);
            }
        }
    }

    @Test
    void theLibrarysCapabilitiesAreFoundOut() {
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of())) {
            SrtCapabilities capabilities = fixture.receiver.capabilities();
            assertThat(capabilities.version()).startsWith("1.5");
            assertThat(capabilities.encryption()).isTrue();
            assertThat(capabilities.packetFilter()).isTrue();
        }
    }

    @Test
    void aStreamIdIsExplained() {
        try (ReceiverFixture fixture =
                new ReceiverFixture(
                        Map.of("srt.passphrase", "correct horse", "srt.stream", "studio"))) {
            assertThat(explained(fixture, "#!::r=cam1,u=joe"))
                    .satisfies(told -> {
                        assertThat(told.getStreamId()).isEqualTo("cam1");
                        assertThat(told.getUser()).isEqualTo("joe");
                        assertThat(told.getDialect())
                                .isEqualTo(StreamIdDialect.STREAM_ID_DIALECT_STANDARD);
                        assertThat(told.getReason()).isEqualTo(Reason.REASON_UNSPECIFIED);
                        assertThat(told.getEncryptionRequired()).isTrue();
                        assertThat(told.getLatencyMs()).isEqualTo(120);
                        assertThat(told.getPort()).isEqualTo(fixture.receiver.address().getPort());
                    });
            assertThat(explained(fixture, "").getStreamId()).isEqualTo("studio");
            assertThat(explained(fixture, "cam 1").getSrtCode()).isEqualTo(1400);
            assertThat(explained(fixture, "#!::r=cam1,m=request").getSrtCode()).isEqualTo(1405);
            assertThat(fixture.receiver.explain("cam1", 1, fixture.receiver.address())).isEmpty();
            assertThat(fixture.refusals.total()).isZero();
        }
    }

    private static ExplainIngestResponse explained(ReceiverFixture fixture, String streamId) {
        return fixture.receiver.explain(streamId, 0, fixture.receiver.address()).orElseThrow();
    }
}
