package io.shusuan.api.job;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobKind;
import io.shusuan.db.job.JobSearch;
import io.shusuan.db.job.JobState;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Jobs as a list. */
@RestController
@Tag(name = "Jobs")
class JobListController {

    private static final int MAX_PAGE = 200;

    private final JobSearch search;

    JobListController(JobSearch search) {
        this.search = search;
    }

    @GetMapping("/api/v1/jobs")
    @Operation(
            summary = "List jobs, newest first",
            description =
                    "state may be given several times, or as 'active'. With idle=true only jobs that were warned of idle GPUs. To go on, give the page's next as before.")
    JobViews.Page list(
            @RequestParam(defaultValue = "") List<String> state,
            @RequestParam(defaultValue = "false") boolean idle,
            @RequestParam(required = false) @Nullable String kind,
            @RequestParam(required = false) @Nullable String owner,
            @RequestParam(required = false) @Nullable String queue,
            @RequestParam(required = false) @Nullable String text,
            @RequestParam(required = false) @Nullable String before,
            @RequestParam(defaultValue = "50") int limit) {
        if (limit < 1 || limit > MAX_PAGE) {
            throw new ProblemException(ProblemKind.BAD_REQUEST, "limit is %d; give 1 to %d".formatted(limit, MAX_PAGE));
        }
        if (Stream.of(owner, queue, text).anyMatch(each -> each != null && each.indexOf('\0') >= 0)) {
            throw new ProblemException(ProblemKind.BAD_REQUEST, "a filter has the character U+0000: remove it");
        }
        var filter = new JobSearch.Filter(
                states(state), idle, kind == null ? null : one(JobKind.class, "kind", kind), owner, queue, text);
        var page = search.find(filter, before == null ? null : cursor(before), limit);
        return new JobViews.Page(
                page.jobs().stream().map(JobViews.Summary::of).toList(),
                page.next() == null ? null : page.next().toString());
    }

    private static Set<JobState> states(List<String> names) {
        var states = new HashSet<JobState>();
        for (var name : names) {
            if (name.equalsIgnoreCase("active")) {
                states.addAll(JobState.ACTIVE);
            } else if (!name.isBlank()) {
                states.add(one(JobState.class, "state", name));
            }
        }
        return states;
    }

    private static <E extends Enum<E>> E one(Class<E> type, String parameter, String name) {
        try {
            return Enum.valueOf(type, name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST,
                    "%s is '%s'; give one of %s"
                            .formatted(
                                    parameter,
                                    name,
                                    Stream.concat(
                                                    Arrays.stream(type.getEnumConstants())
                                                            .map(each ->
                                                                    each.name().toLowerCase(Locale.ROOT)),
                                                    type == JobState.class ? Stream.of("active") : Stream.empty())
                                            .collect(Collectors.joining(", "))));
        }
    }

    private static JobId cursor(String text) {
        try {
            return JobId.parse(text);
        } catch (IllegalArgumentException garbage) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST, "before is no cursor; take it from 'next' of the page before");
        }
    }
}
