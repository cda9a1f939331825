package dev.weir.admin;

import dev.weir.config.HttpConfig;
import dev.weir.net.AcceptRate;
import dev.weir.pool.Pools;
import dev.weir.session.Sessions;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.prometheus.PrometheusMetricReader;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.SdkMeterProviderBuilder;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.resources.Resource;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;

/**
 * The metrics of a Weir process: as a page for Prometheus, and pushed by OTLP where that is
 * configured. Any thread but a loop may use it.
 */
final class Metrics implements AutoCloseable {
    private static final long FLUSH_MILLIS = 500;

    private final PrometheusMetricReader page =
            PrometheusMetricReader.builder()
                    .setTargetInfoMetricEnabled(false)
                    .setOtelScopeLabelsEnabled(false)
                    .build();
    private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
    private final SdkMeterProvider provider;

    Metrics(Pools pools, Sessions sessions, AcceptRate accepts, HttpConfig config, String version) {
        SdkMeterProviderBuilder builder =
                SdkMeterProvider.builder()
                        .setResource(
                                Resource.getDefault()
                                        .merge(
                                                Resource.create(
                                                        Attributes.builder()
                                                                .put("service.name", "weir")
                                                                .put("service.version", version)
                                                                .build())))
                        .registerMetricProducer(new PoolMetrics(pools, sessions, accepts))
                        .registerMetricReader(page);
        if (!config.otlpEndpoint().isEmpty()) {
            builder.registerMetricReader(
                    PeriodicMetricReader.builder(
                                    OtlpHttpMetricExporter.builder()
                                            .setEndpoint(config.otlpEndpoint())
                                            .build())
                            .setInterval(config.otlpInterval())
                            .build());
        }
        provider = builder.build();
    }

    String contentType() {
        return PrometheusTextFormatWriter.CONTENT_TYPE;
    }

    /** Writes the page. */
    void write(OutputStream out) throws IOException {
        writer.write(out, page.collect(), EscapingScheme.UNDERSCORE_ESCAPING);
    }

    /** Pushes what is left, and stops. */
    @Override
    public void close() {
        provider.shutdown().join(FLUSH_MILLIS, TimeUnit.MILLISECONDS);
    }
}
