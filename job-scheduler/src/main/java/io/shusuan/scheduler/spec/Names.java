package io.shusuan.scheduler.spec;

import io.shusuan.db.job.JobName;
import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.QueueName;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** Readings of names, each by the rule of whoever has to bear the name in the end. */
final class Names {

    static final String HOST_RULE =
            "a DNS name: labels of lower-case letters, digits and '-', with '.' between them, 253 characters at most";
    static final String PORT_RULE =
            "1 to 15 lower-case letters, digits and single '-', with a letter, beginning and ending with a letter or digit";
    static final String PATH_RULE = "an absolute path without '..', ':' and blanks";

    private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern PORT_NAME = Pattern.compile("(?=.*[a-z])[a-z0-9](-?[a-z0-9]){0,14}");
    private static final Pattern ABSOLUTE_PATH = Pattern.compile("/[^\\p{Cntrl}\\s:]{0,1023}");
    private static final Pattern URL_PATH = Pattern.compile("/[A-Za-z0-9._~!$&'()*+,;=:@%/-]{0,1023}");
    private static final Pattern REQUEST_PATH =
            Pattern.compile("/(?!/)([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2}){0,1023}+");
    private static final Pattern IPV6 = Pattern.compile("(?=.*:)[0-9a-fA-F:.]{2,45}");
    private static final Pattern PARENT = Pattern.compile("(^|/)\\.\\.(/|$)");

    private Names() {}

    static Reading<JobName> jobName() {
        return field -> Texts.matching(JobName::isValid, JobName.RULE, Names::asLabel)
                .of(field)
                .map(JobName::new);
    }

    static Reading<QueueName> queueName() {
        return field -> Texts.matching(QueueName::isValid, QueueName.RULE, Names::asLabel)
                .of(field)
                .map(QueueName::new);
    }

    static Reading<PriorityClassName> priorityClass() {
        return field -> Texts.matching(PriorityClassName::isValid, PriorityClassName.RULE, Names::asLabel)
                .of(field)
                .map(PriorityClassName::new);
    }

    /** The name of a task role or a mount: it becomes part of the names of objects, as the job's does. */
    static Reading<String> label() {
        return Texts.matching(JobName::isValid, JobName.RULE, Names::asLabel);
    }

    static Reading<String> portName() {
        return Texts.matching(
                name -> name.length() <= 15 && PORT_NAME.matcher(name).matches(), PORT_RULE, Names::asLabel);
    }

    /** The name of an object in the cluster, or of a host. */
    static Reading<String> dnsName() {
        return Texts.matching(Names::isDnsName, HOST_RULE, text -> text.toLowerCase(Locale.ROOT));
    }

    /** A host name whose first label may be {@code *}. */
    static Reading<String> ingressHost() {
        return Texts.matching(
                host -> isDnsName(host.startsWith("*.") ? host.substring(2) : host),
                HOST_RULE + "; its first label may be '*'",
                Names::hostOfUrl);
    }

    /** A host name or an address. */
    static Reading<String> server() {
        return Texts.matching(
                host -> isDnsName(host) || IPV6.matcher(host).matches(),
                HOST_RULE + ", or an IP address",
                Names::hostOfUrl);
    }

    /** A path of a URL. */
    static Reading<String> urlPath() {
        return Texts.matching(
                path -> URL_PATH.matcher(path).matches(),
                "a path that begins with '/', without blanks",
                path -> "/" + path);
    }

    /** A path that a GET asks for; whoever gives a whole URL means its path. */
    static Reading<String> requestPath() {
        return Texts.matching(
                path -> path.length() <= 1024 && REQUEST_PATH.matcher(path).matches(),
                "a path that begins with one '/', without blanks, '?' and '#'",
                text -> "/" + text.replaceFirst("^[A-Za-z]+://[^/]*", "").replaceFirst("^/+", ""));
    }

    static Reading<String> absolutePath() {
        return Texts.matching(Names::isAbsolutePath, PATH_RULE, path -> "/" + path.replaceAll("^[./]+", ""));
    }

    /** A path within a folder. */
    static Reading<String> pathWithin() {
        return Texts.matching(
                path -> isAbsolutePath("/" + path) && !path.isEmpty() && !path.startsWith("/"),
                "a path within the mount, without '..', ':' and blanks, not beginning with '/'",
                path -> path.replaceAll("^[./]+", ""));
    }

    /** Where a mount is found, without a '/' at the end: it would hide the whole image if it were '/'. */
    static Reading<String> mountPath() {
        UnaryOperator<String> trimmed = path -> path.replaceAll("/+", "/").replaceAll("(?<=.)/$", "");
        return field -> Texts.matching(
                        path -> isAbsolutePath(path) && !trimmed.apply(path).equals("/"),
                        PATH_RULE + " below '/'",
                        path -> "/" + path.replaceAll("^[./]+", ""))
                .of(field)
                .map(trimmed);
    }

    static boolean isDnsName(String text) {
        if (text.length() > 253) {
            return false;
        }
        for (var label : text.split("\\.", -1)) {
            if (!DNS_LABEL.matcher(label).matches()) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAbsolutePath(String path) {
        return ABSOLUTE_PATH.matcher(path).matches() && !PARENT.matcher(path).find();
    }

    /** Lower case, with '-' for what is neither letter nor digit. */
    private static String asLabel(String text) {
        return text.strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^[^a-z]+|-+$", "");
    }

    private static String hostOfUrl(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("^[a-z]+://", "").replaceAll("[:/].*$", "");
    }
}
