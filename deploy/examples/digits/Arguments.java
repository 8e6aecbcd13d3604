import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A command line of {@code --name value} or {@code --name=value}; of a name given twice the last value counts. */
record Arguments(Map<String, String> values) {

    static Arguments parse(String[] words, List<String> names) {
        var values = new LinkedHashMap<String, String>();
        for (int next = 0; next < words.length; next++) {
            var word = words[next];
            int equals = word.indexOf('=');
            var name = equals < 0 ? word : word.substring(0, equals);
            if (!names.contains(name)) {
                throw new Fault("unknown argument '%s': known are %s".formatted(word, String.join(", ", names)));
            }
            if (equals < 0 && next + 1 == words.length) {
                throw new Fault(name + " needs a value after it");
            }
            values.put(name, equals < 0 ? words[++next] : word.substring(equals + 1));
        }
        return new Arguments(values);
    }

    /** The argument or, when it is not given, the environment variable; empty text counts as not given. */
    Optional<String> find(String name, String environmentVariable) {
        return find(name)
                .or(() ->
                        Optional.ofNullable(System.getenv(environmentVariable)).filter(value -> !value.isBlank()));
    }

    Optional<String> find(String name) {
        return Optional.ofNullable(values.get(name)).filter(value -> !value.isBlank());
    }
}
