package dev.weir.deploy.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that mean harm: half-open connections, bytes that come one by one, floods of logins with
 * a wrong password, noise, and messages of a gigabyte. A program of its own, so that its work is
 * not taken for the proxy's; it prints how many attacks it has made, each second, until it is
 * ended.
 */
final class HostileCrowd {
    private static final int HALF_OPEN = 100;
    private static final int SLOW = 50;
    private static final int FLOODERS = 4;
    private static final int HEAVY = 2;
    private static final int PROTOCOL_3_0 = 196608;
    private static final int GIGABYTE = 1 << 30;

    private final Endpoint victim;
    private final AtomicLong attacks = new AtomicLong();

    private HostileCrowd(Endpoint victim) {
        this.victim = victim;
    }

    /** Arguments: port, database, user. Ends with its process. */
    public static void main(String[] arguments) throws InterruptedException {
        Endpoint victim =
                new Endpoint(
                        "127.0.0.1",
                        Integer.parseInt(arguments[0]),
                        arguments[1],
                        arguments[2],
                        "");
        HostileCrowd crowd = new HostileCrowd(victim);
        crowd.start();
        while (true) {
            TimeUnit.SECONDS.sleep(1);
            System.out.println(crowd.attacks.get());
        }
    }

    /** One command line that runs it, for whom processors are left over only. */
    static List<String> command(Endpoint victim) {
        return List.of(
                "nice",
                "-n",
                "19",
                System.getProperty("java.home") + "/bin/java",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                HostileCrowd.class.getName(),
                Integer.toString(victim.port()),
                victim.database(),
                victim.user());
    }

    @SuppressWarnings("resource") // they work until the process ends
    private void start() {
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        repeat(threads, HALF_OPEN, this::halfOpen);
        repeat(threads, SLOW, this::slowBytes);
        repeat(threads, FLOODERS, this::wrongPassword);
        repeat(threads, FLOODERS, this::noise);
        repeat(threads, HEAVY, this::hugeMessage);
    }

    private interface Attack {
        void on(Socket socket) throws IOException, InterruptedException;
    }

    private void repeat(ExecutorService threads, int count, Attack attack) {
        for (int i = 0; i < count; i++) {
            threads.submit(() -> {
                while (true) {
                    try (Socket socket =
                            new Socket(InetAddress.getByName(victim.host()), victim.port())) {
                        attack.on(socket);
                    } catch (IOException e) {
                        // It was thrown out.
                    }
                    attacks.incrementAndGet();
                    TimeUnit.MILLISECONDS.sleep(20);
                }
            });
        }
    }

    /** Says nothing, and leaves without a goodbye. */
    private void halfOpen(Socket socket) throws IOException, InterruptedException {
        TimeUnit.SECONDS.sleep(2);
        socket.setSoLinger(true, 0);
    }

    private void slowBytes(Socket socket) throws IOException, InterruptedException {
        ByteBuffer startup = FrontendMessages.startup(victim);
        while (startup.remaining() > 1) {
            socket.getOutputStream().write(startup.get());
            TimeUnit.MILLISECONDS.sleep(30);
        }
    }

    /** Made up, so that the attacker has no work with it. */
    private void wrongPassword(Socket socket) throws IOException {
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream();
        out.write(FrontendMessages.startup(victim).array());
        next(in);
        byte[] first = "n,,n=,r=abcdefghijklmnopqrstuvwx".getBytes(StandardCharsets.UTF_8);
        byte[] mechanism = "SCRAM-SHA-256\0".getBytes(StandardCharsets.UTF_8);
        ByteBuffer initial =
                ByteBuffer.allocate(5 + mechanism.length + 4 + first.length)
                        .put((byte) 'p')
                        .putInt(4 + mechanism.length + 4 + first.length)
                        .put(mechanism)
                        .putInt(first.length)
                        .put(first);
        out.write(initial.array());
        // Four bytes name the kind of request.
        String challenge = new String(next(in), 4, 128, StandardCharsets.UTF_8);
        String nonce = challenge.substring(2, challenge.indexOf(','));
        byte[] proof =
                ("c=biws,r=" + nonce + ",p=" + "A".repeat(43) + "=")
                        .getBytes(StandardCharsets.UTF_8);
        out.write(
                ByteBuffer.allocate(5 + proof.length)
                        .put((byte) 'p')
                        .putInt(4 + proof.length)
                        .put(proof)
                        .array());
        next(in);
    }

    /** The body of the next message, with room behind it. */
    private static byte[] next(InputStream in) throws IOException {
        byte[] head = in.readNBytes(5);
        if (head.length < 5) {
            throw new IOException("refused");
        }
        int length = ByteBuffer.wrap(head, 1, 4).getInt() - 4;
        byte[] body = new byte[Math.max(length, 256)];
        in.readNBytes(body, 0, length);
        return body;
    }

    private void noise(Socket socket) throws IOException {
        Random random = new Random();
        byte[] bytes = new byte[1 + random.nextInt(5_000)];
        random.nextBytes(bytes);
        socket.getOutputStream().write(bytes);
        socket.setSoTimeout(200);
        socket.getInputStream().readAllBytes();
    }

    /** A packet that says that it is far longer than allowed. */
    private void hugeMessage(Socket socket) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(ByteBuffer.allocate(8).putInt(GIGABYTE).putInt(PROTOCOL_3_0).array());
        byte[] junk = new byte[64 * 1024];
        for (int i = 0; i < 1_000; i++) {
            out.write(junk);
        }
    }
}
