#include "telemetry/log.h"

#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/recording_sinks.h"

namespace muster::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;

const base::Timestamp kTime{std::chrono::milliseconds(1'700'000'000'007)};

std::string Record(LogFormat format, LogLevel level, std::string_view message,
                   std::initializer_list<LogField> fields) {
  std::string line;
  AppendRecord(&line, format, kTime, level, message, {fields.begin(), fields.end()});
  return line;
}

std::string Json(std::string_view message, std::initializer_list<LogField> fields = {}) {
  return Record(LogFormat::kJson, LogLevel::kInfo, message, fields);
}

TEST(AppendRecord, WritesOneJsonObject) {
  EXPECT_EQ(Record(LogFormat::kJson, LogLevel::kWarn, "ticket left out",
                   {{"ticket_id", "a"}, {"tickets", int64_t{-3}}}),
            R"({"time":"2023-11-14T22:13:20.007Z","level":"warn","msg":"ticket left out",)"
            R"("ticket_id":"a","tickets":-3})");
}

TEST(AppendRecord, WritesTextForPeople) {
  EXPECT_EQ(Record(LogFormat::kText, LogLevel::kInfo, "ready",
                   {{"grpc", "127.0.0.1:6565"}, {"pid", int64_t{7}}}),
            R"(2023-11-14T22:13:20.007Z info  ready grpc="127.0.0.1:6565" pid=7)");
}

TEST(AppendRecord, NamesEveryLevel) {
  const auto line = [](LogLevel level) { return Record(LogFormat::kText, level, "m", {}); };
  EXPECT_THAT(line(LogLevel::kDebug), HasSubstr(" debug m"));
  EXPECT_THAT(line(LogLevel::kInfo), HasSubstr(" info  m"));
  EXPECT_THAT(line(LogLevel::kWarn), HasSubstr(" warn  m"));
  EXPECT_THAT(line(LogLevel::kError), HasSubstr(" error m"));
}

TEST(AppendRecord, EscapesWhatWouldEndATextOrALine) {
  EXPECT_THAT(Json("m", {{"id", "a\"b\\c\nd\te\x01"}}), HasSubstr(R"("id":"a\"b\\c\nd\te\u0001")"));
  EXPECT_THAT(Record(LogFormat::kText, LogLevel::kInfo, "m", {{"id", "a\nb"}}),
              Not(HasSubstr("\n")));
}

TEST(AppendRecord, ReplacesBytesThatAreNotUtf8) {
  const std::string line = Json("m", {{"id",
                                       "a\xff\xc3"
                                       "b"}});

  EXPECT_THAT(line, HasSubstr("\"id\":\"a\xef\xbf\xbd\xef\xbf\xbd"
                              "b\""));
  EXPECT_TRUE(nlohmann::json::accept(line));
}

TEST(AppendRecord, IsJsonWhateverTheTexts) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);

  EXPECT_TRUE(nlohmann::json::accept(Json(every_byte, {{"text", every_byte}})));
}

class LoggerTest : public testing::Test {
 protected:
  std::string Logged(LogLevel level) {
    testing::internal::CaptureStdout();
    Logger log({level, LogFormat::kText}, clock_);
    log.Debug("one");
    log.Info("two");
    log.Warn("three");
    log.Error("four");
    return testing::internal::GetCapturedStdout();
  }

  fakes::FakeClock clock_;
};

TEST_F(LoggerTest, WritesOneLineARecordAtOnce) {
  EXPECT_EQ(Logged(LogLevel::kWarn),
            "2026-01-01T00:00:00.000Z warn  three\n2026-01-01T00:00:00.000Z error four\n");
}

TEST_F(LoggerTest, LeavesOutWhatIsBelowItsLevel) {
  EXPECT_THAT(Logged(LogLevel::kDebug), HasSubstr("one"));
  EXPECT_THAT(Logged(LogLevel::kError), Not(HasSubstr("three")));
}

TEST_F(LoggerTest, GivesEachRecordToAllSinksInTheirFormat) {
  const auto first = std::make_shared<fakes::RecordingLog>();
  const auto second = std::make_shared<fakes::RecordingLog>();
  const auto json = std::make_shared<fakes::RecordingLog>();
  Logger log(LogLevel::kInfo, clock_,
             {{LogFormat::kText, {first, second}}, {LogFormat::kJson, {json}}});

  log.Info("one");

  EXPECT_THAT(first->Lines(), testing::ElementsAre("2026-01-01T00:00:00.000Z info  one"));
  EXPECT_EQ(first->Lines(), second->Lines());
  EXPECT_THAT(json->Lines(), testing::ElementsAre(HasSubstr(R"("msg":"one")")));
}

TEST_F(LoggerTest, KeepsLinesOfManyThreadsApart) {
  testing::internal::CaptureStdout();
  {
    Logger log({}, clock_);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&log] {
        for (int line = 0; line < 200; ++line) log.Info("m", {{"text", std::string(100, 'x')}});
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  std::istringstream lines(testing::internal::GetCapturedStdout());

  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    ASSERT_TRUE(nlohmann::json::accept(line)) << line;
  }
  EXPECT_EQ(count, 800);
}

}  // namespace
}  // namespace muster::telemetry
