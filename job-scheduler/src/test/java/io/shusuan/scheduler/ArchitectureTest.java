package io.shusuan.scheduler;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.NullMarked;

/** The borders inside the scheduler. */
@AnalyzeClasses(packages = "io.shusuan.scheduler", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule fabric8StaysInsideTheKubernetesAdapter = noClasses()
            .that()
            .resideOutsideOfPackage("..cluster.kubernetes..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.fabric8..");

    @ArchTest
    static final ArchRule theQueueDecidesPurely = noClasses()
            .that()
            .resideInAPackage("..scheduler.queue..")
            .should()
            .dependOnClassesThat(resideInAPackage("org.springframework..")
                    .or(resideInAPackage("java.io.."))
                    .or(resideInAPackage("java.nio.."))
                    .or(resideInAPackage("java.net.."))
                    .or(resideInAPackage("java.sql.."))
                    .or(resideInAPackage("java.util.concurrent.."))
                    .or(resideInAPackage("org.slf4j.."))
                    .or(JavaClass.Predicates.equivalentTo(Clock.class))
                    .or(JavaClass.Predicates.equivalentTo(Instant.class)))
            .orShould()
            .callMethodWhere(JavaCall.Predicates.target(nameMatching("currentTimeMillis|nanoTime|now|random")));

    @ArchTest
    static final ArchRule specKnowsNoSpring = noClasses()
            .that()
            .resideInAPackage("..scheduler.spec..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.springframework..");

    @ArchTest
    static final ArchRule adaptersKnowNeitherDatabaseAccessNorSpring = noClasses()
            .that()
            .resideInAPackage("..scheduler.cluster..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework..", "jakarta.persistence..", "io.shusuan.scheduler.job..");

    @ArchTest
    static final ArchRule packagesFormNoCycles =
            slices().matching("io.shusuan.scheduler.(**)").should().beFreeOfCycles();

    @ArchTest
    static void everyPackageSpeaksOfNull(JavaClasses scheduler) {
        var packages = scheduler.stream().map(JavaClass::getPackage).distinct().toList();
        assertThat(packages).hasSizeGreaterThanOrEqualTo(6);
        assertThat(packages).allMatch(each -> each.isAnnotatedWith(NullMarked.class), "is @NullMarked");
    }
}
