package live.mirror.control.api;

import com.google.protobuf.util.Timestamps;

import live.mirror.control.registry.Registry;
import live.mirror.control.registry.WorkerRecord;
import live.mirror.control.worker.Figures;
import live.mirror.control.worker.PeerFigures;
import live.mirror.v1.GetPullRequest;
import live.mirror.v1.GetPullResponse;
import live.mirror.v1.ListPullsRequest;
import live.mirror.v1.ListPullsResponse;
import live.mirror.v1.Pull;
import live.mirror.v1.PullReport;
import live.mirror.v1.PullState;
import live.mirror.v1.Reason;

import java.util.Map;
import java.util.TreeMap;

/**
 * How pulled sources are doing: who dials, by the registry; how it goes, by that worker's reports.
 */
public final class PulledSources {

    private final Registry registry;
    private final Figures figures;
    private final PeerFigures peers;

    /** Answers out of the registry, with what the workers told. */
    public PulledSources(Registry registry, Figures figures, PeerFigures peers) {
        this.registry = registry;
        this.figures = figures;
        this.peers = peers;
    }

    ListPullsResponse list(ListPullsRequest request) {
        Map<String, String> pulls = new TreeMap<>(registry.pulls(""));
        refresh(pulls);
        ListPullsResponse.Builder response = ListPullsResponse.newBuilder();
        pulls.forEach((id, worker) -> response.addPulls(pull(id, worker)));
        return response.build();
    }

    GetPullResponse get(GetPullRequest request) {
        Operations.requireId(request.getId());
        Map<String, String> pulls = registry.pulls(request.getId());
        String worker = pulls.get(request.getId());
        if (worker == null) {
            throw new ApiException(
                    Reason.REASON_NOT_FOUND, request.getId() + " is not pulled from a source");
        }
        refresh(pulls);
        return GetPullResponse.newBuilder().setPull(pull(request.getId(), worker)).build();
    }

    private void refresh(Map<String, String> pulls) {
        if (pulls.values().stream().allMatch(String::isEmpty)) {
            return;
        }
        peers.refresh(
                Operations.byReplica(
                        registry.workers().stream()
                                .filter((WorkerRecord worker) -> pulls.containsValue(worker.id()))
                                .toList()));
    }

    private Pull pull(String id, String worker) {
        Pull.Builder pull = Pull.newBuilder().setStreamId(id).setWorker(worker);
        if (worker.isEmpty()) {
            return pull.setState(PullState.PULL_STATE_UNASSIGNED).build();
        }
        return figures.pull(worker, id)
                .map(told -> complete(pull, told))
                .orElseGet(() -> pull.setState(PullState.PULL_STATE_ASSIGNED))
                .build();
    }

    private static Pull.Builder complete(Pull.Builder pull, Figures.ToldPull told) {
        PullReport report = told.report();
        pull.setState(state(report))
                .setFailedAttempts(report.getFailedAttempts())
                .setLastProblem(report.getLastProblem())
                .setToldAt(Timestamps.fromMillis(told.at().toEpochMilli()));
        if (pull.getState() == PullState.PULL_STATE_WAITING) {
            pull.setNextAttemptAt(
                    Timestamps.fromMillis(told.at().toEpochMilli() + report.getNextAttemptMs()));
        }
        return pull;
    }

    private static PullState state(PullReport report) {
        if (report.getConnected()) {
            return PullState.PULL_STATE_CONNECTED;
        }
        if (report.getGivenUp()) {
            return PullState.PULL_STATE_GIVEN_UP;
        }
        return report.getNextAttemptMs() > 0
                ? PullState.PULL_STATE_WAITING
                : PullState.PULL_STATE_DIALLING;
    }
}
