#include "match/alliance/traits.h"

#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "match/alliance/ruleset_parser.h"

namespace muster::match::alliance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Entries = std::vector<Object::Entry>;

constexpr const char* kAlliance =
    R"({"alliance":{"min_number":2,"max_number":2,"player_min_number":1,"player_max_number":1})";

// A ruleset with these keys beside its alliance; `options` are pairs of name and type.
Ruleset RulesOf(const std::vector<std::pair<std::string, std::string>>& options,
                Profile profile = Profile::kCore, const std::string& more = "") {
  std::string text = kAlliance + std::string(R"(,"match_options":{"options":[)");
  for (size_t i = 0; i < options.size(); ++i) {
    text += (i == 0 ? "" : ",") + std::string(R"({"name":")") + options[i].first + R"(","type":")" +
            options[i].second + "\"}";
  }
  LogicOptions logic;
  logic.profile = profile;
  return ParseRuleset(text + "]}" + more + "}", logic).value();
}

enum class Question { kPlainFits, kOptionsFit, kPlatformsFit, kPlainAgree, kOptionsAgree };

struct PairCase {
  const char* name;
  Question question;
  // Type of the option `maps`.
  const char* type;
  std::vector<Object::Entry> oldest;
  std::vector<Object::Entry> other;
  bool expected;
};
std::ostream& operator<<(std::ostream& out, const PairCase& c) { return out << c.name; }

bool Answer(const TraitsTable& table, Question question, const Traits& a, const Traits& b) {
  switch (question) {
    case Question::kPlainFits:
      return table.PlainFits(a, b);
    case Question::kOptionsFit:
      return table.OptionsFit(a, b);
    case Question::kPlatformsFit:
      return table.PlatformsFit(a, b);
    case Question::kPlainAgree:
      return table.PlainAgree(a, b);
    case Question::kOptionsAgree:
      return table.OptionsAgree(a, b);
  }
  return false;
}

class TraitsPairTest : public testing::TestWithParam<PairCase> {};

TEST_P(TraitsPairTest, GivesTheAnswerOfTheTable) {
  const PairCase& c = GetParam();
  const Ruleset rules = RulesOf({{"maps", c.type}, {"cross_platform", "any"}}, Profile::kHosted);
  TraitsTable table(rules, true, false);

  const TraitsId a = table.Intern(Object(c.oldest));
  const TraitsId b = table.Intern(Object(c.other));

  EXPECT_EQ(Answer(table, c.question, table.Get(a), table.Get(b)), c.expected);
  const bool symmetric =
      c.question == Question::kPlainAgree || c.question == Question::kOptionsAgree;
  if (symmetric) {
    EXPECT_EQ(Answer(table, c.question, table.Get(b), table.Get(a)), c.expected);
  }
}

Entries Maps(List values) { return {{"maps", Value(std::move(values))}}; }
Entries Cross(const char* here, List wanted) {
  return {{"current_platform", here}, {"cross_platform", Value(std::move(wanted))}};
}

INSTANTIATE_TEST_SUITE_P(
    PlainFits, TraitsPairTest,
    testing::Values(
        PairCase{"missing", Question::kPlainFits, "any", {{"m", 1}}, {}, false},
        PairCase{"only the other has it", Question::kPlainFits, "any", {}, {{"m", 1}}, true},
        PairCase{"blank asks nothing", Question::kPlainFits, "any", {{"m", ""}}, {{"m", 1}}, true},
        PairCase{"null and missing", Question::kPlainFits, "any", {{"m", Value()}}, {}, true},
        PairCase{
            "null and blank", Question::kPlainFits, "any", {{"m", Value()}}, {{"m", ""}}, false},
        PairCase{"null and one", Question::kPlainFits, "any", {{"m", Value()}}, {{"m", 1}}, false},
        PairCase{"order of a list",
                 Question::kPlainFits,
                 "any",
                 {{"m", List{"x", "y"}}},
                 {{"m", List{"y", "x"}}},
                 false},
        PairCase{"equal lists",
                 Question::kPlainFits,
                 "any",
                 {{"m", List{"x", "y"}}},
                 {{"m", List{"x", "y"}}},
                 true},
        PairCase{"types", Question::kPlainFits, "any", {{"m", 1}}, {{"m", "1"}}, false},
        PairCase{"second of two",
                 Question::kPlainFits,
                 "any",
                 {{"m", 1}, {"n", 2}},
                 {{"k", 0}, {"m", 1}, {"n", 3}},
                 false},
        PairCase{"what is left aside",
                 Question::kPlainFits,
                 "any",
                 {{"member_attributes", 1},
                  {"match_attempt", 1},
                  {"latencies", 1},
                  {"role", 1},
                  {"blocked_players_detail", 1},
                  {"new_session_only", true},
                  {"sub_game_mode", "x"},
                  {"maps", 1},
                  {"current_platform", "x"}},
                 {},
                 true}));

