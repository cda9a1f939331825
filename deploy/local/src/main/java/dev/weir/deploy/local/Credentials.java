package dev.weir.deploy.local;

/**
 * A role's name and password, in the clear: a local server's are no secrets.
 *
 * @param name as PostgreSQL folds and quotes nothing: exactly so
 * @param password not empty, one line
 */
public record Credentials(String name, String password) {
    /** The superuser unless another is asked for; starting with it is fastest. */
    public static final Credentials DEFAULT = new Credentials("postgres", "postgres");

    public Credentials {
        if (name.isEmpty() || name.startsWith("pg_") || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("`" + name + "` cannot be the name of a role.");
        }
        if (password.isEmpty() || password.chars().anyMatch(c -> c < ' ')) {
            throw new IllegalArgumentException("A password must be one line that is not empty.");
        }
    }

    @Override
    public String toString() {
        return "Credentials[" + name + "]";
    }
}
