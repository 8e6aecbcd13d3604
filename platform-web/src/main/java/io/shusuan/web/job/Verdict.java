package io.shusuan.web.job;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.spec.Fault;
import io.shusuan.scheduler.spec.JobSpec;
import io.shusuan.scheduler.spec.SpecException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the platform says of a text in the editor. */
sealed interface Verdict {

    /** Nobody has asked yet. */
    record Unasked() implements Verdict {}

    /**
     * It would be taken as it is.
     *
     * @param outlook what would become of it; null if that was not asked, or the cluster does not answer
     */
    record Good(
            JobSpec spec,
            List<String> assumptions,
            @Nullable Outlook outlook) implements Verdict {}

    record Faulty(List<Fault> faults) implements Verdict {}

    /** Right in itself, but a job of that name is active. */
    record NameTaken(JobId holder) implements Verdict {}

    static Verdict of(SpecException wrong) {
        return new Faulty(wrong.faults());
    }

    /** For templates, which cannot ask for a type. */
    default String kind() {
        return switch (this) {
            case Unasked unasked -> "unasked";
            case Good good -> "good";
            case Faulty faulty -> "faulty";
            case NameTaken taken -> "taken";
        };
    }
}
