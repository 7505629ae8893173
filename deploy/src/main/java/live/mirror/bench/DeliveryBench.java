package live.mirror.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Runs a serving and a reading process for each row and prints what a delivered gigabyte costs.
 * Each shape runs as gRPC, TCP, TCP, gRPC, so that a drift of the machine hits both; the last line
 * is the ratio of the means. {@code DeliveryBench [--seconds N] [--stalled N]
 * [STREAMSxSUBSCRIBERSxMBPS...]}; with {@code --stalled} it shows instead what so many subscribers
 * that do not read cost the worker and those that do
 */
public final class DeliveryBench {

    /**
     * So many windows in a row that carry everything, and both JVMs have compiled what they need:
     * at live rates that takes half a minute, which belongs to the start and not to a gigabyte.
     */
    private static final int WARM_WINDOWS = 10;

    private static final int WARM_WINDOW_SECONDS = 3;
    private static final int MAX_WARM_WINDOWS = 15;

    /** Until those that stall have stalled, and less than the worker's patience. */
    private static final int STALL_SECONDS = 6;

    private final int seconds;

    private record Shape(int streams, int subscribers, int mbps) {

        static Shape parse(String text) {
            String[] parts = text.split("x", -1);
            return new Shape(
                    Integer.parseInt(parts[0]),
                    Integer.parseInt(parts[1]),
                    Integer.parseInt(parts[2]));
        }
    }

    private record Row(double serverSecondsPerGb, double p50Ms, double p99Ms) {}

    private DeliveryBench(int seconds) {
        this.seconds = seconds;
    }

