package dev.weir.session.limit;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What limits the transactions of one client.
 *
 * @param rate how often it may begin one; null for as often as it likes
 * @param places of how many that may run at once each of its own takes one; null for any number
 */
public record TransactionLimits(
        @Nullable TransactionRate rate, @Nullable TransactionPlaces places) {
    private static final TransactionLimits NONE = new TransactionLimits(null, null);

    /** Those of a client of whom all of these are asked. */
    public static TransactionLimits of(List<TransactionRate.Limit> rates, List<PlaceLimit> places) {
        return rates.isEmpty() && places.isEmpty()
                ? NONE
                : new TransactionLimits(
                        rates.isEmpty() ? null : new TransactionRate(rates),
                        places.isEmpty() ? null : new TransactionPlaces(places));
    }

    /** Whether anything is limited. */
    public boolean any() {
        return rate != null || places != null;
    }
}
