package io.shusuan.api.usage;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.db.usage.Accounts;
import io.shusuan.db.usage.Grouping;
import io.shusuan.db.usage.Period;
import io.shusuan.db.usage.Usage;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.annotations.ParameterObject;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Who has held how much for how long. */
@RestController
@RequestMapping("/api/v1/usage")
@Tag(name = "Usage")
class UsageController {

    private static final int MOST = 1000;

    private final Accounts accounts;
    private final Clock clock;

    UsageController(Accounts accounts, Clock clock) {
        this.accounts = accounts;
        this.clock = clock;
    }

    /**
     * The accounts of some days.
     *
     * @param from the first day
     * @param to the last day, included
     * @param by what the key of an item is
     * @param items the largest first, days in their order
     */
    @Schema(name = "Usage")
    record View(LocalDate from, LocalDate to, String zone, String by, List<Item> items) {

        static View of(Period period, Grouping by, List<Usage> sums) {
            return new View(
                    period.first(),
                    period.last(),
                    period.zone().getId(),
                    by.name().toLowerCase(Locale.ROOT),
                    sums.stream().map(Item::of).toList());
        }
    }

    /**
     * What was held together by all that have a key in common.
     *
     * @param key the queue, the user, the job's id, the flavour or the day
     * @param name of the job, where the key is one
     * @param jobs how many held something
     * @param wastedGpuHours what runs that were evicted had used, which is lost where a job saves none of its work
     * @param chargedGpuHours such hours of others, lost since these jobs needed the place
     */
    @Schema(name = "UsageItem")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Item(
            String key,
            @Nullable String name,
            long jobs,
            BigDecimal gpuHours,
            BigDecimal cpuHours,
            BigDecimal memoryGBHours,
            BigDecimal wastedGpuHours,
            BigDecimal chargedGpuHours) {

        static Item of(Usage usage) {
            return new Item(
                    usage.key(),
                    usage.name(),
                    usage.jobs(),
                    Hours.rounded(usage.gpuHours()),
                    Hours.rounded(usage.cpuHours()),
                    Hours.rounded(usage.memoryGBHours()),
                    Hours.rounded(usage.wastedGpuHours()),
                    Hours.rounded(usage.chargedGpuHours()));
        }
    }

    @GetMapping(produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            summary = "GPU-hours and more, by queue, user, job, flavour or day",
            description =
                    "Days are whole days of the zone, at most " + Period.MOST_DAYS
                            + " of them. What is held still counts up to now. As text/csv it has a line for each item, up to 50,000.")
    View usage(@ParameterObject UsageQuery query, @RequestParam(defaultValue = "200") int limit) {
        if (limit < 1 || limit > MOST) {
            throw new ProblemException(ProblemKind.BAD_REQUEST, "limit is %d; give 1 to %d".formatted(limit, MOST));
        }
        var period = query.period(clock.instant());
        var by = query.grouping();
        return View.of(period, by, accounts.sums(period, by, query.filter(), limit));
    }

    @GetMapping(produces = UsageCsv.MEDIA_TYPE)
    String csv(UsageQuery query) {
        return UsageCsv.of(accounts, query.period(clock.instant()), query);
    }
}