INSTANTIATE_TEST_SUITE_P(
    PlainAgree, TraitsPairTest,
    testing::Values(
        PairCase{"one carries", Question::kPlainAgree, "any", {{"m", 1}}, {}, true},
        PairCase{"both differ", Question::kPlainAgree, "any", {{"m", 1}}, {{"m", 2}}, false},
        PairCase{"null and one", Question::kPlainAgree, "any", {{"m", 1}}, {{"m", Value()}}, false},
        PairCase{"blank and one", Question::kPlainAgree, "any", {{"m", 1}}, {{"m", ""}}, true},
        PairCase{"later one differs",
                 Question::kPlainAgree,
                 "any",
                 {{"m", 1}, {"z", 1}},
                 {{"a", 7}, {"z", 2}},
                 false},
        PairCase{"servers",
                 Question::kPlainAgree,
                 "any",
                 {{"server_name", "a"}},
                 {{"server_name", "a"}},
                 true},
        PairCase{
            "server and none", Question::kPlainAgree, "any", {{"server_name", "a"}}, {}, false},
        PairCase{
            "blank server and none", Question::kPlainAgree, "any", {{"server_name", ""}}, {}, true},
        PairCase{"null version and blank",
                 Question::kPlainAgree,
                 "any",
                 {{"client_version", Value()}},
                 {{"client_version", ""}},
                 true},
        PairCase{"versions",
                 Question::kPlainAgree,
                 "any",
                 {{"client_version", "a"}},
                 {{"client_version", "b"}},
                 false}));

INSTANTIATE_TEST_SUITE_P(
    Options, TraitsPairTest,
    testing::Values(
        PairCase{"any shares", Question::kOptionsFit, "any", Maps({"x", "y"}), Maps({"y"}), true},
        PairCase{"any shares none", Question::kOptionsFit, "any", Maps({"x"}), Maps({"y"}), false},
        PairCase{"any by type", Question::kOptionsFit, "any", Maps({1}), Maps({"1"}), false},
        PairCase{"any missing", Question::kOptionsFit, "any", Maps({"x"}), {}, false},
        PairCase{"oldest has none", Question::kOptionsFit, "any", {}, Maps({"x"}), true},
        PairCase{"a scalar is a list of one",
                 Question::kOptionsFit,
                 "any",
                 {{"maps", "x"}},
                 Maps({"x"}),
                 true},
        PairCase{"unique missing", Question::kOptionsFit, "unique", Maps({"x"}), {}, false},
        PairCase{"disable", Question::kOptionsFit, "disable", Maps({"x"}), {}, true},
        PairCase{"one carries any", Question::kOptionsAgree, "any", {}, Maps({"x"}), false},
        PairCase{"all equal", Question::kOptionsAgree, "all", Maps({"x", "y", "x"}),
                 Maps({"y", "x"}), true},
        PairCase{"all and more", Question::kOptionsAgree, "all", Maps({"x"}), Maps({"y", "x"}),
                 false},
        PairCase{"one carries all", Question::kOptionsAgree, "all", {}, Maps({"x"}), false},
        PairCase{"unique apart", Question::kOptionsAgree, "unique", Maps({"x"}), Maps({"y"}), true},
        PairCase{"unique as text", Question::kOptionsAgree, "unique", Maps({1}), Maps({"1"}),
                 false},
        PairCase{"one carries unique", Question::kOptionsAgree, "unique", {}, Maps({"x"}), true},
        PairCase{"nested values", Question::kOptionsAgree, "all", Maps({List{"x"}}),
                 Maps({List{"x"}}), true},
        PairCase{
            "disable never compares", Question::kOptionsAgree, "disable", Maps({"x"}), {}, true}));

