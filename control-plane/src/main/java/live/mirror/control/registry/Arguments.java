package live.mirror.control.registry;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

import live.mirror.v1.ClaimRequest;
import live.mirror.v1.HeldStream;
import live.mirror.v1.KeptReport;
import live.mirror.v1.RegisterRequest;
import live.mirror.v1.ReleaseRequest;

import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** Writes what workers ask as the scripts read it. Pure. */
final class Arguments {

    private Arguments() {}

    static void register(JsonObject arguments, RegisterRequest request) {
        arguments.addProperty("worker", request.getWorkerId());
        arguments.addProperty("worker_epoch", request.getWorkerEpoch());
        arguments.addProperty("incarnation", Long.toUnsignedString(request.getIncarnation()));
        arguments.addProperty(
                "addresses",
                Base64.getEncoder().encodeToString(request.getAddresses().toByteArray()));
        arguments.addProperty("worker_streams", request.getCapacity().getStreams());
        arguments.addProperty("worker_kbps", request.getCapacity().getKbps());
        arguments.addProperty("version", request.getVersion());
        arguments.addProperty("draining", request.getDraining());
        arguments.addProperty("drained", request.getDrained());
        arguments.addProperty("believed", Math.max(0, request.getGrantedStreams()));
        JsonArray held = new JsonArray();
        for (HeldStream stream : request.getHeldStreamsList()) {
            JsonObject entry = new JsonObject();
            entry.addProperty("id", stream.getStreamId());
            entry.addProperty("epoch", stream.getEpoch());
            entry.addProperty("status", Names.of(stream.getStatus()));
            entry.addProperty("protocol", Names.of(stream.getProtocol()));
            entry.addProperty("kbps", stream.getReservedKbps());
            entry.addProperty("source", stream.getSource());
            held.add(entry);
        }
        arguments.add("held", held);
    }

    static JsonObject claim(ClaimRequest request) {
        JsonObject arguments = new JsonObject();
        arguments.addProperty("req", request.getRequestId());
        arguments.addProperty("worker", request.getWorkerId());
        arguments.addProperty("worker_epoch", request.getWorkerEpoch());
        arguments.addProperty("id", request.getStreamId());
        arguments.addProperty("protocol", Names.of(request.getProtocol()));
        arguments.addProperty("kbps", Math.max(0, request.getExpectedKbps()));
        arguments.addProperty("source", request.getSource());
        arguments.addProperty("credential", request.getCredentialId());
        arguments.addProperty("pulled", request.getPulled());
        arguments.addProperty("silent_ms", request.getSilentMs());
        arguments.addProperty(
                "token", HexFormat.of().formatHex(request.getTokenId().toByteArray()));
        return arguments;
    }

    static void release(JsonObject arguments, ReleaseRequest request) {
        arguments.addProperty("worker", request.getWorkerId());
        arguments.addProperty("worker_epoch", request.getWorkerEpoch());
        arguments.addProperty("id", request.getStreamId());
        arguments.addProperty("epoch", request.getEpoch());
        arguments.addProperty("reason", Names.of(request.getReason()));
        arguments.addProperty(
                "figures",
                request.hasStats()
                        ? Base64.getEncoder().encodeToString(request.getStats().toByteArray())
                        : "");
    }

    static JsonObject report(KeptReport request, List<Told> streams, boolean all) {
        JsonObject arguments = new JsonObject();
        arguments.addProperty("worker", request.getWorkerId());
        arguments.addProperty("worker_epoch", request.getWorkerEpoch());
        arguments.addProperty("draining", request.getDraining());
        arguments.addProperty("believed", request.getGrantedStreams());
        arguments.addProperty("all", all);
        arguments.addProperty("pulls_version", request.getPullsVersion());
        JsonArray entries = new JsonArray();
        JsonArray unchanged = new JsonArray();
        for (Told told : streams) {
            if (!told.changed()) {
                unchanged.add(told.id());
                unchanged.add(told.epoch());
                continue;
            }
            JsonObject entry = new JsonObject();
            entry.addProperty("id", told.id());
            entry.addProperty("epoch", told.epoch());
            entry.addProperty("status", Names.of(told.status()));
            entry.addProperty("silent_ms", told.silentMs());
            entry.addProperty("kbps", told.kbps());
            entries.add(entry);
        }
        arguments.add("streams", entries);
        arguments.add("unchanged", unchanged);
        arguments.add("refusals", Refusals.toJson(request.getRefusalsList()));
        return arguments;
    }
}
