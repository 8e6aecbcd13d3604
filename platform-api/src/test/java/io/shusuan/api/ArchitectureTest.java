package io.shusuan.api;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RestController;

@AnalyzeClasses(packages = "io.shusuan.api", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule nothingKnowsThePortal =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("io.shusuan.web..", "io.shusuan.agent..");

    @ArchTest
    static final ArchRule clustersAreKnownByTheirPortOnly = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.fabric8..", "..cluster.local..", "..cluster.kubernetes..");

    @ArchTest
    static final ArchRule controllersArePackagePrivate = classes()
            .that()
            .areAnnotatedWith(RestController.class)
            .or()
            .areAnnotatedWith(Controller.class)
            .should()
            .bePackagePrivate();

    @ArchTest
    static final ArchRule packagesKnowEachOtherOneWay =
            slices().matching("io.shusuan.api.(*)..").should().beFreeOfCycles();
}
