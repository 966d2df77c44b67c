#include "telemetry/trace_context.h"

#include <map>
#include <ostream>

#include "gtest/gtest.h"

namespace muster::telemetry {
namespace {

using Headers = std::map<std::string, std::string, std::less<>>;

// High half, low half and span of the ids below.
constexpr uint64_t kHigh = 0x463ac35c9f6413ad;
constexpr uint64_t kLow = 0x48485a3953bb6124;
constexpr uint64_t kSpan = 0xa2fb4a1d1a96d312;
#define HIGH "463ac35c9f6413ad"
#define LOW "48485a3953bb6124"
#define SPAN "a2fb4a1d1a96d312"
#define ZERO "0000000000000000"

constexpr TraceId kTraceId = {kHigh, kLow};
constexpr std::optional<bool> kUndecided = std::nullopt;

TraceHeaders ParentOf(TraceId trace_id, std::optional<bool> sampled) {
  return {.parent = RemoteParent{trace_id, kSpan, sampled}};
}
TraceHeaders Decision(bool sampled) { return {.sampled = sampled}; }
const TraceHeaders kNothing = {};

struct Case {
  std::string name;
  Headers headers;
  TraceHeaders expected;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

class TraceHeadersTest : public testing::TestWithParam<Case> {};

TEST_P(TraceHeadersTest, AreRead) {
  const Headers& headers = GetParam().headers;

  const TraceHeaders read =
      ReadTraceHeaders([&](std::string_view name) -> std::optional<std::string_view> {
        const auto found = headers.find(name);
        if (found == headers.end()) return std::nullopt;
        return found->second;
      });

  EXPECT_EQ(read.parent, GetParam().expected.parent);
  EXPECT_EQ(read.sampled, GetParam().expected.sampled);
}

const Case kB3Single[] = {
    {"no header", {}, kNothing},
    {"empty", {{"b3", ""}}, kNothing},
    {"deny", {{"b3", "0"}}, Decision(false)},
    {"accept", {{"b3", "1"}}, Decision(true)},
    {"debug", {{"b3", "d"}}, Decision(true)},
    {"unknown decision", {{"b3", "2"}}, kNothing},
    {"ids", {{"b3", HIGH LOW "-" SPAN}}, ParentOf(kTraceId, kUndecided)},
    {"short trace id", {{"b3", LOW "-" SPAN}}, ParentOf({0, kLow}, kUndecided)},
    {"sampled", {{"b3", HIGH LOW "-" SPAN "-1"}}, ParentOf(kTraceId, true)},
    {"not sampled", {{"b3", HIGH LOW "-" SPAN "-0"}}, ParentOf(kTraceId, false)},
    {"debug with ids", {{"b3", HIGH LOW "-" SPAN "-d"}}, ParentOf(kTraceId, true)},
    {"parent", {{"b3", HIGH LOW "-" SPAN "-1-" LOW}}, ParentOf(kTraceId, true)},
    {"zero for no parent", {{"b3", LOW "-" SPAN "-1-" ZERO}}, ParentOf({0, kLow}, true)},
    {"upper case",
     {{"b3", "463AC35C9F6413AD" LOW "-A2FB4A1D1A96D312"}},
     ParentOf(kTraceId, kUndecided)},
    {"half of the trace id is zero",
     {{"b3", HIGH ZERO "-" SPAN}},
     ParentOf({kHigh, 0}, kUndecided)},
    {"trace id alone", {{"b3", HIGH LOW}}, kNothing},
    {"zero trace id", {{"b3", ZERO ZERO "-" SPAN "-1"}}, kNothing},
    {"zero short trace id", {{"b3", ZERO "-" SPAN "-1"}}, kNothing},
    {"zero span id", {{"b3", HIGH LOW "-" ZERO "-1"}}, kNothing},
    {"trace id of 31 digits", {{"b3", "63ac35c9f6413ad" LOW "-" SPAN}}, kNothing},
    {"span id of 15 digits", {{"b3", HIGH LOW "-2fb4a1d1a96d312"}}, kNothing},
    {"no hexadecimal digit", {{"b3", HIGH LOW "-g2fb4a1d1a96d312"}}, kNothing},
    {"bad flag", {{"b3", HIGH LOW "-" SPAN "-x"}}, kNothing},
    {"empty flag", {{"b3", HIGH LOW "-" SPAN "-"}}, kNothing},
    {"empty flag before a parent", {{"b3", HIGH LOW "-" SPAN "--" LOW}}, kNothing},
    {"short parent", {{"b3", LOW "-" SPAN "-1-1234"}}, kNothing},
    {"more than a parent", {{"b3", LOW "-" SPAN "-1-" LOW "-1"}}, kNothing},
    {"a megabyte", {{"b3", std::string(1 << 20, '-')}}, kNothing},
};
INSTANTIATE_TEST_SUITE_P(B3Single, TraceHeadersTest, testing::ValuesIn(kB3Single));

const Case kB3Multi[] = {
    {"ids", {{"x-b3-traceid", HIGH LOW}, {"x-b3-spanid", SPAN}}, ParentOf(kTraceId, kUndecided)},
    {"short trace id",
     {{"x-b3-traceid", LOW}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", "1"}},
     ParentOf({0, kLow}, true)},
    {"not sampled",
     {{"x-b3-traceid", HIGH LOW}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", "0"}},
     ParentOf(kTraceId, false)},
    {"debug",
     {{"x-b3-traceid", HIGH LOW}, {"x-b3-spanid", SPAN}, {"x-b3-flags", "1"}},
     ParentOf(kTraceId, true)},
    {"other flags",
     {{"x-b3-traceid", HIGH LOW}, {"x-b3-spanid", SPAN}, {"x-b3-flags", "2"}},
     ParentOf(kTraceId, kUndecided)},
    {"parent is not needed",
     {{"x-b3-traceid", HIGH LOW}, {"x-b3-spanid", SPAN}, {"x-b3-parentspanid", "bad"}},
     ParentOf(kTraceId, kUndecided)},
    {"accept alone", {{"x-b3-sampled", "1"}}, Decision(true)},
    {"deny alone", {{"x-b3-sampled", "0"}}, Decision(false)},
    {"accept in a word", {{"x-b3-sampled", "true"}}, Decision(true)},
    {"deny in a word", {{"x-b3-sampled", "false"}}, Decision(false)},
    {"debug alone", {{"x-b3-flags", "1"}}, Decision(true)},
    {"no flags alone", {{"x-b3-flags", "0"}}, kNothing},
    {"bad decision",
     {{"x-b3-traceid", LOW}, {"x-b3-spanid", SPAN}, {"x-b3-sampled", "yes"}},
     kNothing},
    {"no span id", {{"x-b3-traceid", HIGH LOW}, {"x-b3-sampled", "1"}}, kNothing},
    {"no trace id", {{"x-b3-spanid", SPAN}, {"x-b3-sampled", "1"}}, kNothing},
    {"zero trace id", {{"x-b3-traceid", ZERO ZERO}, {"x-b3-spanid", SPAN}}, kNothing},
    {"zero span id", {{"x-b3-traceid", HIGH LOW}, {"x-b3-spanid", ZERO}}, kNothing},
    {"long trace id", {{"x-b3-traceid", HIGH LOW "0"}, {"x-b3-spanid", SPAN}}, kNothing},
};
INSTANTIATE_TEST_SUITE_P(B3Multi, TraceHeadersTest, testing::ValuesIn(kB3Multi));

const Case kTraceparent[] = {
    {"sampled", {{"traceparent", "00-" HIGH LOW "-" SPAN "-01"}}, ParentOf(kTraceId, true)},
    {"not sampled", {{"traceparent", "00-" HIGH LOW "-" SPAN "-00"}}, ParentOf(kTraceId, false)},
    {"other flags", {{"traceparent", "00-" HIGH LOW "-" SPAN "-fe"}}, ParentOf(kTraceId, false)},
    {"later version", {{"traceparent", "01-" HIGH LOW "-" SPAN "-01"}}, ParentOf(kTraceId, true)},
    {"later version goes on",
     {{"traceparent", "cc-" HIGH LOW "-" SPAN "-01-more"}},
     ParentOf(kTraceId, true)},
    {"later version goes on badly", {{"traceparent", "cc-" HIGH LOW "-" SPAN "-01more"}}, kNothing},
    {"first version goes on", {{"traceparent", "00-" HIGH LOW "-" SPAN "-01-more"}}, kNothing},
    {"version ff", {{"traceparent", "ff-" HIGH LOW "-" SPAN "-01"}}, kNothing},
    {"bad version", {{"traceparent", "0x-" HIGH LOW "-" SPAN "-01"}}, kNothing},
    {"upper case", {{"traceparent", "00-463AC35C9F6413AD" LOW "-" SPAN "-01"}}, kNothing},
    {"upper-case flags", {{"traceparent", "00-" HIGH LOW "-" SPAN "-0A"}}, kNothing},
    {"zero trace id", {{"traceparent", "00-" ZERO ZERO "-" SPAN "-01"}}, kNothing},
    {"zero span id", {{"traceparent", "00-" HIGH LOW "-" ZERO "-01"}}, kNothing},
    {"no flags", {{"traceparent", "00-" HIGH LOW "-" SPAN}}, kNothing},
    {"other separators", {{"traceparent", "00_" HIGH LOW "_" SPAN "_01"}}, kNothing},
    {"empty", {{"traceparent", ""}}, kNothing},
};
INSTANTIATE_TEST_SUITE_P(Traceparent, TraceHeadersTest, testing::ValuesIn(kTraceparent));

#define STALE "00-" HIGH HIGH "-" LOW "-00"

const Case kPrecedence[] = {
    {"b3 in one header before all",
     {{"b3", HIGH LOW "-" SPAN "-1"},
      {"x-b3-traceid", HIGH},
      {"x-b3-spanid", LOW},
      {"traceparent", STALE}},
     ParentOf(kTraceId, true)},
    {"b3 in several headers before traceparent",
     {{"x-b3-traceid", HIGH LOW}, {"x-b3-spanid", SPAN}, {"traceparent", STALE}},
     ParentOf(kTraceId, kUndecided)},
    {"a b3 decision before ids of the others",
     {{"b3", "0"}, {"traceparent", "00-" HIGH LOW "-" SPAN "-01"}},
     Decision(false)},
    {"malformed b3, several headers",
     {{"b3", "x"}, {"x-b3-traceid", HIGH LOW}, {"x-b3-spanid", SPAN}},
     ParentOf(kTraceId, kUndecided)},
    {"malformed b3 twice, traceparent",
     {{"b3", "x"}, {"x-b3-traceid", "x"}, {"traceparent", "00-" HIGH LOW "-" SPAN "-01"}},
     ParentOf(kTraceId, true)},
    {"all malformed", {{"b3", "x"}, {"x-b3-traceid", "x"}, {"traceparent", "x"}}, kNothing},
};
INSTANTIATE_TEST_SUITE_P(Precedence, TraceHeadersTest, testing::ValuesIn(kPrecedence));

TEST(TraceIds, AreWrittenInLowerCaseWithLeadingZeros) {
  EXPECT_EQ(ToHex(kTraceId), HIGH LOW);
  EXPECT_EQ(ToHex(TraceId{0, 0xAB}), ZERO "00000000000000ab");
  EXPECT_EQ(ToHex(uint64_t{0xAB}), "00000000000000ab");
}

TEST(TraceIds, AreAppended) {
  std::string out = "id ";

  AppendHex(&out, kTraceId);
  AppendHex(&out, kSpan);

  EXPECT_EQ(out, "id " HIGH LOW SPAN);
}

}  // namespace
}  // namespace muster::telemetry
