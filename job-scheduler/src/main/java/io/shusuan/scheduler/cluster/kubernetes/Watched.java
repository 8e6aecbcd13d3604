package io.shusuan.scheduler.cluster.kubernetes;

import static java.util.Objects.requireNonNullElse;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects of one kind, kept up to date by an informer that is not trusted.
 *
 * <p>A watch may end without a word: its connection is gone and nobody says so, or the client has given up on it.
 * {@link #check} and {@link #mend} notice a watch that is down or has told nothing for long.
 * A silent one may be right, in a quiet cluster; so what it has told is compared with the metadata of what is there,
 * twice, since a change may be under way. If the informer missed something, a new one takes its place as soon as that
 * has listed everything.
 *
 * @param <T> the kind
 */
final class Watched<T extends HasMetadata> implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Watched.class);
    private static final long PAGE = 500;

    /** A watch that ends by itself, as each does after some minutes, is up again by then. */
    private static final Duration RECONNECTING = Duration.ofSeconds(10);

    /** Hears of every object that appeared, changed or went. */
    interface Listener<T> {
        void changed(T object, boolean gone);
    }

    private final String kind;
    private final Supplier<FilterWatchListDeletable<T, ?, ?>> query;
    private final Map<String, Function<T, List<String>>> indexers;
    private final UnaryOperator<T> prune;
    private final Listener<T> listener;
    private final Duration staleAfter;
    private final Clock clock;

    private volatile SharedIndexInformer<T> informer;
    private volatile boolean started;
    private volatile Instant heard;
    private volatile @Nullable Instant downSince;
    private String heardVersion = "";
    private @Nullable SharedIndexInformer<T> successor;
    private Map<String, String> missed = Map.of();
    private boolean suspect;

    Watched(
            String kind,
            Supplier<FilterWatchListDeletable<T, ?, ?>> query,
            Map<String, Function<T, List<String>>> indexers,
            UnaryOperator<T> prune,
            Listener<T> listener,
            Duration staleAfter,
            Clock clock) {
        this.kind = kind;
        this.query = query;
        this.indexers = indexers;
        this.prune = prune;
        this.listener = listener;
        this.staleAfter = staleAfter;
        this.clock = clock;
        this.heard = clock.instant();
        this.informer = newInformer();
    }

    /** Begins to list and to watch, as soon as the API server answers. Returns when all is listed. */
    CompletionStage<Void> start() {
        started = true;
        return informer.start();
    }

    Stream<T> all() {
        return informer.getStore().list().stream();
    }

    List<T> byIndex(String index, String value) {
        return informer.getIndexer().byIndex(index, value);
    }

    @Nullable
    T get(String namespaceAndName) {
        return informer.getIndexer().getByKey(namespaceAndName);
    }

    String kind() {
        return kind;
    }

    /** Whether what is known is what is there, give or take a moment. */
    boolean isCurrent() {
        Instant down = downSince;
        return informer.hasSynced() && (down == null || down.plus(RECONNECTING).isAfter(clock.instant()));
    }

    /** Since when it is not, if it is not. */
    Instant currentUntil() {
        return requireNonNullElse(downSince, heard);
    }

    /** How long nothing has been heard, not even that nothing happened. */
    Duration silence() {
        return Duration.between(heard, clock.instant());
    }

    /** Notes signs of life. This and {@link #mend} are called by one thread, every few seconds. */
    void check() {
        if (!started) {
            return;
        }
        Instant now = clock.instant();
        downSince = informer.isWatching() ? null : requireNonNullElse(downSince, now);
        String version = requireNonNullElse(informer.lastSyncResourceVersion(), "");
        if (!version.equals(heardVersion)) {
            heardVersion = version;
            heard = now;
        }
    }

    /** Called while the API server answers; with {@code atOnce} because it had not for a while. */
    void mend(boolean atOnce) {
        if (!started) {
            return;
        }
        if (successor != null) {
            succeed(successor);
            return;
        }
        if (!informer.hasSynced() && informer.isRunning()) {
            return; // it has nothing to lose, and lists by itself
        }
        Instant down = downSince;
        boolean isDown = !informer.isRunning()
                || (down != null && (atOnce || down.plus(RECONNECTING).isBefore(clock.instant())));
        if (isDown) {
            replace("its watch is down");
            return;
        }
        suspect = suspect || atOnce || silence().compareTo(staleAfter) > 0;
        if (suspect && hasMissedSomething()) {
            replace("it has missed a change");
        }
    }

    /** Whether a difference that was seen last time is still there. */
    private boolean hasMissedSomething() {
        Map<String, String> differences = differences();
        boolean lasting =
                differences.entrySet().stream().anyMatch(each -> each.getValue().equals(missed.get(each.getKey())));
        missed = differences;
        if (differences.isEmpty()) {
            heard = clock.instant(); // silent because nothing happened
            suspect = false;
        }
        return lasting;
    }

    /** What is there and not known as it is, and what is known and not there: each with the version that is known. */
    private Map<String, String> differences() {
        var known = new HashMap<String, String>();
        all().forEach(each -> known.put(key(each), each.getMetadata().getResourceVersion()));
        var differences = new HashMap<String, String>();
        String next = null;
        try {
            do {
                var page = query.get()
                        .listAsPartialObjectMetadata(new ListOptionsBuilder()
                                .withLimit(PAGE)
                                .withContinue(next)
                                .build());
                List<? extends HasMetadata> items = page.getItems();
                for (HasMetadata each : items == null ? List.<HasMetadata>of() : items) {
                    String before = known.remove(key(each));
                    if (!Objects.equals(before, each.getMetadata().getResourceVersion())) {
                        differences.put(key(each), requireNonNullElse(before, "absent"));
                    }
                }
                next = page.getMetadata().getContinue();
            } while (next != null && !next.isEmpty());
        } catch (KubernetesClientException e) {
            return Map.of(); // that the API server does not answer is not the informer's fault
        }
        differences.putAll(known);
        return differences;
    }

    private void replace(String why) {
        log.warn(
                "Listing {} anew: {}, nothing heard for {} s",
                kind,
                why,
                silence().toSeconds());
        var fresh = newInformer();
        successor = fresh;
        fresh.start();
    }

    private void succeed(SharedIndexInformer<T> fresh) {
        if (!fresh.hasSynced()) {
            return;
        }
        var old = informer;
        var gone = new HashMap<String, T>();
        old.getStore().list().forEach(each -> gone.put(key(each), each));
        informer = fresh;
        successor = null;
        missed = Map.of();
        suspect = false;
        downSince = null;
        heard = clock.instant();
        old.stop();
        fresh.getStore().list().forEach(each -> gone.remove(key(each)));
        gone.values().forEach(each -> listener.changed(each, true));
    }

    private SharedIndexInformer<T> newInformer() {
        return query.get()
                .withLimit(PAGE)
                .runnableInformer(0)
                .itemStore(new PrunedStore())
                .addIndexers(indexers)
                .addEventHandler(new ToListener())
                .exceptionHandler((started, failure) -> true);
    }

    private static String key(HasMetadata object) {
        String namespace = object.getMetadata().getNamespace();
        return namespace == null
                ? object.getMetadata().getName()
                : namespace + "/" + object.getMetadata().getName();
    }

    @Override
    public void close() {
        informer.stop();
        if (successor != null) {
            successor.stop();
        }
    }

    /** Keeps of each object what is read later: of a hundred thousand pods the rest would fill the memory. */
    private final class PrunedStore extends BasicItemStore<T> {

        PrunedStore() {
            super(Watched::key);
        }

        @Override
        public T put(String key, T object) {
            object.getMetadata().setManagedFields(List.of());
            return super.put(key, prune.apply(object));
        }
    }

    private final class ToListener implements ResourceEventHandler<T> {

        @Override
        public void onAdd(T object) {
            listener.changed(object, false);
        }

        @Override
        public void onUpdate(T before, T object) {
            listener.changed(object, false);
        }

        @Override
        public void onDelete(T object, boolean finalStateUnknown) {
            listener.changed(object, true);
        }
    }
}
