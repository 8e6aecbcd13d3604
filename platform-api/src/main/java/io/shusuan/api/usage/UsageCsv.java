package io.shusuan.api.usage;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.db.usage.Accounts;
import io.shusuan.db.usage.Period;
import io.shusuan.db.usage.Usage;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

/** Accounts as a table for spreadsheets: the names of the columns, then a line for each sum. */
public final class UsageCsv {

    public static final String MEDIA_TYPE = "text/csv";

    /** More would take too much memory for anybody to ask for. */
    static final int MOST_LINES = 50_000;

    private static final CsvMapper MAPPER = new CsvMapper();

    private UsageCsv() {}

    /** All of it, or a refusal: half an account is none. */
    public static String of(Accounts accounts, Period period, UsageQuery query) {
        var by = query.grouping();
        var sums = accounts.sums(period, by, query.filter(), MOST_LINES + 1);
        if (sums.size() > MOST_LINES) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST,
                    "the table has more than %,d lines; ask for fewer days, or one queue or user"
                            .formatted(MOST_LINES));
        }
        var columns = CsvSchema.builder()
                .setUseHeader(true)
                .addColumn(by.name().toLowerCase(Locale.ROOT))
                .addColumn("name")
                .addColumn("jobs")
                .addColumn("gpu_hours")
                .addColumn("cpu_hours")
                .addColumn("memory_gb_hours")
                .addColumn("wasted_gpu_hours")
                .addColumn("charged_gpu_hours")
                .build();
        return MAPPER.writer(columns)
                .writeValueAsString(sums.stream().map(UsageCsv::line).toList());
    }

    private static List<Object> line(Usage usage) {
        return List.of(
                usage.key(),
                Objects.requireNonNullElse(usage.name(), ""),
                usage.jobs(),
                Hours.rounded(usage.gpuHours()),
                Hours.rounded(usage.cpuHours()),
                Hours.rounded(usage.memoryGBHours()),
                Hours.rounded(usage.wastedGpuHours()),
                Hours.rounded(usage.chargedGpuHours()));
    }
}
