#include "telemetry/exporters/loki_json.h"

#include <chrono>

#include "gtest/gtest.h"

namespace muster::telemetry::exporters {
namespace {

constexpr base::Timestamp kTime{std::chrono::milliseconds(1'767'225'600'123)};

std::string Value(std::string_view line) {
  std::string out;
  AppendLokiValue(&out, kTime, line);
  return out;
}

TEST(LokiJson, ABodyIsOneStreamOfValues) {
  const std::string body = LokiBefore({{"app", "app-server"}, {"environment", "live"}}) +
                           Value(R"({"level":"info","msg":"ready"})") + "," + Value("second") +
                           LokiAfter();

  EXPECT_EQ(body, R"({"streams":[{"stream":{"app":"app-server","environment":"live"},"values":[)"
                  R"(["1767225600123000000","{\"level\":\"info\",\"msg\":\"ready\"}"],)"
                  R"(["1767225600123000000","second"])"
                  R"(]}]})");
}

TEST(LokiJson, LabelsAreEscaped) {
  EXPECT_EQ(LokiBefore({{"a\"b", "c\\d\xFF"}}),
            "{\"streams\":[{\"stream\":{\"a\\\"b\":\"c\\\\d\xEF\xBF\xBD\"},\"values\":[");
}

TEST(LokiJson, ThereMayBeNoLabels) {
  EXPECT_EQ(LokiBefore({}), R"({"streams":[{"stream":{},"values":[)");
}

TEST(LokiJson, ALineKeepsItsControlCharactersAndLosesBadBytes) {
  EXPECT_EQ(Value("a\n\x01\xC0z"), "[\"1767225600123000000\",\"a\\n\\u0001\xEF\xBF\xBDz\"]");
}

TEST(LokiJson, ValuesAreAppended) {
  std::string out = "before";

  AppendLokiValue(&out, base::Timestamp(), "");

  EXPECT_EQ(out, R"(before["0",""])");
}

}  // namespace
}  // namespace muster::telemetry::exporters