INSTANTIATE_TEST_SUITE_P(
    Platforms, TraitsPairTest,
    testing::Values(PairCase{"both ways", Question::kPlatformsFit, "any", Cross("s", {"s", "p"}),
                             Cross("p", {"s", "p"}), true},
                    PairCase{"the other does not want it", Question::kPlatformsFit, "any",
                             Cross("s", {"s", "p"}), Cross("p", {"p"}), false},
                    PairCase{"the oldest does not want it", Question::kPlatformsFit, "any",
                             Cross("s", {"s"}), Cross("p", {"s", "p"}), false},
                    PairCase{"the other is nowhere",
                             Question::kPlatformsFit,
                             "any",
                             Cross("s", {"s"}),
                             {{"cross_platform", "s"}},
                             false},
                    PairCase{"the oldest is nowhere",
                             Question::kPlatformsFit,
                             "any",
                             {{"cross_platform", "s"}},
                             Cross("p", {"s"}),
                             true},
                    PairCase{"two of a match", Question::kOptionsAgree, "any",
                             Cross("s", {"s", "p"}), Cross("p", {"p"}), false},
                    PairCase{"one of two is nowhere",
                             Question::kOptionsAgree,
                             "any",
                             Cross("s", {"s", "p"}),
                             {{"cross_platform", "p"}},
                             true}));

TEST(TraitsTableTest, InternsEachDistinctSetOnce) {
  const Ruleset rules = RulesOf({});
  TraitsTable table(rules, true, false);

  const TraitsId one = table.Intern(Object({{"m", 1}, {"blocked_players", List{"a"}}}));
  const TraitsId same = table.Intern(Object({{"blocked_players", List{"b"}}, {"m", 1}}));
  const TraitsId other = table.Intern(Object({{"m", 2}}));

  EXPECT_EQ(one, same);
  EXPECT_NE(one, other);
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(table.Get(one).attributes, Object({{"m", 1}}));
}

TEST(TraitsTableTest, ComparesCrossPlatformOnlyWhereThereAreOptions) {
  struct {
    Ruleset rules;
    bool empty_counts;
    bool compared;
  } const cases[] = {{RulesOf({}), false, false},
                     {RulesOf({}), true, true},
                     {RulesOf({{"maps", "any"}}), false, true},
                     {RulesOf({{"cross_platform", "all"}}), false, false}};

  for (const auto& each : cases) {
    TraitsTable table(each.rules, true, each.empty_counts);
    const TraitsId id = table.Intern(Object(Entries{{"cross_platform", "x"}}));
    EXPECT_EQ(table.Get(id).plain.size(), each.compared ? 1U : 0U);
  }
}

TEST(TraitsTableTest, ComparesThePlatformAsItIsInTheCoreProfileOnly) {
  for (const Profile profile : {Profile::kCore, Profile::kHosted}) {
    const Ruleset rules = RulesOf({}, profile);
    TraitsTable table(rules, true, false);
    const TraitsId id = table.Intern(Object(Entries{{"current_platform", "x"}}));
    EXPECT_EQ(table.Get(id).plain.empty(), profile == Profile::kHosted);
  }
}

TEST(TraitsTableTest, PlainAttributesAreOffWhenTheRulesSaySo) {
  const Ruleset rules =
      RulesOf({}, Profile::kCore, R"(,"match_options_referred_for_backfill":true)");
  TraitsTable table(rules, true, false);
  const TraitsId id = table.Intern(Object({{"m", 1}, {"server_name", "x"}}));

  EXPECT_THAT(table.Get(id).plain, IsEmpty());
  EXPECT_NE(table.Get(id).server_name, kBlank);
}

