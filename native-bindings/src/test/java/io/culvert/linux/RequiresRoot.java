package io.culvert.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Tests that make network namespaces and devices. Without root they fail in CI and are skipped elsewhere. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresRoot.Condition.class)
public @interface RequiresRoot {

    /** Looks at who runs the tests. */
    final class Condition implements ExecutionCondition {

        private static final String REASON = "needs root for network namespaces and TUN devices";

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (isRoot()) {
                return ConditionEvaluationResult.enabled("running as root");
            }
            if ("true".equals(System.getenv("CI"))) {
                throw new AssertionError(REASON);
            }
            System.err.println(context.getDisplayName() + " skipped: " + REASON);
            return ConditionEvaluationResult.disabled(REASON);
        }

        private static boolean isRoot() {
            try {
                return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
