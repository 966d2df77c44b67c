#include "telemetry/exporters/export_metrics.h"

#include "gtest/gtest.h"
#include "telemetry/exporters/record_sinks.h"
#include "tests/telemetry/scrape.h"

namespace muster::telemetry::exporters {
namespace {

TEST(ExportMetrics, ShowTheAccountOfEachExporter) {
  ExportCounts loki;
  ExportCounts zipkin;
  MetricRegistry registry("app");
  ExportMetrics metrics(registry);
  metrics.Show("loki", loki);
  metrics.Show("zipkin", zipkin);
  loki.sent = 5;
  loki.Drop(DropReason::kQueueFull, 3);
  zipkin.failed_attempts = 2;
  zipkin.queued_bytes = 70;

  EXPECT_TRUE(Shows(registry, "app_exporter_records_sent_total{exporter=\"loki\"} 5"));
  EXPECT_TRUE(Shows(registry,
                    "app_exporter_records_dropped_total{exporter=\"loki\",reason=\"queue_full\"} "
                    "3"));
  EXPECT_TRUE(Shows(registry, "app_exporter_failed_attempts_total{exporter=\"zipkin\"} 2"));
  EXPECT_TRUE(Shows(registry, "app_exporter_queued_bytes{exporter=\"zipkin\"} 70"));
}

TEST(ExportMetrics, StartEverySeriesAtZeroAndFollow) {
  ExportCounts counts;
  MetricRegistry registry("app");
  ExportMetrics metrics(registry);
  metrics.Show("loki", counts);

  EXPECT_TRUE(Shows(registry,
                    "app_exporter_records_dropped_total{exporter=\"loki\",reason=\"gave_up\"} 0"));
  counts.sent = 1;
  EXPECT_TRUE(Shows(registry, "app_exporter_records_sent_total{exporter=\"loki\"} 1"));
  counts.sent = 4;
  EXPECT_TRUE(Shows(registry, "app_exporter_records_sent_total{exporter=\"loki\"} 4"));
}

// Keeps the text of all batches.
class TextWriter final : public BatchWriter {
 public:
  void Write(const Batch& batch, std::stop_token /*stop*/) override { text += batch.text + "|"; }
  std::string text;
};

class RecordSinks : public testing::Test {
 protected:
  std::string Written() {
    batcher_.Stop(std::chrono::seconds(10));
    return writer_.text;
  }

  TextWriter writer_;
  ExportCounts counts_;
  Batcher batcher_{{}, writer_, counts_};
};

TEST_F(RecordSinks, PassLinesOnAsTheyAre) {
  LineSink sink(batcher_);
  sink.Write({}, "one");
  sink.Write({}, "two");

  EXPECT_EQ(Written(), "one\ntwo|");
}

TEST_F(RecordSinks, TurnLinesIntoValuesForLoki) {
  LokiSink sink(batcher_);
  sink.Write(base::Timestamp(std::chrono::milliseconds(1500)), R"({"a":1})");

  EXPECT_EQ(Written(), R"(["1500000000","{\"a\":1}"]|)");
}

TEST_F(RecordSinks, TurnSpansIntoJsonForZipkin) {
  ZipkinSink sink(batcher_, "service");
  Span span;
  span.context = {{1, 2}, 3, true};
  span.name = "work";
  sink.Write(span);

  const std::string text = Written();
  EXPECT_NE(text.find("\"traceId\":\"00000000000000010000000000000002\""), std::string::npos);
  EXPECT_NE(text.find("\"serviceName\":\"service\""), std::string::npos);
}

}  // namespace
}  // namespace muster::telemetry::exporters
