package dev.weir;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Which way the packages look. */
class ArchitectureTest {
    private static final String BASE = "dev.weir.";

    /** Each uses only those that stand after its line. */
    private static final List<List<String>> ORDER =
            List.of(
                    List.of("app"),
                    List.of("admin", "console"),
                    List.of("session"),
                    List.of("pool"),
                    List.of("server"),
                    List.of("auth"),
                    List.of("net"),
                    List.of("wire"),
                    List.of("telemetry"),
                    List.of("config"));

    /** The same within a session. */
    private static final List<String> SESSION =
            List.of(
                    "session",
                    "session.limit",
                    "session.statement",
                    "session.state",
                    "session.reply");

    private static final JavaClasses CLASSES =
            new ClassFileImporter().importPath(Path.of("target/classes"));

    @Test
    void eachPackageUsesOnlyThoseThatStandAfterIt() {
        for (int i = 0; i < ORDER.size(); i++) {
            for (String name : ORDER.get(i)) {
                String[] before =
                        ORDER.subList(0, i + 1).stream()
                                .flatMap(List::stream)
                                .filter(other -> !other.equals(name))
                                .map(other -> BASE + other + "..")
                                .toArray(String[]::new);
                noClasses()
                        .that()
                        .resideInAPackage(BASE + name + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(before)
                        .because("the order of the packages is " + ORDER)
                        .allowEmptyShould(true)
                        .check(CLASSES);
            }
        }
    }

    @Test
    void eachPartOfASessionUsesOnlyThoseThatStandAfterIt() {
        for (int i = 1; i < SESSION.size(); i++) {
            noClasses()
                    .that()
                    .resideInAPackage(BASE + SESSION.get(i))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            SESSION.subList(0, i).stream()
                                    .map(name -> BASE + name)
                                    .toArray(String[]::new))
                    .because("the order within a session is " + SESSION)
                    .check(CLASSES);
        }
    }

    @Test
    void everyPackageHasItsPlaceInTheOrder() {
        Set<String> packages = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            packages.add(type.getPackageName());
        }

        assertThat(packages)
                .contains(BASE + "session", BASE + "config")
                .isSubsetOf(
                        Stream.concat(ORDER.stream().flatMap(List::stream), SESSION.stream())
                                .map(name -> BASE + name)
                                .toList());
    }

    @Test
    void namesSayWhatAThingIsNotHowItIsBuilt() {
        assertThat(CLASSES)
                .extracting(JavaClass::getName)
                .noneMatch(name -> name.matches(".*\\.(util|common|impl|manager)\\..*"))
                .noneMatch(name -> name.matches(".*[.$](Base[A-Z]\\w*|\\w+(Impl|Manager))"));
    }

    @Test
    void theRouterIsALibraryForAnyProcess() {
        JavaClasses router =
                new ClassFileImporter()
                        .importPackages(
                                "dev.weir.router",
                                "dev.weir.classify",
                                "dev.weir.freshness",
                                "dev.weir.health",
                                "dev.weir.topology",
                                "dev.weir.sql");
        assertThat(router).isNotEmpty();
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..", "io.helidon..", "dev.weir.session..")
                .because("it is used without Weir, too")
                .check(router);
    }

    @Test
    void bytesAreFramedWithoutInputOrOutput() {
        noClasses()
                .that()
                .resideInAPackage(BASE + "wire..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty.channel..", "java.net..", "java.nio.channels..")
                .because("a codec performs no I/O")
                .check(CLASSES);
    }
}
