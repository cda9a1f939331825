package dev.weir.auth;

/**
 * One login conversation with one client. Not for several threads at once. A step that is {@link
 * #slow} does not belong on an event loop.
 */
public interface ClientLogin {
    /**
     * Whether the next step derives a key from a password, which takes milliseconds on purpose. All
     * others take microseconds: to hand those to another thread would cost more than they do.
     */
    default boolean slow() {
        return false;
    }

    /** What to say first. */
    AuthStep start();

    /**
     * What to say to the client's answer.
     *
     * @param passwordMessageBody the body of a password message, whatever it is
     */
    AuthStep answer(byte[] passwordMessageBody);
}
