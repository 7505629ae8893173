package live.mirror.control.registry;

import live.mirror.v1.Grant;
import live.mirror.v1.Pulls;
import live.mirror.v1.Room;

import java.util.ArrayList;
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
