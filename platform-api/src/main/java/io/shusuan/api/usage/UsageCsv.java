package io.shusuan.api.usage;

import io.shusuan.db.usage.Grouping;
import io.shusuan.db.usage.Usage;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

/** Accounts as a table for spreadsheets: the names of the columns, then a line for each sum. */
public final class UsageCsv {

    public static final String MEDIA_TYPE = "text/csv";

    /** As many lines as a spreadsheet takes. */
    public static final int MOST_LINES = 1_000_000;

    private static final CsvMapper MAPPER = new CsvMapper();

    private UsageCsv() {}

    public static String of(Grouping by, List<Usage> sums) {
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
