package io.shusuan.scheduler.cluster.kubernetes;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The names of the objects of a job. They follow from the job alone: whoever applies it again meets the same objects.
 * A name is readable ({@code digits-train-5f3a9c01-trainer}) and leaves room for what Kubernetes appends to it.
 */
final class Names {

    static final int MAX_LABEL = 63;

    /**
     * Kubernetes names a pod {@code <name>-<hash or index>-<random>} and cuts a longer one short: what is left of 63 when
     * nothing is cut, so that the name tells whose pod it is.
     */
    static final int MAX_WORKLOAD = 46;

    private static final Pattern LABEL = Pattern.compile("[a-z]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern NOT_OF_A_LABEL = Pattern.compile("[^a-z0-9-]+");
    private static final Pattern NOT_OF_A_LABEL_VALUE = Pattern.compile("[^A-Za-z0-9._-]+");
    private static final Pattern EDGES = Pattern.compile("^[^A-Za-z0-9]+|[^A-Za-z0-9]+$");
    private static final int HASH = 6;

    private Names() {}

    /** The anchor of a job, that owns its other objects. */
    static String anchor(JobName name, JobId job) {
        return fit(name.value(), MAX_WORKLOAD - 9) + "-" + shortId(job);
    }

    /** The Service and Ingress of one task role, and the Job or Deployment of the job's first run. */
    static String workload(JobName name, JobId job, String role) {
        return workload(name, job, 1, role);
    }

    /** The Job or Deployment of one task role. That of a later run has another name, since the one before may still be going. */
    static String workload(JobName name, JobId job, int run, String role) {
        String part = shortId(job) + (run == 1 ? "" : "r" + run) + "-" + fit(role, 15);
        return fit(name.value(), MAX_WORKLOAD - 1 - part.length()) + "-" + part;
    }

    /** The workload that a pod, or what stands between the two, belongs to by its name. */
    static String workloadOf(String kind, String name) {
        return switch (kind) {
            case "Pod" -> withoutLastPart(withoutLastPart(name));
            case "ReplicaSet" -> withoutLastPart(name);
            default -> name;
        };
    }

    private static String withoutLastPart(String name) {
        int dash = name.lastIndexOf('-');
        return dash < 0 ? name : name.substring(0, dash);
    }

    /** The last eight digits: the first ones of a version 7 id are the time, and alike for jobs submitted together. */
    private static String shortId(JobId job) {
        String text = job.toString();
        return text.substring(text.length() - 8);
    }

    static boolean isLabel(String text) {
        return LABEL.matcher(text).matches();
    }

    /** Text as a DNS label of at most so many characters; a hash keeps apart what would otherwise become the same. */
    static String fit(String text, int max) {
        String cleaned = NOT_OF_A_LABEL.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("-");
        String label = EDGES.matcher(cleaned).replaceAll("");
        if (label.equals(text) && label.length() <= max) {
            return label;
        }
        String kept = label.substring(0, Math.min(label.length(), max - HASH - 1));
        return EDGES.matcher(kept).replaceAll("") + "-" + hash(text).substring(0, HASH);
    }

    /** Text as a label's value: for people who select by it; the exact text stands elsewhere. */
    static String labelValue(String text) {
        String value = NOT_OF_A_LABEL_VALUE.matcher(text).replaceAll("-");
        return EDGES.matcher(value.substring(0, Math.min(value.length(), MAX_LABEL)))
                .replaceAll("");
    }

    static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
