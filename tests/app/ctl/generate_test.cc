#include <algorithm>
#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/app/ctl/ctl_driver.h"

namespace muster::app::ctl {
namespace {

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The command stands in tests/data/README.md. EXPECT_TRUE, because the difference would be
// megabytes.
TEST(Generate, MakesTheCommittedDataSetByteForByte) {
  const Outcome outcome = Musterctl({"generate", "--count", "10000", "--seed", "1"});

  EXPECT_EQ(outcome.code, 0);
  EXPECT_TRUE(outcome.out == Contents(MUSTER_TEST_DATA "/tickets_10k.jsonl"));
}

TEST(Generate, WritesTheSameToAFile) {
  const std::string path = WriteFile("out", "old text");

  const Outcome outcome = Musterctl({"generate", "--count", "20", "--output", path});

  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(Contents(path), Musterctl({"generate", "--count", "20"}).out);
}

TEST(Generate, FollowsItsFlags) {
  const Outcome outcome = Musterctl({"generate", "--count",
                                     "1",        "--id-prefix",
                                     "x-",       "--pool",
                                     "duels",    "--namespace",
                                     "ns",       "--party-sizes",
                                     "0,1",      "--regions",
                                     "none",     "--rating-attribute",
                                     "elo",      "--rating-mean",
                                     "900",      "--rating-deviation",
                                     "0",        "--party-rating-deviation",
                                     "0"});
  const auto ticket = nlohmann::json::parse(outcome.out);

  EXPECT_EQ(ticket["ticketId"], "x-t000001");
  EXPECT_EQ(ticket["matchPool"], "duels");
  EXPECT_EQ(ticket["namespace"], "ns");
  EXPECT_EQ(ticket["players"].size(), 2u);
  EXPECT_EQ(ticket["players"][1]["attributes"]["elo"], 900);
  EXPECT_FALSE(ticket.contains("latencies"));
}

TEST(Generate, MakesTicketsAsOldAsAsked) {
  const std::vector<std::string> fresh = {"generate", "--count", "1", "--oldest-age-s"};
  const auto created_at = [&](const std::string& age) {
    std::vector<std::string> arguments = fresh;
    arguments.push_back(age);
    return nlohmann::json::parse(Musterctl(arguments).out)["CreatedAt"].get<std::string>();
  };

  // The fake clock stands at the beginning of 2026.
  EXPECT_EQ(created_at("0"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(created_at("90"), "2025-12-31T23:58:30.000Z");
}

TEST(Generate, MakesNothingWhenAskedForNothing) {
  const Outcome outcome = Musterctl({"generate", "--count", "0"});

  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "");
}

}  // namespace
}  // namespace muster::app::ctl
