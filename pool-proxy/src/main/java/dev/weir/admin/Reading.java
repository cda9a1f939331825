package dev.weir.admin;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.Data;
import io.opentelemetry.sdk.metrics.data.DoublePointData;
import io.opentelemetry.sdk.metrics.data.GaugeData;
import io.opentelemetry.sdk.metrics.data.HistogramData;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.MetricDataType;
import io.opentelemetry.sdk.metrics.data.SumData;
import io.opentelemetry.sdk.resources.Resource;

import java.util.List;
import java.util.Map;

/**
 * One metric as it was read, in OpenTelemetry's form. What it is made of are numbers that were
 * counted elsewhere, since the instruments of the SDK would cost too much on the data path.
 */
record Reading(
        Resource resource,
        String name,
        String description,
        String unit,
        MetricDataType type,
        Data<?> data)
        implements MetricData {
    private static final InstrumentationScopeInfo SCOPE =
            InstrumentationScopeInfo.create("dev.weir");

    /** From when to when numbers are counted, in nanoseconds since 1970. */
    record Span(long from, long to) {}

    static Reading counter(
            Resource resource,
            Span span,
            String name,
            String description,
            String unit,
            Map<Attributes, Long> values) {
        return new Reading(
                resource,
                name,
                description,
                unit,
                MetricDataType.LONG_SUM,
                SumData.createLongSumData(
                        true, AggregationTemporality.CUMULATIVE, points(span, values)));
    }

    static Reading gauge(
            Resource resource,
            Span span,
            String name,
            String description,
            String unit,
            Map<Attributes, Long> values) {
        return new Reading(
                resource,
                name,
                description,
                unit,
                MetricDataType.LONG_GAUGE,
                GaugeData.createLongGaugeData(points(span, values)));
    }

    /** A time, given in nanoseconds. */
    static Reading time(
            Resource resource,
            Span span,
            String name,
            String description,
            Map<Attributes, Long> nanos) {
        return new Reading(
                resource,
                name,
                description,
                "s",
                MetricDataType.DOUBLE_GAUGE,
                GaugeData.createDoubleGaugeData(seconds(span, nanos)));
    }

    /** A time that only grows, given in nanoseconds. */
    static Reading timeSum(
            Resource resource,
            Span span,
            String name,
            String description,
            Map<Attributes, Long> nanos) {
        return new Reading(
                resource,
                name,
                description,
                "s",
                MetricDataType.DOUBLE_SUM,
                SumData.createDoubleSumData(
                        true, AggregationTemporality.CUMULATIVE, seconds(span, nanos)));
    }

    static Reading histogram(
            Resource resource, String name, String description, List<HistogramPointData> points) {
        return new Reading(
                resource,
                name,
                description,
                "s",
                MetricDataType.HISTOGRAM,
                HistogramData.create(AggregationTemporality.CUMULATIVE, points));
    }

    private static List<DoublePointData> seconds(Span span, Map<Attributes, Long> nanos) {
        return nanos.entrySet().stream()
                .map(it ->
                        DoublePointData.create(
                                span.from(),
                                span.to(),
                                it.getKey(),
                                it.getValue() / 1e9,
                                List.of()))
                .toList();
    }

    private static List<LongPointData> points(Span span, Map<Attributes, Long> values) {
        return values.entrySet().stream()
                .map(it -> LongPointData.create(span.from(), span.to(), it.getKey(), it.getValue()))
                .toList();
    }

    @Override
    public Resource getResource() {
        return resource;
    }

    @Override
    public InstrumentationScopeInfo getInstrumentationScopeInfo() {
        return SCOPE;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public String getDescription() {
        return description;
    }

    @Override
    public String getUnit() {
        return unit;
    }

    @Override
    public MetricDataType getType() {
        return type;
    }

    @Override
    public Data<?> getData() {
        return data;
    }
}
