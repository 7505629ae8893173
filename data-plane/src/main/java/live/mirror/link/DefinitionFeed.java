package live.mirror.link;

import live.mirror.contract.StreamId;
import live.mirror.stream.Definition;
import live.mirror.stream.Definitions;
import live.mirror.stream.Pulls;
import live.mirror.v1.StreamDefinition;
import live.mirror.v1.TakeoverRule;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Keeps the worker's definitions, and which of their sources it dials, as the control plane last
 * told them. Used by the link's one thread; what it puts into {@link Definitions} is read by every
 * gate, {@link Pulls} by whoever dials. While the control plane is away the last ones hold.
 */
final class DefinitionFeed {

    private final Definitions definitions;
    private final Pulls pulls;
    private final IngestTokens tokens;
    private final Map<StreamId, Definition> known = new HashMap<>();
    private Set<StreamId> assigned = Set.of();
    private long version;
    private long pullsVersion;

    DefinitionFeed(Definitions definitions, Pulls pulls, IngestTokens tokens) {
        this.definitions = definitions;
        this.pulls = pulls;
        this.tokens = tokens;
    }

    /** Which state of its sources to dial the worker has. */
    long pullsVersion() {
        return pullsVersion;
    }

    /** How the sources that it dials are doing. */
    Pulls pulls() {
        return pulls;
    }

    /** Takes which sources are this worker's to dial. */
    void take(live.mirror.v1.Pulls told) {
        assigned =
                told.getStreamIdsList().stream()
                        .flatMap(id -> StreamId.parse(id).stream())
                        .collect(Collectors.toUnmodifiableSet());
        pullsVersion = told.getVersion();
        dial();
    }

    private void dial() {
        pulls.replace(
                assigned.stream()
                        .map(known::get)
                        .filter(Objects::nonNull)
                        .filter(each -> each.pull().isPresent() && !each.disabled())
                        .toList());
    }

    /** Which state of the definitions the worker has. */
    long version() {
        return version;
    }

    /** Takes all of them, or what changed. */
    void take(live.mirror.v1.Definitions told) {
        if (told.getFull()) {
            known.clear();
        }
        told.getDeletedList().forEach(id -> StreamId.parse(id).ifPresent(known::remove));
        told.getDefinitionsList()
                .forEach(each -> read(each).ifPresent(read -> known.put(read.id(), read)));
        tokens.trust(told.getTokenKeysList());
        version = told.getVersion();
        definitions.replace(told.getDefinedOnly(), known.values());
        dial();
    }

    private static Optional<Definition> read(StreamDefinition told) {
        return StreamId.parse(told.getId())
                .map(id ->
                        new Definition(
                                id,
                                told.getDisabled(),
                                told.getProtocol(),
                                told.getPublishKey(),
                                takeover(told.getTakeover()),
                                told.getExpectedKbps(),
                                srt(told),
                                told.hasRtp() ? Optional.of(told.getRtp()) : Optional.empty(),
                                told.hasPull() ? Optional.of(told.getPull()) : Optional.empty()));
    }

    private static Definition.Srt srt(StreamDefinition told) {
        return new Definition.Srt(
                told.getPassphrase(),
                told.getSrt().getKeyBytes(),
                told.getSrt().getLatencyMs(),
                told.getSrt().getMaxLatencyMs(),
                told.getSrt().getImmediate(),
                told.getSrt().getPeerIdleMs(),
                told.getSrt().getReorderTolerancePackets(),
                told.getSrt().getPacketFilter(),
                told.getSrt().getPassphraseVersion());
    }

    private static Definition.Takeover takeover(TakeoverRule rule) {
        return switch (rule) {
            case TAKEOVER_RULE_SAME_CREDENTIAL -> Definition.Takeover.SAME_CREDENTIAL;
            case TAKEOVER_RULE_NEVER -> Definition.Takeover.NEVER;
            case TAKEOVER_RULE_SILENT, TAKEOVER_RULE_UNSPECIFIED, UNRECOGNIZED ->
                    Definition.Takeover.SILENT;
        };
    }
}
