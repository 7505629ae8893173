package live.mirror.control;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeJars;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The registry is the one door to Redis, and knows nothing of who asks. */
@AnalyzeClasses(
        packages = "live.mirror.control",
        importOptions = {DoNotIncludeTests.class, DoNotIncludeJars.class})
class BordersTest {

    @ArchTest
    static final ArchRule ONLY_THE_REGISTRY_TALKS_TO_REDIS =
            noClasses()
                    .that()
                    .resideOutsideOfPackages(
                            "live.mirror.control.registry..", "live.mirror.control")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.lettuce..");

    @ArchTest
    static final ArchRule THE_REGISTRY_KNOWS_NEITHER_API_NOR_LINK =
            noClasses()
                    .that()
                    .resideInAPackage("live.mirror.control.registry..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "live.mirror.control.api..",
                            "live.mirror.control.worker..",
                            "io.helidon.webserver..");

    @ArchTest
    static final ArchRule API_AND_LINK_MEET_IN_THE_REGISTRY =
            noClasses()
                    .that()
                    .resideInAPackage("live.mirror.control.worker..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("live.mirror.control.api..");
}
