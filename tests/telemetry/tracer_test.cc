#include "telemetry/tracer.h"

#include <set>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "tests/fakes/recording_sinks.h"

namespace muster::telemetry {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TraceHeaders Remote(std::optional<bool> sampled) {
  TraceHeaders headers;
  headers.parent = RemoteParent{{1, 2}, 3, sampled};
  return headers;
}

TEST(Tracer, ContinuesTheCallersTrace) {
  fakes::RecordingSpans sink;
  Tracer tracer({100, 1}, &sink);

  const SpanContext context = tracer.StartServer(Remote(true));

  EXPECT_EQ(context.trace_id, (TraceId{1, 2}));
  EXPECT_NE(context.span_id, 3u);
  EXPECT_TRUE(context.sampled);
}

TEST(Tracer, BeginsATraceWithoutACaller) {
  Tracer tracer({100, 1}, nullptr);

  const SpanContext first = tracer.StartServer({});
  const SpanContext second = tracer.StartServer({});

  EXPECT_NE(first.trace_id, second.trace_id);
  EXPECT_NE(first.trace_id, TraceId());
}

TEST(Tracer, KeepsTheCallersDecision) {
  Tracer none({0, 1}, nullptr);
  Tracer all({100, 1}, nullptr);
  TraceHeaders without_ids;
  without_ids.sampled = false;

  EXPECT_TRUE(none.StartServer(Remote(true)).sampled);
  EXPECT_FALSE(all.StartServer(Remote(false)).sampled);
  EXPECT_FALSE(all.StartServer(without_ids).sampled);
}

TEST(Tracer, DecidesWhenTheCallerDoesNot) {
  Tracer none({0, 1}, nullptr);
  Tracer all({100, 1}, nullptr);

  EXPECT_FALSE(none.StartServer(Remote(std::nullopt)).sampled);
  EXPECT_TRUE(all.StartServer(Remote(std::nullopt)).sampled);
}

TEST(Tracer, SamplesTheShareThatWasAskedFor) {
  Tracer tracer({25, 1}, nullptr);

  int sampled = 0;
  for (int i = 0; i < 10'000; ++i) sampled += tracer.StartServer({}).sampled ? 1 : 0;

  EXPECT_NEAR(sampled, 2500, 200);
}

TEST(Tracer, GivesChildrenTheTraceAndTheDecision) {
  Tracer tracer({100, 1}, nullptr);
  const SpanContext parent = tracer.StartServer({});

  const SpanContext child = tracer.StartChild(parent);

  EXPECT_EQ(child.trace_id, parent.trace_id);
  EXPECT_NE(child.span_id, parent.span_id);
  EXPECT_EQ(child.sampled, parent.sampled);
}

TEST(Tracer, HandsOverSampledSpansOnly) {
  fakes::RecordingSpans sink;
  Tracer tracer({100, 1}, &sink);
  Span span;
  span.context.sampled = true;
  tracer.End(span);
  span.context.sampled = false;
  tracer.End(span);

  EXPECT_THAT(sink.spans(), SizeIs(1));
}

TEST(Tracer, GoesWithoutASink) {
  Tracer tracer({100, 1}, nullptr);
  const SpanContext context = tracer.StartServer({});

  EXPECT_FALSE(tracer.Wants(context));
  tracer.End({context, 0, "name", false, {}, {}, {}});
}

TEST(Tracer, GivesTheSameIdsForTheSameSeed) {
  Tracer one({100, 42}, nullptr);
  Tracer same({100, 42}, nullptr);
  Tracer other({100, 43}, nullptr);

  EXPECT_EQ(one.StartServer({}).trace_id, same.StartServer({}).trace_id);
  EXPECT_NE(one.StartServer({}).trace_id, other.StartServer({}).trace_id);
}

TEST(Tracer, NeverRepeatsAnIdAcrossThreads) {
  Tracer tracer({100, 1}, nullptr);
  std::vector<std::vector<uint64_t>> ids(4);
  std::vector<std::thread> threads;
  for (auto& mine : ids) {
    threads.emplace_back([&tracer, &mine] {
      for (int i = 0; i < 5000; ++i) mine.push_back(tracer.StartChild({}).span_id);
    });
  }
  for (std::thread& thread : threads) thread.join();

  std::set<uint64_t> all;
  for (const auto& mine : ids) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 20'000u);
  EXPECT_FALSE(all.contains(0));
}

}  // namespace
}  // namespace muster::telemetry
