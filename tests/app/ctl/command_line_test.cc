#include "app/ctl/command_line.h"

#include <ostream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/app/ctl/ctl_driver.h"

namespace muster::app::ctl {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(CommandLine, HelpNamesEveryCommandAndTheExitCodes) {
  const Outcome outcome = Musterctl({"--help"});

  EXPECT_EQ(outcome.code, 0);
  for (const char* const command : {"stat-codes", "validate", "enrich", "make-matches", "backfill",
                                    "generate", "load", "health", "Exit codes"}) {
    EXPECT_THAT(outcome.out, HasSubstr(command));
  }
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST(CommandLine, TellsItsVersion) {
  const Outcome outcome = Musterctl({"--version"});

  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

struct BadLine {
  const char* name;
  std::vector<std::string> arguments;
  const char* problem;
};

std::ostream& operator<<(std::ostream& out, const BadLine& bad) { return out << bad.name; }

class CommandLineRefuses : public testing::TestWithParam<BadLine> {};

TEST_P(CommandLineRefuses, WithExitCodeTwo) {
  const Outcome outcome = Musterctl(GetParam().arguments);

  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr(GetParam().problem));
  EXPECT_THAT(outcome.out, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Lines, CommandLineRefuses,
    testing::Values(
        BadLine{"NoCommand", {}, "A subcommand is required"},
        BadLine{"UnknownCommand", {"simulate"}, "A subcommand is required"},
        BadLine{"UnknownFlag", {"health", "--colour"}, "--colour"},
        BadLine{"NoTickets", {"make-matches"}, "--tickets is required"},
        BadLine{"NoSuchFile", {"validate", "--tickets", "/no/such"}, "cannot read /no/such: No "},
        BadLine{"AFolder", {"enrich", "--tickets", "/tmp"}, "cannot read /tmp: Is a directory"},
        BadLine{"NoSuchRules", {"stat-codes", "--rules", "/no/such"}, "cannot read /no/such"},
        BadLine{"Timeout", {"health", "--timeout", "0"}, "--timeout"},
        BadLine{"Method", {"load", "--method", "backfill"}, "--method"},
        BadLine{"InFlight", {"load", "--in-flight", "0"}, "in flight 0 is not from 1 to 10000"},
        BadLine{"Region", {"generate", "--regions", "moon"}, "regions `moon`"},
        BadLine{"Sizes", {"generate", "--party-sizes", "0"}, "party size weights `0`"},
        BadLine{"Output", {"generate", "--output", "/no/such/file"}, "cannot write /no/such/file"}),
    [](const auto& bad) { return bad.param.name; });

}  // namespace
}  // namespace muster::app::ctl
