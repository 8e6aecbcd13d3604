package io.shusuan.scheduler.cluster.kubernetes;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Tests that speak to a real API server, found through {@code SHUSUAN_TEST_KUBECONFIG} or {@code KUBECONFIG}. Without one
 * they are skipped, or fail if {@code -Dtest.kubernetes=required}. With {@code node} they also want a kubelet that runs
 * pods, and {@code -Dtest.kubernetes.node=true}; with {@code kueue} Kueue's controller, and {@code -Dtest.kubernetes.kueue=true}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsKubernetes.Condition.class)
public @interface NeedsKubernetes {

    boolean node() default false;

    boolean kueue() default false;

    /** Decides whether such a test runs. */
    final class Condition implements ExecutionCondition {

        private static final String NONE =
                "no Kubernetes: run 'eval $(deploy/testbed/testbed up --no-nodes)' or set SHUSUAN_TEST_KUBECONFIG";
        private static final String NO_NODE =
                "no kubelet asked for: run 'eval $(deploy/testbed/testbed up)' and give -Dtest.kubernetes.node=true";

        private static final String NO_KUEUE =
                "no Kueue asked for: run 'eval $(deploy/testbed/testbed up --no-nodes --kueue)' and give -Dtest.kubernetes.kueue=true";

        /** Where the cluster is found. */
        static Optional<Path> kubeconfig() {
            return Stream.of("SHUSUAN_TEST_KUBECONFIG", "KUBECONFIG")
                    .map(System::getenv)
                    .filter(each -> each != null && !each.isBlank())
                    .map(Path::of)
                    .filter(Files::isReadable)
                    .findFirst();
        }

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (kubeconfig().isEmpty()) {
                if ("required".equals(System.getProperty("test.kubernetes"))) {
                    throw new IllegalStateException(NONE);
                }
                return ConditionEvaluationResult.disabled(NONE);
            }
            Optional<NeedsKubernetes> wanted =
                    context.getTestClass().map(test -> test.getAnnotation(NeedsKubernetes.class));
            if (wanted.filter(NeedsKubernetes::node).isPresent() && !Boolean.getBoolean("test.kubernetes.node")) {
                return ConditionEvaluationResult.disabled(NO_NODE);
            }
            return wanted.filter(NeedsKubernetes::kueue).isPresent() && !Boolean.getBoolean("test.kubernetes.kueue")
                    ? ConditionEvaluationResult.disabled(NO_KUEUE)
                    : ConditionEvaluationResult.enabled("there is one");
        }
    }
}
