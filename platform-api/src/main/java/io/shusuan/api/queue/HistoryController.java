package io.shusuan.api.queue;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.api.problem.Excerpt;
import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.db.queue.SettingsHistory;
import io.shusuan.db.queue.SettingsHistory.Kind;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** What was changed of queues, cohorts and flavours, when and by whom. */
@RestController
@Tag(name = "Queues")
class HistoryController {

    private static final int MOST = 200;
    private static final String LAST = "The last " + MOST + " changes, the newest first.";

    private final SettingsHistory history;

    HistoryController(SettingsHistory history) {
        this.history = history;
    }

    /**
     * What somebody changed at once.
     *
     * @param by missing, if that is not known
     * @param first whether nothing is known of the time before: its settings then are no changes
     * @param removed whether it was not there any more from then on
     */
    @Schema(name = "SettingsHistoryEntry")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record EntryView(Instant at, @Nullable String by, boolean first, boolean removed, List<ChangeView> changes) {

        static EntryView of(SettingsHistory.Entry entry) {
            return new EntryView(
                    entry.at(),
                    entry.who(),
                    entry.first(),
                    entry.removed(),
                    entry.changes().stream()
                            .map(change -> new ChangeView(change.setting(), change.before(), change.after()))
                            .toList());
        }
    }

    /**
     * A setting that was changed.
     *
     * @param setting as it is called in the settings, those of a quota below its flavour
     */
    @Schema(name = "SettingsHistoryChange")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ChangeView(
            String setting,
            @Nullable String before,
            @Nullable String after) {}

    @GetMapping("/api/v1/queues/{name}/history")
    @Operation(
            summary = "What was changed of a queue, when and by whom",
            description = LAST + " Of one that was removed, too.")
    List<EntryView> ofQueue(@PathVariable String name) {
        return history(Kind.QUEUE, name);
    }

    @GetMapping("/api/v1/cohorts/{name}/history")
    @Operation(
            summary = "What was changed of a cohort, when and by whom",
            description = LAST + " Of one that was removed, too.")
    List<EntryView> ofCohort(@PathVariable String name) {
        return history(Kind.COHORT, name);
    }

    @GetMapping("/api/v1/flavours/{name}/history")
    @Operation(
            summary = "What was changed of a flavour, when and by whom",
            description = LAST + " Of one that was removed, too.")
    List<EntryView> ofFlavour(@PathVariable String name) {
        return history(Kind.FLAVOUR, name);
    }

    private List<EntryView> history(Kind kind, String name) {
        var entries = history.of(kind, name, MOST);
        if (entries.isEmpty()) {
            throw new ProblemException(
                    ProblemKind.NOT_FOUND,
                    "there is no %s '%s'".formatted(kind.name().toLowerCase(Locale.ROOT), Excerpt.of(name)));
        }
        return entries.stream().map(EntryView::of).toList();
    }
}
