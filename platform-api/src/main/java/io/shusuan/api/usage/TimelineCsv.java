package io.shusuan.api.usage;

import io.shusuan.db.usage.Timeline;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

/** A queue's GPUs over time as a table for spreadsheets. */
public final class TimelineCsv {

    private static final CsvMapper MAPPER = new CsvMapper();

    private static final CsvSchema COLUMNS = CsvSchema.builder()
            .setUseHeader(true)
            .addColumn("at")
            .addColumn("used_gpus")
            .addColumn("peak_gpus")
            .addColumn("nominal_gpus")
            .addColumn("borrowed_gpus")
            .build();

    private TimelineCsv() {}

    public static String of(Timeline timeline) {
        return MAPPER.writer(COLUMNS)
                .writeValueAsString(
                        timeline.points().stream().map(TimelineCsv::line).toList());
    }

    private static List<@Nullable Object> line(Timeline.Point point) {
        return Arrays.asList(
                point.at().toString(),
                Hours.rounded(point.used()),
                point.peak(),
                rounded(point.nominal()),
                rounded(point.borrowed()));
    }

    static @Nullable BigDecimal rounded(@Nullable Double gpus) {
        return gpus == null ? null : Hours.rounded(gpus);
    }
}
