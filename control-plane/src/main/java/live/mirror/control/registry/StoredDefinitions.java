package live.mirror.control.registry;

import com.google.gson.JsonObject;

import live.mirror.v1.StreamDefinition;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The registry's definitions; what its class comment says holds here too. */
public final class StoredDefinitions {

    private final RedisScripts scripts;
    private final Supplier<JsonObject> limits;

    StoredDefinitions(RedisScripts scripts, Supplier<JsonObject> limits) {
        this.scripts = scripts;
        this.limits = limits;
    }

    /** Creates or replaces a definition; answers its version. */
    public Answer<Long> define(StreamDefinition definition, long ifVersion) {
        return define(definition, ifVersion, false);
    }

    /** Writes back a definition that the registry has lost, unless it is there again. */
    public Answer<Long> restore(StreamDefinition definition) {
        return define(definition, -1, true);
    }

    private Answer<Long> define(StreamDefinition definition, long ifVersion, boolean restored) {
        JsonObject arguments = limits.get();
        arguments.addProperty("id", definition.getId());
        arguments.addProperty("if_version", ifVersion);
        arguments.addProperty("restored", restored);
        arguments.add("fields", DefinitionRecord.fields(definition));
        return Replies.answer(
                scripts.run("define", arguments), list -> Replies.number(list.get(1)));
    }

    /** Deletes a definition; answers the definitions' version. */
    public Answer<Long> delete(String id) {
        JsonObject arguments = limits.get();
        arguments.addProperty("id", id);
        arguments.addProperty("if_version", 0);
        arguments.addProperty("delete", true);
        return Replies.answer(
                scripts.run("define", arguments), list -> Replies.number(list.get(1)));
    }

    /** One definition, with its secrets. */
    public Optional<StreamDefinition> get(String id) {
        JsonObject arguments = limits.get();
        arguments.addProperty("id", id);
        return scripts.run("definition", arguments).stream()
                .findFirst()
                .map(record -> DefinitionRecord.read(id, Replies.fields(record)));
    }

    /**
     * Definitions that changed.
     *
     * @param version of all of them
     * @param full whether these are all
     * @param deleted ids
     * @param definitions with their secrets
     */
    public record Changes(
            long version, boolean full, List<String> deleted, List<StreamDefinition> definitions) {}

    /** What changed of the definitions after a version; all of them after 0. */
    public Changes since(long since) {
        JsonObject arguments = limits.get();
        arguments.addProperty("since", since);
        List<?> answer = scripts.run("definitions", arguments);
        List<StreamDefinition> definitions = new ArrayList<>();
        for (int i = 3; i < answer.size(); i += 2) {
            definitions.add(
                    DefinitionRecord.read(
                            (String) answer.get(i), Replies.fields(answer.get(i + 1))));
        }
        return new Changes(
                Replies.number(answer.get(0)),
                answer.get(1).equals("1"),
                ((List<?>) answer.get(2)).stream().map(String.class::cast).toList(),
                definitions);
    }
}
