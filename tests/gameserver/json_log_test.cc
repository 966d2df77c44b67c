#include "gameserver/json_log.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"

namespace muster::gameserver {
namespace {

class JsonLogTest : public testing::Test {
 protected:
  fakes::FakeClock clock_;
  std::string text_;
  JsonLog log_{clock_, [this](std::string_view line) { text_ += line; }};
};

TEST_F(JsonLogTest, WritesOneObjectALine) {
  log_.Info("ready", {{"port", 7777}, {"id", "a"}});
  clock_.Advance(std::chrono::milliseconds(61'002));
  log_.Warn("late");
  log_.Error("gone");

  EXPECT_EQ(
      text_,
      R"({"time":"2026-01-01T00:00:00.000Z","level":"info","msg":"ready","port":7777,"id":"a"})"
      "\n"
      R"({"time":"2026-01-01T00:01:01.002Z","level":"warn","msg":"late"})"
      "\n"
      R"({"time":"2026-01-01T00:01:01.002Z","level":"error","msg":"gone"})"
      "\n");
}

TEST_F(JsonLogTest, KeepsHostileTextInItsLine) {
  log_.Info("a\nb", {{"text", "\"}\xff"}});

  EXPECT_NE(text_.find("\"msg\":\"a\\nb\",\"text\":\"\\\"}\xef\xbf\xbd\"}\n"), std::string::npos)
      << text_;
}

}  // namespace
}  // namespace muster::gameserver
