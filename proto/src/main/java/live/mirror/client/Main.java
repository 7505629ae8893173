package live.mirror.client;

import java.util.Arrays;

/** The command line: one question to a running Mirror each. */
public final class Main {

    private Main() {}

    /** Runs the command that the first argument names. */
    public static void main(String[] arguments) {
        System.exit(run(arguments).status());
    }

    private static ExitStatus run(String[] arguments) {
        String command = arguments.length == 0 ? "--help" : arguments[0];
        String[] rest =
                Arrays.copyOfRange(arguments, Math.min(1, arguments.length), arguments.length);
        try {
            return switch (command) {
                case "subscribe" -> SubscribeCommand.run(rest);
                case "streams" -> ListCommand.streams(rest);
                case "workers" -> ListCommand.workers(rest);
                case "--help", "-h", "help" -> {
                    System.err.println("Commands: subscribe, streams, workers; each has --help.");
                    yield arguments.length == 0 ? ExitStatus.USAGE : ExitStatus.OK;
                }
                default -> throw new UsageException("there is no command " + command);
            };
        } catch (UsageException e) {
            System.err.println("mirror: " + e.getMessage());
            return ExitStatus.USAGE;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return ExitStatus.FAILED;
        }
    }
}