TEST(TraitsTableTest, CommonOptionsAreThoseOfTypeAnyInAllCommonMode) {
  const Ruleset rules = RulesOf({{"a", "any"}, {"b", "all"}, {"c", "any"}});

  EXPECT_THAT(TraitsTable(rules, true, false).common_options(), ElementsAre(0, 2));
  EXPECT_THAT(TraitsTable(rules, false, false).common_options(), IsEmpty());
}

TEST(TraitsTableTest, ModesAreInTheTicketsOrder) {
  const std::string alliance =
      R"({"alliance":{"min_number":1,"max_number":1,"player_min_number":1,"player_max_number":1}})";
  const Ruleset rules = RulesOf(
      {}, Profile::kHosted, R"(,"sub_game_modes":{"a":)" + alliance + R"(,"b":)" + alliance + "}");
  TraitsTable table(rules, true, false);
  const auto modes = [&](Value value) {
    return table.Get(table.Intern(Object({{"sub_game_mode", std::move(value)}}))).modes;
  };

  EXPECT_THAT(modes(List{"b", "a", "b"}), ElementsAre(1, 0));
  EXPECT_THAT(modes("b"), ElementsAre(1));
  EXPECT_THAT(modes(List{}), ElementsAre(0, 1));
  EXPECT_THAT(modes(Value()), ElementsAre(0, 1));
  EXPECT_THAT(modes(List{"x"}), IsEmpty());
  EXPECT_THAT(table.Get(table.Intern(Object())).modes, ElementsAre(0, 1));
}

TEST(TraitsTableTest, GroupsOfPlatformsAreExpanded) {
  const Ruleset rules = RulesOf({{"cross_platform", "any"}}, Profile::kHosted,
                                R"(,"platform_group":{"console":["psn","xbox"]})");
  TraitsTable table(rules, true, false);
  const TraitsId pc = table.Intern(Object(Cross("xbox", {"xbox", "psn"})));
  const TraitsId group = table.Intern(Object(Cross("psn", {"console"})));

  EXPECT_EQ(table.Get(group).wanted_platforms, table.Get(pc).wanted_platforms);
  EXPECT_TRUE(table.OptionsFit(table.Get(pc), table.Get(group)));
  EXPECT_TRUE(table.PlatformsFit(table.Get(pc), table.Get(group)));
}

TEST(TraitsTableTest, RequiredFacetsAreCarriedByAllThatFit) {
  const Ruleset rules = RulesOf({{"maps", "any"}, {"side", "all"}, {"level", "unique"}});
  TraitsTable table(rules, true, false);
  const TraitsId oldest = table.Intern(Object({{"maps", List{"x", "y"}},
                                               {"side", List{"l", "r"}},
                                               {"level", 1},
                                               {"m", 1},
                                               {"n", Value()},
                                               {"blank", ""}}));
  const TraitsId other =
      table.Intern(Object({{"maps", List{"y"}}, {"side", List{"r", "l"}}, {"level", 2}, {"m", 1}}));

  const auto required = table.RequiredFacets(table.Get(oldest), true);
  const auto carried = table.Facets(table.Get(other));

  EXPECT_EQ(required.size(), 5U);
  for (const auto& any_of : required) {
    EXPECT_THAT(carried, testing::Contains(testing::AnyOfArray(any_of)));
  }
}

struct TextCase {
  Value value;
  const char* text;
};

TEST(OptionTextTest, IsTheFormInWhichOneAndItsTextAreEqual) {
  const TextCase cases[] = {{"x", "x"},
                            {Value(), "<nil>"},
                            {true, "true"},
                            {false, "false"},
                            {1, "1"},
                            {-2.5, "-2.5"},
                            {100000, "100000"},
                            {1e6, "1e+06"},
                            {123456.5, "123456.5"},
                            {1e21, "1e+21"},
                            {0.0001, "0.0001"},
                            {0.00001, "1e-05"},
                            {List{"x"}, ""},
                            {Object(), ""},
                            {1.5e300, "1.5e+300"},
                            {0, "0"}};

  for (const TextCase& each : cases) EXPECT_EQ(OptionText(each.value), each.text);
}

}  // namespace
}  // namespace muster::match::alliance
