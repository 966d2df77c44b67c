#include "telemetry/exporters/zipkin_json.h"

#include <chrono>

#include "gtest/gtest.h"

namespace muster::telemetry::exporters {
namespace {

using std::chrono::microseconds;

Span ServerSpan() {
  Span span;
  span.context = {{0x463ac35c9f6413ad, 0x48485a3953bb6124}, 0xa2fb4a1d1a96d312, true};
  span.parent_id = 0x0020000000000001;
  span.name = "MakeMatches";
  span.is_server = true;
  span.start = std::chrono::sys_time<microseconds>(microseconds(1'767'225'600'123'456));
  span.duration = microseconds(207'000);
  return span;
}

std::string Json(const Span& span) {
  std::string out;
  AppendZipkinSpan(&out, span, "app-server");
  return out;
}

TEST(ZipkinJson, AServerSpanHasAllFields) {
  const SpanTag tags[] = {{"rpc.system", "grpc"}, {"rpc.grpc.status_code", "0"}};
  Span span = ServerSpan();
  span.tags = tags;

  EXPECT_EQ(Json(span), R"({"traceId":"463ac35c9f6413ad48485a3953bb6124","id":"a2fb4a1d1a96d312",)"
                        R"("parentId":"0020000000000001","name":"MakeMatches","kind":"SERVER",)"
                        R"("timestamp":1767225600123456,"duration":207000,)"
                        R"("localEndpoint":{"serviceName":"app-server"},)"
                        R"("tags":{"rpc.system":"grpc","rpc.grpc.status_code":"0"}})");
}

TEST(ZipkinJson, ARootOfInnerWorkHasNoParentNoKindAndNoTags) {
  Span span = ServerSpan();
  span.parent_id = 0;
  span.is_server = false;

  EXPECT_EQ(Json(span), R"({"traceId":"463ac35c9f6413ad48485a3953bb6124","id":"a2fb4a1d1a96d312",)"
                        R"("name":"MakeMatches","timestamp":1767225600123456,"duration":207000,)"
                        R"("localEndpoint":{"serviceName":"app-server"}})");
}

TEST(ZipkinJson, ADurationIsAtLeastOneMicrosecond) {
  Span span = ServerSpan();
  span.duration = microseconds(0);

  EXPECT_NE(Json(span).find(R"("duration":1,)"), std::string::npos);
}

TEST(ZipkinJson, EmptyTagsAreLeftOut) {
  const SpanTag some[] = {{"a", ""}, {"b", "1"}, {"c", ""}, {"d", "2"}};
  const SpanTag none[] = {{"a", ""}};
  Span with_some = ServerSpan();
  with_some.tags = some;
  Span with_none = ServerSpan();
  with_none.tags = none;

  EXPECT_NE(Json(with_some).find(R"(},"tags":{"b":"1","d":"2"}})"), std::string::npos);
  EXPECT_EQ(Json(with_none), Json(ServerSpan()));
}

TEST(ZipkinJson, TextsAreEscaped) {
  const SpanTag tags[] = {{"t\"", "v\n\xFF"}};
  Span span = ServerSpan();
  span.name = "a\\b";
  span.tags = tags;

  const std::string json = Json(span);

  EXPECT_NE(json.find(R"("name":"a\\b")"), std::string::npos) << json;
  EXPECT_NE(json.find("{\"t\\\"\":\"v\\n\xEF\xBF\xBD\"}"), std::string::npos) << json;
}

TEST(ZipkinJson, AListOfSpansIsABody) {
  const std::string body = std::string(kZipkinBefore) + Json(ServerSpan()) + "," +
                           Json(ServerSpan()) + std::string(kZipkinAfter);

  EXPECT_EQ(body, "[" + Json(ServerSpan()) + "," + Json(ServerSpan()) + "]");
}

}  // namespace
}  // namespace muster::telemetry::exporters
