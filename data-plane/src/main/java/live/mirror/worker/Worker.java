package live.mirror.worker;

/** The process. */
public final class Worker {
    private Worker() {}

    /** Starts the process. */
    public static void main(String[] args) {}
}
