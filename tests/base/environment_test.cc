#include "base/environment.h"

#include <cstdlib>
#include <limits>
#include <ostream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace muster::base {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

using Variables = std::map<std::string, std::string, std::less<>>;

// Reads from one variable, X.
class EnvReaderTest : public testing::Test {
 protected:
  EnvReader& WithX(const std::string& value) {
    environment_.emplace(Variables{{"X", value}});
    return reader_.emplace(*environment_);
  }
  EnvReader& WithoutX() {
    environment_.emplace(Variables{});
    return reader_.emplace(*environment_);
  }

 private:
  std::optional<MapEnvironment> environment_;
  std::optional<EnvReader> reader_;
};

TEST(Environment, ProcessReadsTheProcess) {
  ASSERT_EQ(setenv("MUSTER_ENVIRONMENT_TEST", "value", 1), 0);

  EXPECT_THAT(Environment::Process().Get("MUSTER_ENVIRONMENT_TEST"),
              Optional(std::string("value")));
}

TEST(Environment, EmptyCountsAsNotSet) {
  ASSERT_EQ(setenv("MUSTER_ENVIRONMENT_TEST", "", 1), 0);

  EXPECT_EQ(Environment::Process().Get("MUSTER_ENVIRONMENT_TEST"), std::nullopt);
  EXPECT_EQ(MapEnvironment(Variables{{"X", ""}}).Get("X"), std::nullopt);
}

TEST(Environment, UnknownNameIsNotSet) {
  ASSERT_EQ(unsetenv("MUSTER_ENVIRONMENT_TEST"), 0);

  EXPECT_EQ(Environment::Process().Get("MUSTER_ENVIRONMENT_TEST"), std::nullopt);
  EXPECT_EQ(MapEnvironment(Variables{}).Get("X"), std::nullopt);
}

TEST_F(EnvReaderTest, EachReaderReturnsItsDefaultWhenNotSet) {
  EnvReader& env = WithoutX();

  EXPECT_EQ(env.String("X", "text"), "text");
  EXPECT_EQ(env.Int("X", 7, 0, 10), 7);
  EXPECT_TRUE(env.Bool("X", true));
  EXPECT_EQ(env.Choice("X", "json", {"json", "text"}), "json");
  EXPECT_THAT(env.List("X", "a,b"), ElementsAre("a", "b"));
  EXPECT_THAT(env.status(), IsOk());
}

TEST_F(EnvReaderTest, StringIsTakenAsItIs) { EXPECT_EQ(WithX(" a b ").String("X", ""), " a b "); }

TEST_F(EnvReaderTest, IntTakesBothEndsOfItsRange) {
  EXPECT_EQ(WithX("0").Int("X", 5, 0, 65535), 0);
  EXPECT_EQ(WithX("65535").Int("X", 5, 0, 65535), 65535);
  EXPECT_EQ(WithX("-3").Int("X", 5, -3, 3), -3);
}

struct BadInt {
  const char* name;
  const char* text;
};
std::ostream& operator<<(std::ostream& out, const BadInt& test_case) {
  return out << test_case.name;
}

class EnvReaderBadIntTest : public testing::TestWithParam<BadInt> {};

TEST_P(EnvReaderBadIntTest, IsAProblemAndTheDefaultIsReturned) {
  const MapEnvironment environment(Variables{{"PORT", GetParam().text}});
  EnvReader env(environment);

  EXPECT_EQ(env.Int("PORT", 6565, 0, 65535), 6565);

  EXPECT_THAT(env.status(), StatusIs(kInvalid, "PORT `" + std::string(GetParam().text) +
                                                   "` is not a whole number from 0 to 65535"));
}

constexpr BadInt kBadInts[] = {
    {"BelowTheRange", "-1"},
    {"AboveTheRange", "65536"},
    {"NotANumber", "http"},
    {"AFraction", "1.5"},
    {"TrailingText", "80tcp"},
    {"Hexadecimal", "0x50"},
    {"Blank", " "},
    {"TooLargeForSixtyFourBits", "99999999999999999999"},
};
INSTANTIATE_TEST_SUITE_P(All, EnvReaderBadIntTest, testing::ValuesIn(kBadInts),
                         testing::PrintToStringParamName());

TEST_F(EnvReaderTest, IntTakesTheWholeRangeOfItsType) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

  EXPECT_EQ(WithX("-9223372036854775808").Int("X", 0, kMin, kMax), kMin);
  EXPECT_EQ(WithX("9223372036854775807").Int("X", 0, kMin, kMax), kMax);
}

TEST_F(EnvReaderTest, BoolTakesTrueFalseOneAndZeroInAnyCase) {
  EXPECT_TRUE(WithX("true").Bool("X", false));
  EXPECT_TRUE(WithX("TRUE").Bool("X", false));
  EXPECT_TRUE(WithX("1").Bool("X", false));
  EXPECT_FALSE(WithX("False").Bool("X", true));
  EXPECT_FALSE(WithX("0").Bool("X", true));
}

TEST_F(EnvReaderTest, BoolOfAnotherWordIsAProblem) {
  EnvReader& env = WithX("yes");

  EXPECT_FALSE(env.Bool("X", false));

  EXPECT_THAT(env.status(), StatusIs(kInvalid, "X `yes` is neither true nor false"));
}

TEST_F(EnvReaderTest, ChoiceReturnsTheChoiceAsItIsWritten) {
  EXPECT_EQ(WithX("JSON").Choice("X", "text", {"json", "text"}), "json");
}

TEST_F(EnvReaderTest, ChoiceOfNothingKnownIsAProblem) {
  EnvReader& env = WithX("xml");

  EXPECT_EQ(env.Choice("X", "text", {"json", "text"}), "text");

  EXPECT_THAT(env.status(), StatusIs(kInvalid, "X `xml` is none of: json, text"));
}

TEST_F(EnvReaderTest, ListDropsSpacesAroundItems) {
  EXPECT_THAT(WithX(" a , b b,c").List("X", ""), ElementsAre("a", "b b", "c"));
}

TEST_F(EnvReaderTest, ListWithAnEmptyItemIsAProblem) {
  EnvReader& env = WithX("a,,b");

  EXPECT_THAT(env.List("X", "d,e"), ElementsAre("d", "e"));

  EXPECT_THAT(env.status(), StatusIs(kInvalid, "X `a,,b` has an empty item"));
}

TEST_F(EnvReaderTest, ListMayBeEmptyByDefault) {
  EnvReader& env = WithoutX();

  EXPECT_THAT(env.List("X", ""), IsEmpty());

  EXPECT_THAT(env.status(), IsOk());
}

TEST(EnvReader, NamesAllProblemsInOneMessage) {
  const MapEnvironment environment(Variables{{"A", "x"}, {"B", "y"}, {"C", "z"}});
  EnvReader env(environment);

  env.Int("A", 1, 0, 9);
  env.Bool("B", true);
  env.Choice("C", "p", {"p", "q"});
  env.Problem("D contradicts E");

  EXPECT_THAT(env.status(), StatusIs(kInvalid,
                                     "A `x` is not a whole number from 0 to 9; "
                                     "B `y` is neither true nor false; "
                                     "C `z` is none of: p, q; D contradicts E"));
}

}  // namespace
}  // namespace muster::base
