package io.culvert;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.ABSTRACT;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.lang.conditions.ArchConditions.have;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import io.culvert.wire.Ecn;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What depends on what: the picture in ARCHITECTURE.md, held to. */
final class ArchitectureTest {

    private static final String LINUX = "io.culvert.linux..";
    private static final String WIRE = "io.culvert.wire..";
    private static final String[] PROTOCOLS = {
        "io.culvert.tunnel..", "io.culvert.icmp..", "io.culvert.fragment..", "io.culvert.esp.."
    };
    private static final String OFFLOAD = "io.culvert.offload..";
    private static final String PIPELINE = "io.culvert.pipeline..";
    private static final String[] SERVICES = {
        "io.culvert.config..",
        "io.culvert.control..",
        "io.culvert.gateway..",
        "io.culvert.telemetry..",
        "io.culvert.doctor.."
    };
    private static final String LAB = "io.culvert.lab..";
    private static final String CLI = "io.culvert.cli..";

    private static final Set<String> JAVA_BASE = Object.class.getModule().getPackages();

    private static final JavaClasses CLASSES = importClasses();

    private static JavaClasses importClasses() {
        // Only our own classes are judged: reading the libraries' and the JDK's takes seconds.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        return new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.culvert");
    }

    private static void check(ArchRule rule) {
        rule.check(CLASSES);
    }

    private static GivenClassesConjunction classesOutside(String... packages) {
        return noClasses().that().resideOutsideOfPackages(packages);
    }

    /** A reader that does not know the class file version skips classes, and every rule holds of no class. */
    @Test
    void readsTheClassesAsCompiled() {
        assertThat(CLASSES.size()).isGreaterThan(50);
        assertThat(CLASSES.get("io.culvert.tunnel.Ipv4OuterHeader").getDirectDependenciesFromSelf())
                .anyMatch(dependency -> dependency.getTargetClass().isEquivalentTo(Ecn.class));
        for (String each : new String[] {LINUX, WIRE, PROTOCOLS[0], PIPELINE, SERVICES[0], SERVICES[2], LAB}) {
            assertThat(CLASSES.that(resideInAnyPackage(each))).as(each).isNotEmpty();
        }
        assertThat(CLASSES.contain(ArchitectureTest.class)).isFalse();
    }

    @Test
    void dependsDownwardsOnly() {
        check(layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .withOptionalLayers(true)
                .layer("linux")
                .definedBy(LINUX)
                .layer("wire")
                .definedBy(WIRE)
                .layer("protocols")
                .definedBy(PROTOCOLS)
                .layer("offload")
                .definedBy(OFFLOAD)
                .layer("pipeline")
                .definedBy(PIPELINE)
                .layer("services")
                .definedBy(SERVICES)
                .layer("lab")
                .definedBy(LAB)
                .layer("cli")
                .definedBy(CLI)
                .whereLayer("linux")
                .mayNotAccessAnyLayer()
                .whereLayer("wire")
                .mayNotAccessAnyLayer()
                .whereLayer("protocols")
                .mayOnlyAccessLayers("wire")
                .whereLayer("offload")
                .mayOnlyAccessLayers("wire", "linux")
                .whereLayer("pipeline")
                .mayOnlyAccessLayers("offload", "protocols", "wire", "linux")
                .whereLayer("services")
                .mayOnlyAccessLayers("pipeline", "offload", "protocols", "wire", "linux")
                .whereLayer("lab")
                .mayOnlyAccessLayers("services", "protocols", "wire", "linux")
                .whereLayer("cli")
                .mayOnlyBeAccessedByLayers("cli")
                .ensureAllClassesAreContainedInArchitecture());
    }

    @Test
    void hasNoCyclesBetweenPackages() {
        check(slices().matching("io.culvert.(**)").should().beFreeOfCycles());
    }

    /** Others can use native-bindings as it is. */
    @Test
    void bindsToLinuxWithTheJdksBaseModuleAlone() {
        DescribedPredicate<JavaClass> allowed = resideInAnyPackage(LINUX, "org.jspecify.annotations")
                .or(describe("java.base", type -> JAVA_BASE.contains(type.getPackageName())));
        check(classes().that().resideInAPackage(LINUX).should().onlyDependOnClassesThat(allowed));
    }

    @Test
    void keepsLibrariesOutOfThePacketsWay() {
        check(classes()
                .that()
                .resideInAnyPackage(WIRE, PROTOCOLS[0], PROTOCOLS[1], PROTOCOLS[2], PROTOCOLS[3])
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "io.culvert..", "org.agrona..", "org.jspecify.annotations"));
        check(classes()
                .that()
                .resideInAnyPackage(PIPELINE, OFFLOAD)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..", "io.culvert..", "org.agrona..", "org.jspecify.annotations", "com.lmax.disruptor.."));
    }

    @Test
    void usesEachLibraryInItsPlace() {
        check(classesOutside(PIPELINE).should().dependOnClassesThat().resideInAPackage("com.lmax.."));
        check(classesOutside(CLI).should().dependOnClassesThat().resideInAPackage("picocli.."));
        check(noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.logging..", "org.slf4j..")
                .because("the log is System.Logger"));
    }

    @Test
    void speaksToTheUserInTheCommandLineOnly() {
        check(classesOutside(CLI, LAB).should().accessField(System.class, "out"));
        check(classesOutside(CLI, LAB).should().accessField(System.class, "err"));
        check(classesOutside(CLI, LAB).should().dependOnClassesThat().areAssignableTo(ProcessBuilder.class));
        check(classesOutside(CLI).should().callMethod(System.class, "exit", int.class));
        check(classesOutside(CLI).should().callMethod(Runtime.class, "halt", int.class));
    }

    /** Time comes in as a parameter, so that tests can move it. */
    @Test
    void readsNoClockInProtocolCode() {
        GivenClassesConjunction pure =
                noClasses().that().resideInAnyPackage(WIRE, PROTOCOLS[0], PROTOCOLS[1], PROTOCOLS[2], PROTOCOLS[3]);
        check(pure.should().callMethod(System.class, "nanoTime"));
        check(pure.should().callMethod(System.class, "currentTimeMillis"));
        check(pure.should().dependOnClassesThat().areAssignableTo(Thread.class));
        check(pure.should().dependOnClassesThat().areAssignableTo(Instant.class));
    }

    @Test
    void sleepsNowhereOnThePacketsWay() {
        check(noClasses()
                .that()
                .resideInAnyPackage(WIRE, PROTOCOLS[0], PROTOCOLS[1], PROTOCOLS[2], PROTOCOLS[3], OFFLOAD, PIPELINE)
                .should()
                .callMethod(Thread.class, "sleep", long.class));
    }

    @Test
    void isNotMeantToBeExtended() {
        DescribedPredicate<JavaClass> closed = describe(
                "final, abstract or an exception",
                type -> type.getModifiers().contains(FINAL)
                        || type.getModifiers().contains(ABSTRACT)
                        || type.getSimpleName().endsWith("Exception"));
        check(classes().that().arePublic().and().areNotInterfaces().should(have(closed)));
    }
}
