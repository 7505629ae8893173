package live.mirror.control.registry;

import live.mirror.v1.Grant;
import live.mirror.v1.Pulls;
import live.mirror.v1.Room;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Reads what the scripts answer. Pure. */
final class Replies {

    private Replies() {}

    /** What a script that may refuse has answered: {@code ok} and more, or a reason. */
    static <T> Answer<T> answer(List<?> list, Function<List<?>, T> reader) {
        String word = (String) list.get(0);
        if (word.equals("ok")) {
            return new Answer.Done<>(reader.apply(list));
        }
        if (word.equals("failed")) {
            throw new RegistryAwayException("the registry: " + list.get(1));
        }
        return new Answer.Refused<>(
                Names.reason(word),
                (String) list.get(1),
                list.size() > 2 ? Optional.of(room(list.get(2))) : Optional.empty());
    }

    /** A number, which Redis gives as an integer or as text. */
    static long number(Object value) {
        return value instanceof Long number ? number : (long) Double.parseDouble((String) value);
    }

    /** What is left for new streams. */
    static Room room(Object value) {
        List<?> list = (List<?>) value;
        return Room.newBuilder()
                .setStreams((int) number(list.get(0)))
                .setKbps(number(list.get(1)))
                .setKbpsLimited(list.get(2).equals("1"))
                .addAllReturningStreams(
                        ((List<?>) list.get(3)).stream().map(String.class::cast).toList())
                .build();
    }

    /** What a worker may admit alone. */
    static Grant grant(Object value) {
        List<?> list = (List<?>) value;
        return Grant.newBuilder()
                .setStreams((int) number(list.get(0)))
                .setValidMs(number(list.get(1)))
                .setFirstEpoch(number(list.get(2)))
                .build();
    }

    /** What a worker holds no more, four entries each. */
    static List<Answer.Fenced> fenced(Object value) {
        List<?> list = (List<?>) value;
        List<Answer.Fenced> fenced = new ArrayList<>();
        for (int i = 0; i < list.size(); i += 4) {
            fenced.add(
                    new Answer.Fenced(
                            (String) list.get(i),
                            number(list.get(i + 1)),
                            Names.reason((String) list.get(i + 2)),
                            WorkerRecord.addresses((String) list.get(i + 3)).getDelivery()));
        }
        return fenced;
    }

    /** The sources that a worker dials; empty when it knows them. */
    static Optional<Pulls> pulls(Object value) {
        List<?> list = (List<?>) value;
        return list.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        Pulls.newBuilder()
                                .setVersion(number(list.get(0)))
                                .addAllStreamIds(
                                        ((List<?>) list.get(1))
                                                .stream().map(String.class::cast).toList())
                                .build());
    }

    /** A page of streams. */
    static Registry.Page page(List<?> answer) {
        List<StreamRecord> streams = new ArrayList<>();
        for (int i = 2; i < answer.size(); i += 2) {
            streams.add(new StreamRecord((String) answer.get(i), fields(answer.get(i + 1))));
        }
        return new Registry.Page((String) answer.get(1), streams);
    }

    /** Workers, in the order of their ids. */
    static List<WorkerRecord> workers(List<?> answer, long leaseMs) {
        long now = number(answer.get(0));
        List<WorkerRecord> workers = new ArrayList<>();
        for (int i = 1; i < answer.size(); i += 3) {
            workers.add(
                    new WorkerRecord(
                            (String) answer.get(i),
                            number(answer.get(i + 1)) - now,
                            leaseMs,
                            fields(answer.get(i + 2))));
        }
        workers.sort(Comparator.comparing(WorkerRecord::id));
        return workers;
    }

    /** What changed behind an event. */
    static Registry.Events events(List<?> answer) {
        List<EventFeed.Event> events =
                ((List<?>) answer.get(2))
                        .stream()
                                .map(List.class::cast)
                                .map(entry ->
                                        new EventFeed.Event(
                                                (String) entry.get(0), fields(entry.get(1))))
                                .toList();
        return new Registry.Events((String) answer.get(0), number(answer.get(1)) == 1, events);
    }

    /** The fields of a hash. */
    static Map<String, String> fields(Object value) {
        List<?> list = (List<?>) value;
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i < list.size(); i += 2) {
            fields.put((String) list.get(i), (String) list.get(i + 1));
        }
        return fields;
    }
}
