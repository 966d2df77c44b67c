#include <cstdlib>
#include <ostream>

#include "CLI/CLI.hpp"
#include "app/ctl/flags.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/app/ctl/ctl_driver.h"
#include "tests/fakes/fake_match_function.h"

// What goes with each call: headers and the token.
namespace muster::app::ctl {
namespace {

using fakes::FakeMatchFunction;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

// The options that a command line gives.
rpc::client::ClientOptions Parse(std::vector<std::string> arguments) {
  CLI::App app;
  CallFlags flags;
  AddCallFlags(app.add_subcommand("call"), &flags);
  arguments.insert(arguments.begin(), "call");
  app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  return flags.ToOptions();
}

TEST(HeaderFlag, MayBeGivenRepeatedly) {
  EXPECT_THAT(Parse({}).headers, IsEmpty());
  EXPECT_THAT(Parse({"--header", "a=1", "--json", "--header", "b=2", "--header", "a=3"}).headers,
              ElementsAre(Pair("a", "1"), Pair("b", "2"), Pair("a", "3")));
}

TEST(HeaderFlag, LowersTheNameAndKeepsTheValue) {
  EXPECT_THAT(Parse({"--header", "X-Game_1.b=A b=C,[d]"}).headers,
              ElementsAre(Pair("x-game_1.b", "A b=C,[d]")));
  EXPECT_THAT(Parse({"--header", "empty="}).headers, ElementsAre(Pair("empty", "")));
}

TEST(HeaderFlag, IsSent) {
  const FakeMatchFunction server;

  const Outcome outcome = Musterctl(
      {"stat-codes", "--target", server.address(), "--header", "Authorization=Basic YTpi"});

  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(server.last_authorization(), "Basic YTpi");
}

struct BadHeader {
  const char* name;
  const char* header;
  const char* problem;
};

std::ostream& operator<<(std::ostream& out, const BadHeader& bad) { return out << bad.name; }

class HeaderFlagRefuses : public testing::TestWithParam<BadHeader> {};

TEST_P(HeaderFlagRefuses, WithExitCodeTwo) {
  const Outcome outcome = Musterctl({"health", "--header", GetParam().header});

  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, testing::StartsWith("--header: "));
  EXPECT_THAT(outcome.err, HasSubstr(GetParam().problem));
}

INSTANTIATE_TEST_SUITE_P(
    Headers, HeaderFlagRefuses,
    testing::Values(BadHeader{"NoEquals", "name", "`name` is not NAME=VALUE"},
                    BadHeader{"NoName", "=value", "name `` is empty"},
                    BadHeader{"Space", "a b=1", "name `a b` is empty or holds"},
                    BadHeader{"Pseudo", ":path=/", "name `:path` is empty or holds"},
                    BadHeader{"Umlaut", "n\xc3\xa4me=1", "is empty or holds something else"},
                    BadHeader{"Grpc", "Grpc-Timeout=1S", "`grpc-timeout` is set by gRPC itself"},
                    BadHeader{"Content", "content-type=a/b", "`content-type` is set by gRPC"},
                    BadHeader{"Agent", "user-agent=me", "`user-agent` is set by gRPC itself"},
                    BadHeader{"Te", "te=x", "`te` is set by gRPC itself"},
                    BadHeader{"Host", "Host=x", "`host` is set by gRPC itself"},
                    BadHeader{"Newline", "a=1\n2", "the value of `a` holds a character"},
                    BadHeader{"ValueNotAscii", "a=\xc3\xa4", "the value of `a` holds a character"}),
    [](const auto& bad) { return bad.param.name; });

TEST(HeaderFlag, DoesNotRepeatTheAuthorizationOfTheToken) {
  const Outcome outcome =
      Musterctl({"health", "--token", "abc", "--header", "Authorization=Basic YTpi"});

  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--header: authorization is what --token sends"));
}

TEST(TokenFlag, IsTakenFromTheEnvironmentUnlessGiven) {
  ASSERT_EQ(setenv("MUSTERCTL_TOKEN", "from-environment", 1), 0);
  const std::string without = Parse({}).token;
  const std::string with = Parse({"--token", "given"}).token;
  const Outcome help = Musterctl({"health", "--help"});
  unsetenv("MUSTERCTL_TOKEN");

  EXPECT_EQ(without, "from-environment");
  EXPECT_EQ(with, "given");
  EXPECT_THAT(help.out, testing::Not(HasSubstr("from-environment")));
}

TEST(TokenFlag, RefusesWhatNoHeaderCanCarry) {
  ASSERT_EQ(setenv("MUSTERCTL_TOKEN", "a\nb", 1), 0);
  const Outcome outcome = Musterctl({"health"});
  unsetenv("MUSTERCTL_TOKEN");

  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--token: holds a character that a header cannot carry"));
}

}  // namespace
}  // namespace muster::app::ctl
