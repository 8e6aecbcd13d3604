package io.shusuan.web.queue;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.SettingFault;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.sharing.SharingRefusedException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.ui.Model;
import tools.jackson.databind.JsonNode;

/** What is said of settings that were sent in a form: why they are refused, and at which of its fields. */
final class SettingsOutcome {

    static final String VIEW = "queue/parts :: outcome";

    private static final Pattern OF_QUOTA = Pattern.compile("quotas\\[(\\d{1,6})]\\.(.+)");
    private static final Pattern OF_CLASS = Pattern.compile("priorities\\.classes\\[(\\d{1,6})]");

    private SettingsOutcome() {}

    /** What is tried with settings. */
    interface Attempt {
        void with(JsonNode body) throws ClusterUnavailableException;
    }

    /** Makes the settings of what was sent. */
    interface Form {
        JsonNode body();
    }

    /**
     * Something that is wrong in a form.
     *
     * @param input the name of the field
     * @param sentence what is wrong, with that name
     */
    record FieldFault(String input, String sentence) {}

    /** Tries, and tells in the model what is wrong. */
    static String of(Form form, Attempt attempt, Model model) {
        @Nullable JsonNode body = null;
        try {
            body = form.body();
            attempt.with(body);
        } catch (SharingRefusedException refused) {
            model.addAttribute("refusal", refused.getMessage());
            model.addAttribute(
                    "confirmable",
                    refused.reason() == SharingRefusedException.Cause.QUOTA_BELOW_USE
                            || refused.reason() == SharingRefusedException.Cause.WOULD_STRAND);
            if (body != null && !refused.setting().isEmpty()) {
                model.addAttribute(
                        "faults",
                        List.of(new FieldFault(input(refused.setting(), body), String.valueOf(refused.getMessage()))));
            }
        } catch (ProblemException refused) {
            model.addAttribute("refusal", refused.getMessage());
            model.addAttribute("faults", faults(refused.faults(), body));
        } catch (ClusterUnavailableException away) {
            model.addAttribute("refusal", away.getMessage());
        }
        return VIEW;
    }

    private static List<FieldFault> faults(List<SettingFault> faults, @Nullable JsonNode body) {
        return faults.stream()
                .map(fault -> {
                    var input = body == null ? fault.field() : input(fault.field(), body);
                    return new FieldFault(input, input + " " + fault.message());
                })
                .toList();
    }

    /** The field of the form that a setting of the API comes from. */
    private static String input(String setting, JsonNode body) {
        var quota = OF_QUOTA.matcher(setting);
        if (quota.matches()) {
            var flavour = body.path("quotas")
                    .path(Integer.parseInt(quota.group(1)))
                    .path("flavour")
                    .asString("");
            return quota.group(2).equals("flavour") ? "use." + flavour : flavour + "." + quota.group(2);
        }
        var priority = OF_CLASS.matcher(setting);
        if (priority.matches()) {
            return "priorities.class."
                    + body.path("priorities")
                            .path("classes")
                            .path(Integer.parseInt(priority.group(1)))
                            .asString("");
        }
        return switch (setting) {
            case "delegate" -> "delegate.scheduler";
            case "delegate.kueue.localQueue" -> "delegate.queue";
            default -> setting;
        };
    }
}
