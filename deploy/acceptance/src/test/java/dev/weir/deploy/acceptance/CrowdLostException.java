package dev.weir.deploy.acceptance;

import java.io.IOException;

/** The session is over because its server connection is, which only a test that kills it allows. */
final class CrowdLostException extends IOException {
    private static final long serialVersionUID = 1L;

    CrowdLostException(String where, CrowdMessage last) {
        super(where + ": " + last);
    }
}
