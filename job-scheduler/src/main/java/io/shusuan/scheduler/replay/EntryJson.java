package io.shusuan.scheduler.replay;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Ending;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.Packing;
import io.shusuan.scheduler.queue.placement.Proximity;
import io.shusuan.scheduler.queue.placement.Role;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.FlavourName;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/** How what the queue decides about is written as JSON. The queue itself knows nothing of that. */
final class EntryJson {

    private EntryJson() {}

    static JsonMapper mapper() {
        var names = new SimpleModule();
        text(names, JobId.class, JobId::toString, name -> new JobId(UUID.fromString(name)));
        text(names, QueueName.class, QueueName::value, QueueName::new);
        text(names, CohortName.class, CohortName::value, CohortName::new);
        text(names, FlavourName.class, FlavourName::value, FlavourName::new);
        text(names, Moment.class, at -> Long.toString(at.millis()), millis -> new Moment(Long.parseLong(millis)));
        return JsonMapper.builder()
                .addModule(names)
                .addMixIn(Ask.class, AskForm.class)
                .addMixIn(Ending.class, EndingForm.class)
                .addMixIn(Decision.class, DecisionForm.class)
                .changeDefaultPropertyInclusion(all -> all.withValueInclusion(JsonInclude.Include.NON_NULL))
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES) // earlier versions said less
                .build();
    }

    @JsonAutoDetect(
            fieldVisibility = Visibility.ANY,
            getterVisibility = Visibility.NONE,
            isGetterVisibility = Visibility.NONE)
    @JsonIgnoreProperties("hash")
    private abstract static class AskForm {

        @JsonCreator
        @SuppressWarnings("UnusedVariable") // only says which key is which parameter of the real one
        AskForm(
                @JsonProperty("roles") List<Role> roles,
                @JsonProperty("proximity") Proximity proximity,
                @JsonProperty("packing") Packing packing,
                @JsonProperty("grows") boolean grows) {}
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Ending.By.class, name = "by"),
        @JsonSubTypes.Type(value = Ending.Unknown.class, name = "unknown"),
        @JsonSubTypes.Type(value = Ending.Never.class, name = "never")
    })
    private interface EndingForm {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Decision.Admit.class, name = "admit"),
        @JsonSubTypes.Type(value = Decision.Preempt.class, name = "preempt"),
        @JsonSubTypes.Type(value = Decision.Evict.class, name = "evict"),
        @JsonSubTypes.Type(value = Decision.Grow.class, name = "grow")
    })
    private interface DecisionForm {}

    /** A value that is one text, as a key, too. */
    private static <T> void text(
            SimpleModule module, Class<T> type, Function<T, String> write, Function<String, T> read) {
        module.addSerializer(type, new ValueSerializer<T>() {
            @Override
            public void serialize(T value, JsonGenerator json, SerializationContext context) {
                json.writeString(write.apply(value));
            }
        });
        module.addDeserializer(type, new ValueDeserializer<T>() {
            @Override
            public T deserialize(JsonParser json, DeserializationContext context) {
                return read.apply(json.getString());
            }
        });
        module.addKeySerializer(type, new ValueSerializer<T>() {
            @Override
            public void serialize(T value, JsonGenerator json, SerializationContext context) {
                json.writeName(write.apply(value));
            }
        });
        module.addKeyDeserializer(type, new KeyDeserializer() {
            @Override
            public Object deserializeKey(String key, DeserializationContext context) {
                return read.apply(key);
            }
        });
    }
}
