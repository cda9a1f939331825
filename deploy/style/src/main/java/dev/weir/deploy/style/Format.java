package dev.weir.deploy.style;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Checks, or with {@code apply} sets, the layout of every Java file below a folder.
 *
 * <p>Exit status: 0 all is well (or was mended), 1 a file differs or cannot be read as Java, 2
 * wrong use.
 */
public final class Format {
    private static final Set<String> SKIPPED_FOLDERS = Set.of("target", ".git", "node_modules");
    private static final String MEND =
            "mvn -q -pl deploy/style process-classes -Dweir.format=apply";

    private Format() {}

    public static void main(String[] args) throws IOException {
        if (args.length != 2 || !(args[0].equals("check") || args[0].equals("apply"))) {
            System.err.println("usage: Format check|apply FOLDER");
            System.exit(2);
        }
        boolean apply = args[0].equals("apply");
        Path root = Path.of(args[1]);
        Formatter formatter =
                new Formatter(
                        JavaFormatterOptions.builder()
                                .style(JavaFormatterOptions.Style.AOSP)
                                .build());
        List<String> wrong = new ArrayList<>();
        List<Path> files = javaFiles(root);
        for (Path file : files) {
            String source = Files.readString(file);
            try {
                String formatted = format(formatter, source);
                if (!formatted.equals(source)) {
                    if (apply) {
                        Files.writeString(file, formatted);
                    } else {
                        wrong.add(root.relativize(file).toString());
                    }
                }
            } catch (FormatterException e) {
                wrong.add(root.relativize(file) + ": " + e.getMessage());
            }
        }
        if (!wrong.isEmpty()) {
            System.err.println("These files are not in the project's format:");
            wrong.forEach(file -> System.err.println("  " + file));
            System.err.println("Mend them with: " + MEND);
            System.exit(1);
        }
    }

    private static String format(Formatter formatter, String source) throws FormatterException {
        String tidy = RemoveUnusedImports.removeUnusedImports(source);
        tidy = ImportOrderer.reorderImports(tidy, JavaFormatterOptions.Style.AOSP);
        return formatter.formatSource(tidy);
    }

    private static List<Path> javaFiles(Path root) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes a) {
                        Path name = folder.getFileName();
                        return name != null && SKIPPED_FOLDERS.contains(name.toString())
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes a) {
                        if (file.toString().endsWith(".java")) {
                            files.add(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        files.sort(null);
        return files;
    }
}
