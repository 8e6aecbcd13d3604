package io.shusuan.web.queue;

import io.shusuan.db.job.Resources;
import io.shusuan.db.usage.QueueUsers.Part;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Resource;
import io.shusuan.scheduler.sharing.QueueSettings;
import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A user of a queue: what they have of it and, where there is a limit, how much they may have.
 *
 * @param reader whether that is who looks
 * @param hours GPU-hours of this month
 */
record UserLine(String user, boolean reader, String gpus, String cpus, String memory, String hours) {

    /** Everybody who has something, and in any case who looks, so that they find their limits. */
    static List<UserLine> of(QueueSettings queue, List<Part> parts, String reader) {
        var known = parts.stream().anyMatch(part -> part.user().equals(reader));
        var nothing = new Part(reader, Resources.NONE, BigDecimal.ZERO);
        return Stream.concat(known ? Stream.empty() : Stream.of(nothing), parts.stream())
                .map(part -> new UserLine(
                        part.user(),
                        part.user().equals(reader),
                        text(Resource.GPU, part, queue),
                        text(Resource.CPU, part, queue),
                        text(Resource.MEMORY, part, queue),
                        hours(part.gpuHours(), queue.budget().userGpuHours())))
                .toList();
    }

    private static String text(Resource resource, Part part, QueueSettings queue) {
        var limit = resource.of(queue.perUser());
        var held = resource.text(resource.of(part.held()));
        return limit == Limits.UNLIMITED ? held : "%s / %s".formatted(held, resource.text(limit));
    }

    private static String hours(BigDecimal spent, @Nullable BigDecimal budget) {
        return budget == null ? plain(spent) : "%s / %s".formatted(plain(spent), plain(budget));
    }

    private static String plain(BigDecimal hours) {
        return hours.signum() == 0 ? "0" : hours.stripTrailingZeros().toPlainString();
    }
}
