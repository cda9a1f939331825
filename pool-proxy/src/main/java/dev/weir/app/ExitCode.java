package dev.weir.app;

/** What the process tells whoever started it. Also in the help of the command line. */
final class ExitCode {
    static final int OK = 0;
    static final int BAD_CONFIGURATION = 1;
    static final int WRONG_USE = 2;
    static final int CANNOT_START = 3;

    private ExitCode() {}
}