    /** Measures and prints. */
    public static void main(String[] arguments) throws Exception {
        int seconds = 8;
        int stalled = 0;
        List<Shape> shapes = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("--seconds")) {
                seconds = Integer.parseInt(arguments[++i]);
            } else if (arguments[i].equals("--stalled")) {
                stalled = Integer.parseInt(arguments[++i]);
            } else {
                shapes.add(Shape.parse(arguments[i]));
            }
        }
        if (shapes.isEmpty()) {
            shapes.add(new Shape(10, 10, 50));
            shapes.add(new Shape(50, 50, 50));
            shapes.add(new Shape(10, 50, 5));
        }
        DeliveryBench bench = new DeliveryBench(seconds);
        System.out.println(
                "streams subscribers Mb/s way   Gb/s  server-s/GB client-s/GB  p50-ms p99-ms"
                        + " lost-bytes");
        for (Shape shape : shapes) {
            if (stalled > 0) {
                bench.stall(shape, stalled);
            } else {
                bench.compare(shape);
            }
        }
    }

    private void compare(Shape shape) throws IOException, InterruptedException {
        Row first = measure("grpc", shape);
        Row tcp = measure("tcp", shape);
        Row tcpAgain = measure("tcp", shape);
        Row last = measure("grpc", shape);
        System.out.printf(
                Locale.ROOT,
                "ratio gRPC : TCP = %.2f%n%n",
                (first.serverSecondsPerGb() + last.serverSecondsPerGb())
                        / (tcp.serverSecondsPerGb() + tcpAgain.serverSecondsPerGb()));
    }

    private void stall(Shape shape, int stalled) throws IOException, InterruptedException {
        measure(
                "grpc",
                shape,
                (server, client, port) -> {
                    Row before = measure("grpc", shape, server, client);
                    long rssBefore = ProcessFigures.rssKb(server.toHandle());
                    Process sleepers =
                            java(
                                    DeliveryBenchClient.class,
                                    "stalled",
                                    Integer.toString(stalled),
                                    Integer.toString(shape.streams()),
                                    port);
                    try {
                        TimeUnit.SECONDS.sleep(STALL_SECONDS);
                        ask(client, client.inputReader());
                        Row after = measure("grpc", shape, server, client);
                        System.out.printf(
                                Locale.ROOT,
                                "%d stalled: worker's memory %+.1f MB, others' p99 %+.2f ms%n%n",
                                stalled,
                                (ProcessFigures.rssKb(server.toHandle()) - rssBefore) / 1_000.0,
                                after.p99Ms() - before.p99Ms());
                        return after;
                    } finally {
                        sleepers.destroyForcibly().waitFor();
                    }
                });
    }

    /** What is measured between a server and a client. */
    @FunctionalInterface
    private interface Measurement {
        Row take(Process server, Process client, String port)
                throws IOException, InterruptedException;
    }

    private Row measure(String way, Shape shape) throws IOException, InterruptedException {
        return measure(way, shape, (server, client, _) -> measure(way, shape, server, client));
    }

    private Row measure(String way, Shape shape, Measurement measurement)
            throws IOException, InterruptedException {
        Process server =
                java(
                        DeliveryBenchServer.class,
                        way,
                        Integer.toString(way.equals("tcp") ? shape.subscribers() : shape.streams()),
                        Integer.toString(shape.mbps()));
        try {
            String port = server.inputReader().readLine().substring("port ".length());
            Process client =
                    java(
                            DeliveryBenchClient.class,
                            way,
                            Integer.toString(shape.subscribers()),
                            Integer.toString(shape.streams()),
                            port);
            try {
                return measurement.take(server, client, port);
            } finally {
                client.destroyForcibly().waitFor();
            }
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    private Row measure(String way, Shape shape, Process server, Process client)
            throws IOException, InterruptedException {
        BufferedReader answers = client.inputReader();
        warmUp(client, answers, shape);
        double serverBefore = ProcessFigures.cpuSeconds(server.toHandle());
        double clientBefore = ProcessFigures.cpuSeconds(client.toHandle());
        TimeUnit.SECONDS.sleep(seconds);
        String[] answer = ask(client, answers).split(" ", -1);
        double gb = Long.parseLong(answer[0]) / 1e9;
        double serverSeconds = (ProcessFigures.cpuSeconds(server.toHandle()) - serverBefore) / gb;
        double clientSeconds = (ProcessFigures.cpuSeconds(client.toHandle()) - clientBefore) / gb;
        Row row =
                new Row(
                        serverSeconds,
                        Double.parseDouble(answer[2]),
                        Double.parseDouble(answer[3]));
        System.out.printf(
                Locale.ROOT,
                "%7d %11d %4d %-4s %6.2f %12.2f %11.2f %7.2f %6.2f %10s%n",
                shape.streams(),
                shape.subscribers(),
                shape.mbps(),
                way,
                gb * 8 / seconds,
                serverSeconds,
                clientSeconds,
                row.p50Ms(),
                row.p99Ms(),
                answer[1]);
        return row;
    }

    private static void warmUp(Process client, BufferedReader answers, Shape shape)
            throws IOException, InterruptedException {
        double expectedBytes =
                shape.subscribers() * shape.mbps() * 1e6 / 8 * WARM_WINDOW_SECONDS * 0.97;
        int warm = 0;
        ask(client, answers);
        for (int i = 0; i < MAX_WARM_WINDOWS && warm < WARM_WINDOWS; i++) {
            TimeUnit.SECONDS.sleep(WARM_WINDOW_SECONDS);
            String answer = ask(client, answers);
            long bytes = Long.parseLong(answer.substring(0, answer.indexOf(' ')));
            warm = bytes >= expectedBytes ? warm + 1 : 0;
        }
    }

    private static String ask(Process client, BufferedReader answers) throws IOException {
        client.outputWriter().write("figures\n");
        client.outputWriter().flush();
        return answers.readLine();
    }

    private static Process java(Class<?> main, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-XX:+UseSerialGC",
                                "-Xmx384m",
                                // Touched as a whole while it warms up: what memory grows by later
                                // is no heap that was never used before.
                                "-Xmn32m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }
}
