package io.shusuan.web.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobKind;
import io.shusuan.db.job.JobSearch;
import io.shusuan.db.job.JobState;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.StringUtils;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * What of the jobs list is asked for, as it stands in the address. What makes no sense there is as if it were not there, so that
 * an old bookmark never breaks.
 *
 * @param before the id that the page comes after
 * @param trail the {@code before} of the pages between the first one and this, to find the way back; {@code .} between them
 */
record JobsQuery(
        @Nullable String state,
        @Nullable String kind,
        @Nullable String owner,
        @Nullable String queue,
        @Nullable String text,
        @Nullable String before,
        @Nullable String trail) {

    /** Beyond so many pages the way back is the first page: addresses are not endless. */
    private static final int LONGEST_TRAIL = 20;

    /** Not a state of its own: those that run and were warned that their GPUs do nothing. */
    private static final String IDLE = "idle";

    JobsQuery {
        state = given(state);
        kind = given(kind);
        owner = given(owner);
        queue = given(queue);
        text = given(text);
        before = given(before);
        trail = given(trail);
    }

    private static @Nullable String given(@Nullable String text) {
        return StringUtils.hasText(text) ? text.strip() : null;
    }

    JobSearch.Filter filter() {
        return new JobSearch.Filter(states(), IDLE.equals(state), kind(kind).orElse(null), owner, queue, text);
    }

    Optional<JobId> cursor() {
        return Optional.ofNullable(before).flatMap(JobsQuery::parsed);
    }

    private static Optional<JobId> parsed(String id) {
        try {
            return Optional.of(JobId.parse(id));
        } catch (IllegalArgumentException noId) {
            return Optional.empty();
        }
    }

    private Set<JobState> states() {
        if ("active".equals(state)) {
            return JobState.ACTIVE;
        }
        if ("ended".equals(state)) {
            return EnumSet.complementOf(EnumSet.copyOf(JobState.ACTIVE));
        }
        return Stream.of(JobState.values())
                .filter(known -> known.name().equalsIgnoreCase(state))
                .findFirst()
                .map(Set::of)
                .orElse(Set.of());
    }

    private static Optional<JobKind> kind(@Nullable String kind) {
        return Stream.of(JobKind.values())
                .filter(known -> known.name().equalsIgnoreCase(kind))
                .findFirst();
    }

    public boolean filtered() {
        return Stream.of(state, kind, owner, queue, text).anyMatch(given -> given != null);
    }

    public boolean firstPage() {
        return cursor().isEmpty();
    }

    /** The address of the page after this one. */
    String older(JobId next) {
        var passed = steps();
        var way = firstPage()
                ? Stream.<String>empty()
                : Stream.concat(passed.stream(), cursor().stream().map(JobId::toString));
        var kept = way.toList();
        return address(
                "/jobs",
                next.toString(),
                kept.size() > LONGEST_TRAIL || kept.isEmpty() ? null : String.join(".", kept));
    }

    /** The address of the page before this one. */
    String newer() {
        var steps = steps();
        return steps.isEmpty()
                ? address("/jobs", null, null)
                : address(
                        "/jobs",
                        steps.getLast(),
                        steps.size() == 1 ? null : String.join(".", steps.subList(0, steps.size() - 1)));
    }

    /** The address of the stream of changes to a page that shows these jobs. */
    String live(List<JobId> rows) {
        return UriComponentsBuilder.fromUriString(address("/jobs/live", before, null))
                .queryParam("rows", rows.stream().map(JobId::toString).collect(Collectors.joining(".")))
                .build()
                .toUriString();
    }

    /** The jobs that such an address names, at most so many of them. */
    static List<JobId> rows(String named, int most) {
        return split(named).stream()
                .limit(most)
                .flatMap(id -> parsed(id).stream())
                .toList();
    }

    private List<String> steps() {
        return trail == null ? List.of() : split(trail);
    }

    private static List<String> split(String joined) {
        return Arrays.stream(joined.split("\\."))
                .filter(step -> !step.isEmpty())
                .toList();
    }

    private String address(String path, @Nullable String newBefore, @Nullable String newTrail) {
        var uri = UriComponentsBuilder.fromPath(path);
        add(uri, "state", state);
        add(uri, "kind", kind);
        add(uri, "owner", owner);
        add(uri, "queue", queue);
        add(uri, "text", text);
        add(uri, "before", newBefore);
        add(uri, "trail", newTrail);
        return uri.encode().build().toUriString();
    }

    private static void add(UriComponentsBuilder uri, String name, @Nullable String value) {
        if (value != null) {
            uri.queryParam(name, "{" + name + "}").uriVariables(java.util.Map.of(name, value));
        }
    }
}
