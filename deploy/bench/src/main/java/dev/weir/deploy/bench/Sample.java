package dev.weir.deploy.bench;

import org.jspecify.annotations.Nullable;

import java.util.EnumMap;
import java.util.Map;

/**
 * What one round of one contender yielded. Immutable.
 *
 * @param values the metrics that apply: a direct way has no proxy and so no processor time
 */
record Sample(Map<Metric, Double> values) {
    Sample {
        values = Map.copyOf(values);
    }

    /** Null if this metric does not apply. */
    @Nullable Double value(Metric metric) {
        return values.get(metric);
    }

    /** The same for arithmetic: not a number if this metric does not apply. */
    double number(Metric metric) {
        return values.getOrDefault(metric, Double.NaN);
    }

    static Builder with(Metric metric, double value) {
        return new Builder().and(metric, value);
    }

    /** Collects metrics. */
    static final class Builder {
        private final Map<Metric, Double> values = new EnumMap<>(Metric.class);

        Builder and(Metric metric, double value) {
            values.put(metric, value);
            return this;
        }

        Sample sample() {
            return new Sample(values);
        }
    }
}
