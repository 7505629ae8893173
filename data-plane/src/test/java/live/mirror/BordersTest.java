package live.mirror;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeJars;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * receive to stream to ring, delivery to stream and ring, link to stream; the worker alone knows
 * all.
 */
@AnalyzeClasses(
        packages = "live.mirror",
        importOptions = {DoNotIncludeTests.class, DoNotIncludeJars.class})
class BordersTest {

    @ArchTest
    static final ArchRule THE_RING_KNOWS_NOTHING_OF_OURS =
            noClasses()
                    .that()
                    .resideInAPackage("live.mirror.ring..")
                    .should()
                    .dependOnClassesThat(
                            resideInAnyPackage("live.mirror..")
                                    .and(not(resideInAnyPackage("live.mirror.ring.."))));

    @ArchTest
    static final ArchRule THE_STREAM_KNOWS_THE_RING_AND_NOT_WHO_FEEDS_OR_READS_IT =
            noClasses()
                    .that()
                    .resideInAPackage("live.mirror.stream..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "live.mirror.receive..",
                            "live.mirror.delivery..",
                            "live.mirror.link..",
                            "live.mirror.worker..");

    @ArchTest
    static final ArchRule RECEIVE_AND_DELIVERY_NEVER_KNOW_EACH_OTHER =
            noClasses()
                    .that()
                    .resideInAPackage("live.mirror.receive..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "live.mirror.delivery..", "live.mirror.link..", "live.mirror.worker..");

    @ArchTest
    static final ArchRule DELIVERY_KNOWS_STREAM_AND_RING =
            noClasses()
                    .that()
                    .resideInAPackage("live.mirror.delivery..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "live.mirror.receive..", "live.mirror.link..", "live.mirror.worker..");

    @ArchTest
    static final ArchRule THE_LINK_KNOWS_THE_STREAM =
            noClasses()
                    .that()
                    .resideInAPackage("live.mirror.link..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "live.mirror.receive..",
                            "live.mirror.delivery..",
                            "live.mirror.worker..");

    @ArchTest
    static final ArchRule SRT_AND_RTP_NEVER_KNOW_EACH_OTHER =
            noClasses()
                    .that()
                    .resideInAPackage("live.mirror.receive.srt..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("live.mirror.receive.rtp..");

    @ArchTest
    static final ArchRule NATIVE_CODE_IS_CALLED_AT_THE_EDGE_ONLY =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("live.mirror.receive..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("com.sun.jna..");
}
