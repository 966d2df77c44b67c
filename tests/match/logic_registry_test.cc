#include "match/logic_registry.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace muster::match {
namespace {

using support::IsOk;
using support::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// A factory that can be told from others by its error.
LogicFactory FactoryThatSays(const std::string& text) {
  return [text](std::string_view, const LogicOptions&) { return absl::AbortedError(text); };
}

std::string WhatItSays(const LogicFactory& factory) {
  return std::string(factory("", LogicOptions()).status().message());
}

TEST(LogicRegistry, FindsALogicByItsName) {
  LogicRegistry registry;
  registry.Register("a", FactoryThatSays("from a"));
  registry.Register("b", FactoryThatSays("from b"));

  EXPECT_EQ(WhatItSays(registry.Find("a").value()), "from a");
  EXPECT_EQ(WhatItSays(registry.Find("b").value()), "from b");
}

TEST(LogicRegistry, ANameThatIsTakenIsReplaced) {
  LogicRegistry registry;
  registry.Register("a", FactoryThatSays("first"));
  registry.Register("a", FactoryThatSays("second"));

  EXPECT_EQ(WhatItSays(registry.Find("a").value()), "second");
}

TEST(LogicRegistry, TheDefaultIsTheOneThatWasRegisteredFirst) {
  LogicRegistry registry;
  EXPECT_EQ(registry.default_name(), "");
  registry.Register("b", FactoryThatSays(""));
  registry.Register("a", FactoryThatSays(""));

  EXPECT_EQ(registry.default_name(), "b");
  EXPECT_EQ(BuiltInLogics().default_name(), "pairs");
}

TEST(LogicRegistry, AnUnknownNameIsAnsweredWithAllKnownOnes) {
  LogicRegistry registry;
  registry.Register("b", FactoryThatSays(""));
  registry.Register("a", FactoryThatSays(""));

  EXPECT_THAT(registry.Find("c"), StatusIs(kInvalid, "MATCH_LOGIC `c` is none of: a, b"));
}

TEST(LogicRegistry, NamesAreExact) {
  EXPECT_THAT(BuiltInLogics().Find("Pairs"), StatusIs(kInvalid, testing::HasSubstr("`Pairs`")));
}

TEST(BuiltInLogics, PairsIsOneAndTakesNoRules) {
  const absl::StatusOr<LogicFactory> factory = BuiltInLogics().Find("pairs");

  ASSERT_THAT(factory, IsOk());
  EXPECT_THAT((*factory)("", LogicOptions()), IsOk());
}

}  // namespace
}  // namespace muster::match
