package dev.weir.classify;

import org.jspecify.annotations.Nullable;

/**
 * What a transaction is said to be (manual, SET TRANSACTION); of each null if it is not said.
 *
 * @param readOnly READ ONLY or READ WRITE
 * @param serializable ISOLATION LEVEL SERIALIZABLE or a lower one
 * @param deferrable DEFERRABLE or NOT DEFERRABLE
 */
public record TransactionModes(
        @Nullable Boolean readOnly, @Nullable Boolean serializable, @Nullable Boolean deferrable) {
    /** Nothing is said. */
    public static final TransactionModes UNSAID = new TransactionModes(null, null, null);

    /** These, where {@code later} does not say otherwise. */
    public TransactionModes then(TransactionModes later) {
        return new TransactionModes(
                later.readOnly == null ? readOnly : later.readOnly,
                later.serializable == null ? serializable : later.serializable,
                later.deferrable == null ? deferrable : later.deferrable);
    }

    /**
     * Why such a transaction stays on the primary; {@link Reason#READ} if it need not. A standby
     * knows no serializable transactions (manual 13.2.3).
     */
    public Reason reason() {
        if (!Boolean.TRUE.equals(readOnly)) {
            return Reason.TRANSACTION;
        }
        return Boolean.TRUE.equals(serializable) || Boolean.TRUE.equals(deferrable)
                ? Reason.ISOLATION
                : Reason.READ;
    }
}
