package dev.weir.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM of its own that runs {@link OwnerMain}. */
final class Owner implements AutoCloseable {
    final Process jvm;
    final Path scratch;
    final ServerProcess server;

    private Owner(Process jvm) throws IOException {
        this.jvm = jvm;
        BufferedReader output = jvm.inputReader(StandardCharsets.UTF_8);
        String line = output.readLine();
        assertThat(line).as("what the forked JVM says").isNotNull();
        String[] words = line.split(" ", 3);
        scratch = Path.of(words[2]).getParent();
        server =
                ServerProcess.of(
                        ProcessIdentity.of(Long.parseLong(words[1]))
                                .orElseThrow(() -> new AssertionError("no server: " + line)));
    }

    /**
     * Starts it.
     *
     * @param jvmOptions such as -Dname=value
     * @param args of {@link OwnerMain}
     */
    static Process launch(List<String> jvmOptions, String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx128m");
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(OwnerMain.class.getName());
        command.addAll(List.of(args));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** Waits until its server runs. */
    static Owner of(Process jvm) throws IOException {
        try {
            return new Owner(jvm);
        } catch (IOException | AssertionError e) {
            jvm.destroyForcibly();
            throw e;
        }
    }

    /** Ends the JVM as kill -9 does; its server goes on, which is what the tests are about. */
    void kill9() throws InterruptedException {
        jvm.destroyForcibly().waitFor();
        assertThat(server.alive()).as("the server outlives its owner").isTrue();
        assertThat(Files.exists(scratch)).isTrue();
    }

    @Override
    public void close() {
        jvm.destroyForcibly();
        server.resume();
        server.kill();
        PostmasterFile.read(ScratchFolder.data(scratch)).ifPresent(PostmasterFile::end);
        FileTree.delete(scratch);
    }
}
