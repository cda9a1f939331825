package dev.weir.auth;

/**
 * One login conversation with one client. Not for several threads at once; may block for
 * milliseconds while it hashes, so it does not belong on an event loop.
 */
public interface ClientLogin {
    /** What to say first. */
    AuthStep start();

    /**
     * What to say to the client's answer.
     *
     * @param passwordMessageBody the body of a password message, whatever it is
     */
    AuthStep answer(byte[] passwordMessageBody);
}
