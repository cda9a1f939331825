package dev.weir.deploy.bench;

import org.openjdk.jmh.Main;
import org.openjdk.jmh.generators.core.BenchmarkGenerator;
import org.openjdk.jmh.generators.core.FileSystemDestination;
import org.openjdk.jmh.generators.reflection.RFGeneratorSource;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * {@code ./weir bench --micro}: what single steps cost, by JMH. Its code around the benchmarks is
 * made and compiled when they run, so that the build needs to know nothing of it.
 */
final class MicroBench {
    private MicroBench() {}

    /**
     * Runs all of them; JMH prints what it finds.
     *
     * @param scratch a folder for what is made
     * @param quick whether one short round is enough
     * @return JMH's exit status
     */
    static int run(Path scratch, boolean quick) throws BenchFailure, InterruptedException {
        try {
            Path sources = Files.createDirectory(scratch.resolve("jmh-sources"));
            Path classes = Files.createDirectory(scratch.resolve("jmh-classes"));
            FileSystemDestination destination =
                    new FileSystemDestination(classes.toFile(), sources.toFile());
            RFGeneratorSource source = new RFGeneratorSource();
            source.processClasses(RoutingMicro.class);
            BenchmarkGenerator generator = new BenchmarkGenerator();
            generator.generate(source, destination);
            generator.complete(source, destination);
            if (destination.hasErrors()) {
                throw new BenchFailure("JMH's code cannot be made.");
            }
            compile(sources, classes);
            String path = classes + ":" + System.getProperty("java.class.path");
            List<String> command =
                    new ArrayList<>(
                            List.of(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "--enable-native-access=ALL-UNNAMED",
                                    "-cp",
                                    path,
                                    Main.class.getName()));
            command.addAll(
                    quick
                            ? List.of("-f", "1", "-wi", "1", "-w", "1", "-i", "1", "-r", "1")
                            : List.of("-f", "2", "-wi", "5", "-w", "1", "-i", "5", "-r", "1"));
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException e) {
            throw new BenchFailure("JMH cannot be run: " + e.getMessage(), e);
        }
    }

    private static void compile(Path sources, Path classes) throws IOException, BenchFailure {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        try (Stream<Path> all = Files.walk(sources);
                StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<Path> java = all.filter(it -> it.toString().endsWith(".java")).toList();
            boolean compiled =
                    compiler.getTask(
                                    complaints,
                                    files,
                                    null,
                                    List.of(
                                            "-proc:none",
                                            "-nowarn",
                                            "-d",
                                            classes.toString(),
                                            "-cp",
                                            System.getProperty("java.class.path")),
                                    null,
                                    files.getJavaFileObjectsFromPaths(java))
                            .call();
            if (!compiled) {
                throw new BenchFailure("JMH's code cannot be compiled:\n" + complaints);
            }
        }
    }
}
