package dev.weir.deploy.local;

import java.nio.file.Path;

/** A program that starts a server and waits to be ended, well or badly. */
final class OwnerMain {
    private OwnerMain() {}

    /**
     * @param args nothing, or the data folder to keep
     */
    public static void main(String[] args) throws Exception {
        LocalPostgresBuilder builder = LocalPostgres.builder();
        if (args.length > 0) {
            builder.data(Path.of(args[0]));
        }
        LocalPostgres postgres = builder.start();
        System.out.println(
                postgres.port() + " " + postgres.pids().getFirst() + " " + postgres.socketFolder());
        Thread.sleep(Long.MAX_VALUE);
    }
}
