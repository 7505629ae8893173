package live.mirror.control;

/** The process. */
public final class ControlPlane {
    private ControlPlane() {}

    /** Starts the process. */
    public static void main(String[] args) {}
}
