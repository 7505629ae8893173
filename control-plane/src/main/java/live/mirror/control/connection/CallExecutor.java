package live.mirror.control.connection;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Runs the calls of one HTTP/2 connection, and tells it how many there are. */
final class CallExecutor extends AbstractExecutorService {

    private final ExecutorService executor;
    private final Connection connection;

    CallExecutor(ExecutorService executor, Connection connection) {
        this.executor = executor;
        this.connection = connection;
    }

    @Override
    public void execute(Runnable call) {
        connection.callBegan();
        try {
            executor.execute(() -> {
                try {
                    call.run();
                } finally {
                    connection.callEnded();
                }
            });
        } catch (RejectedExecutionException e) {
            connection.callEnded();
            throw e;
        }
    }

    @Override
    public void shutdown() {
        executor.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return executor.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return executor.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return executor.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return executor.awaitTermination(timeout, unit);
    }
}
