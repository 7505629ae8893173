package live.mirror.control.observe;

import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.health.HealthCheckType;

import java.util.Map;
import java.util.function.Supplier;

/**
 * A health check.
 *
 * @param name what it is called in the answer
 * @param type liveness asks only whether this process works; readiness whether it takes new work
 * @param state asked at each request; must not block
 */
public record Check(String name, HealthCheckType type, Supplier<State> state)
        implements HealthCheck {

    /**
     * What a check finds.
     *
     * @param up whether all is well
     * @param details figures for people
     */
    public record State(boolean up, Map<String, Object> details) {}

    @Override
    public HealthCheckResponse call() {
        State now = state.get();
        HealthCheckResponse.Builder response = HealthCheckResponse.builder().status(now.up());
        now.details().forEach(response::detail);
        return response.build();
    }
}
