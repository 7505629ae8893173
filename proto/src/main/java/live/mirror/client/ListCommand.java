package live.mirror.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;

import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;

import live.mirror.contract.BearerToken;
import live.mirror.v1.ListStreamsRequest;
import live.mirror.v1.ListStreamsResponse;
import live.mirror.v1.ListWorkersRequest;
import live.mirror.v1.ListWorkersResponse;
import live.mirror.v1.Stream;
import live.mirror.v1.StreamServiceGrpc;
import live.mirror.v1.Worker;
import live.mirror.v1.WorkerServiceGrpc;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** {@code streams} and {@code workers}: tables, or JSON as the API has it. */
final class ListCommand {

    private static final long DEADLINE_SECONDS = 5;

    private static final String USAGE =
            """
            Usage: mirror %s [--json] [--control-plane HOST:PORT] [--ca FILE] [--token-file FILE]

            Lists the %s that the control plane knows, as a table, or with --json as the API
            answers. The control plane is at 127.0.0.1:8080 unless said otherwise; with --ca it is
            asked over TLS, and the authorities in that file (PEM) are trusted; with --token-file
            its first line is shown as a bearer token.
            """
                    + ExitStatus.TABLE;

    private ListCommand() {}

    static ExitStatus streams(String[] rest) {
        return run(
                "streams",
                rest,
                channel ->
                        StreamServiceGrpc.newBlockingStub(channel)
                                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                                .listStreams(ListStreamsRequest.getDefaultInstance()),
                ListCommand::table);
    }

    static ExitStatus workers(String[] rest) {
        return run(
                "workers",
                rest,
                channel ->
                        WorkerServiceGrpc.newBlockingStub(channel)
                                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                                .listWorkers(ListWorkersRequest.getDefaultInstance()),
                ListCommand::table);
    }

    private static <T extends Message> ExitStatus run(
            String what,
            String[] rest,
            Function<ManagedChannel, T> ask,
            Function<T, String> table) {
        Arguments arguments =
                new Arguments(
                        rest,
                        Set.of("--control-plane", "--ca", "--token-file"),
                        Set.of("--json", "--help"));
        if (arguments.has("--help")) {
            System.err.println(USAGE.formatted(what, what));
            return ExitStatus.OK;
        }
        arguments.none();
        ManagedChannelBuilder<?> builder =
                arguments.channels().apply(arguments.value("--control-plane", "127.0.0.1:8080"));
        arguments.token().map(ListCommand::shown).ifPresent(builder::intercept);
        ManagedChannel channel = builder.build();
        try {
            T answer = ask.apply(channel);
            PrintStream out =
                    new PrintStream(
                            new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
            out.print(arguments.has("--json") ? json(answer) : table.apply(answer));
            return ExitStatus.OK;
        } catch (StatusRuntimeException e) {
            System.err.println("mirror: " + Finder.words(e.getStatus()));
            return ExitStatus.of(e);
        } finally {
            channel.shutdownNow();
        }
    }

    private static ClientInterceptor shown(String token) {
        Metadata headers = new Metadata();
        BearerToken.put(headers, token);
        return MetadataUtils.newAttachHeadersInterceptor(headers);
    }

    private static String table(ListStreamsResponse answer) {
        Table table =
                new Table(
                        "STREAM",
                        "STATUS",
                        "EPOCH",
                        "PROTOCOL",
                        "WORKER",
                        "DELIVERY",
                        "KBPS",
                        "LOST",
                        "SUBSCRIBERS");
        for (Stream stream : answer.getStreamsList()) {
            table.row(
                    stream.getId(),
                    stream.getStatus().name().substring("STREAM_STATUS_".length()),
                    stream.getEpoch(),
                    stream.getProtocol().name().substring("PROTOCOL_".length()),
                    stream.getWorker(),
                    stream.getDeliveryAddress(),
                    stream.getStats().getBitrateBps() / 1_000,
                    stream.getStats().getLostPackets(),
                    stream.getStats().getSubscriptions());
        }
        return table.toString();
    }

    private static String table(ListWorkersResponse answer) {
        Table table =
                new Table(
                        "WORKER",
                        "STATUS",
                        "DRAINING",
                        "STREAMS",
                        "KBPS",
                        "CPU",
                        "SRT",
                        "RTP",
                        "DELIVERY",
                        "VERSION");
        for (Worker worker : answer.getWorkersList()) {
            table.row(
                    worker.getId(),
                    worker.getStatus().name().substring("WORKER_STATUS_".length()),
                    worker.getDraining() ? "yes" : "no",
                    worker.getLoad().getStreams() + "/" + worker.getCapacity().getStreams(),
                    worker.getLoad().getKbps(),
                    "%.2f".formatted(worker.getLoad().getCpuCores()),
                    worker.getAddresses().getSrt(),
                    worker.getAddresses().getRtp(),
                    worker.getAddresses().getDelivery(),
                    worker.getVersion());
        }
        return table.toString();
    }

    private static String json(Message message) {
        try {
            return JsonFormat.printer().alwaysPrintFieldsWithNoPresence().print(message) + "\n";
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("an answer that is no valid message", e);
        }
    }
}
