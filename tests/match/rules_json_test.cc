#include "match/rules_json.h"

#include <limits>
#include <ostream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace muster::match {
namespace {

using nlohmann::json;
using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

absl::StatusOr<json> Parse(std::string_view text) { return ParseRulesJson(text, LogicOptions()); }

// Lists in lists, in an object: `depth` levels in all.
std::string Nested(int depth) {
  const auto lists = static_cast<size_t>(depth - 1);
  return "{\"a\":" + std::string(lists, '[') + std::string(lists, ']') + "}";
}

TEST(ParseRulesJson, NothingCountsAsNull) {
  EXPECT_TRUE(Parse("")->is_null());
  EXPECT_TRUE(Parse("null")->is_null());
}

TEST(ParseRulesJson, ReturnsTheObject) {
  const absl::StatusOr<json> parsed = Parse(R"( {"a": {"b": [1, 2.5, "c", true, null]}} )");

  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ((*parsed)["a"]["b"].size(), 5u);
}

TEST(ParseRulesJson, OneKeyMayStandInSeveralObjects) {
  EXPECT_THAT(Parse(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]})"), IsOk());
}

struct BadText {
  const char* name;
  std::string text;
  const char* message;
};
std::ostream& operator<<(std::ostream& out, const BadText& test_case) {
  return out << test_case.name;
}

class ParseRulesJsonBadTextTest : public testing::TestWithParam<BadText> {};

TEST_P(ParseRulesJsonBadTextTest, IsAnInvalidArgument) {
  EXPECT_THAT(Parse(GetParam().text),
              StatusIs(kInvalid, AllOf(StartsWith("rules: "), HasSubstr(GetParam().message))));
}

const BadText kBadTexts[] = {
    {"Array", "[]", "[] is not an object"},
    {"Number", "7", "7 is not an object"},
    {"Text", R"("text")", R"("text" is not an object)"},
    {"Bool", "true", "true is not an object"},
    {"Blank", " ", "not valid json"},
    {"ByteOrderMark", "\xef\xbb\xbf{}", "not valid json at byte 1 of 5"},
    {"NotJson", "shipCountMin: 2", "not valid json at byte 1 of 15"},
    {"CutOff", R"({"a":1)", "not valid json: it ends too early"},
    {"TrailingText", R"({"a":1} x)", "not valid json at byte 9 of 9"},
    {"TrailingObject", "{}{}", "not valid json at byte 3 of 4"},
    {"TrailingComma", R"({"a":1,})", "not valid json"},
    {"TrailingZeroByte", std::string("{}\0", 3), "not valid json at byte 3 of 3"},
    {"TextBehindAZeroByte", std::string("{}\0x", 4), "not valid json at byte 3 of 4"},
    {"ZeroByteInAKey", std::string("{\"a\0\":1}", 8), "not valid json at byte 4 of 8"},
    {"Comment", "{} // comment", "not valid json"},
    {"NotANumberLiteral", R"({"a":NaN})", "not valid json"},
    {"InfinityLiteral", R"({"a":-Infinity})", "not valid json"},
    {"NumberTooLargeForADouble", R"({"a":1e999})", "number out of range"},
    {"InvalidUtf8InAKey", "{\"\xff\":1}", "not valid json"},
    {"InvalidUtf8InAValue", "{\"a\":\"\xc3(\"}", "not valid json"},
    {"LoneSurrogate", R"({"a":"\ud800"})", "not valid json"},
    {"RepeatedKey", R"({"a":1,"b":2,"a":1})", R"(key "a" stands twice in one object)"},
    {"RepeatedKeyInAnObject", R"({"a":{"b":1,"b":2}})", R"(key "b" stands twice)"},
    {"RepeatedKeyInAList", R"({"a":[1,{"c":1,"c":2}]})", R"(key "c" stands twice)"},
    {"RepeatedKeyBehindAnObject", R"({"a":{"b":1},"a":2})", R"(key "a" stands twice)"},
    {"RepeatedKeyInAnotherSpelling", R"({"a":1,"\u0061":2})", R"(key "a" stands twice)"},
    {"RepeatedEmptyKey", R"({"":1,"":2})", R"(key "" stands twice)"},
    {"RepeatedKeyInATopLevelList", R"([{"a":1,"a":2}])", R"(key "a" stands twice)"},
};
INSTANTIATE_TEST_SUITE_P(All, ParseRulesJsonBadTextTest, testing::ValuesIn(kBadTexts),
                         testing::PrintToStringParamName());

TEST(ParseRulesJson, TheSizeLimitIsTheLargestSizeAllowed) {
  LogicOptions options;
  options.max_rules_bytes = 8;

  EXPECT_THAT(ParseRulesJson(R"({"a":12})", options), IsOk());
  EXPECT_THAT(ParseRulesJson(R"({"a":123})", options),
              StatusIs(kInvalid, "rules: 9 bytes, more than 8 allowed"));
}

TEST(ParseRulesJson, TheDepthLimitIsTheLargestDepthAllowed) {
  LogicOptions options;
  options.max_rules_depth = 3;

  EXPECT_THAT(ParseRulesJson(Nested(3), options), IsOk());
  EXPECT_THAT(ParseRulesJson(Nested(4), options),
              StatusIs(kInvalid, "rules: nested deeper than 3 levels"));
}

TEST(ParseRulesJson, DepthIsThatOfTheDeepestPlaceAndNotASum) {
  LogicOptions options;
  options.max_rules_depth = 2;

  EXPECT_THAT(ParseRulesJson(R"({"a":[],"b":[],"c":{},"d":{}})", options), IsOk());
}

TEST(ParseRulesJson, SurvivesTheDeepestTextThatTheSizeAllows) {
  const std::string open(LogicOptions().max_rules_bytes, '[');

  EXPECT_THAT(Parse(open), StatusIs(kInvalid, HasSubstr("nested deeper than 32 levels")));
}

// A status travels in a header of a few KiB at most.
TEST(ParseRulesJson, ALongBadValueIsCutInTheMessage) {
  const std::string digits(60'000, '9');
  const std::string key(30'000, 'k');
  const std::string bad[] = {"[\"" + digits + "\"]", "{\"a\":" + digits + "}",
                             "{\"" + key + "\":1,\"" + key + "\":2}"};

  for (const std::string& text : bad) {
    const absl::Status status = Parse(text).status();
    EXPECT_EQ(status.code(), kInvalid);
    EXPECT_LT(status.message().size(), 200u);
  }
}

// A status message is UTF-8 without control characters wherever it goes: headers, logs, terminals.
TEST(ParseRulesJson, AKeyIsEscapedInTheMessage) {
  EXPECT_THAT(Parse("{\"\\n\xc3\xa4\":1,\"\\n\xc3\xa4\":2}"),
              StatusIs(kInvalid, HasSubstr(R"(key "\n\u00e4" stands twice)")));
}

// Reads members of one object.
class RulesReaderTest : public testing::Test {
 protected:
  RulesReader Reader(std::string_view text, std::string path = "") {
    object_ = json::parse(text);
    return {object_, std::move(path)};
  }

  RulesReader AnyCaseReader(std::string_view text) {
    object_ = json::parse(text);
    return {object_, "", KeyMatch::kAnyCase};
  }

 private:
  json object_;
};

TEST_F(RulesReaderTest, AMissingOrNullMemberIsZeroFalseEmptyOrAbsent) {
  for (const char* text : {"{}", R"({"a":null})", "null"}) {
    const RulesReader reader = Reader(text);
    EXPECT_EQ(*reader.Count("a"), 0) << text;
    EXPECT_EQ(*reader.Integer("a"), 0) << text;
    EXPECT_EQ(*reader.Number("a"), 0) << text;
    EXPECT_FALSE(*reader.Bool("a")) << text;
    EXPECT_EQ(*reader.Text("a"), "") << text;
    EXPECT_EQ(*reader.Child("a")->Count("b"), 0) << text;
    EXPECT_THAT(*reader.Texts("a", 1), IsEmpty()) << text;
    EXPECT_THAT(*reader.Children("a", 1), IsEmpty()) << text;
    EXPECT_THAT(*reader.ChildLists("a", 1), IsEmpty()) << text;
    EXPECT_FALSE(reader.Given("a")) << text;
    EXPECT_THAT(reader.Keys(), IsEmpty()) << text;
  }
}

TEST_F(RulesReaderTest, ReadsMembersOfTheirTypes) {
  const RulesReader reader = Reader(R"({"count":7,"bool":true,"child":{"count":8}})");

  EXPECT_EQ(*reader.Count("count"), 7);
  EXPECT_TRUE(*reader.Bool("bool"));
  EXPECT_EQ(*reader.Child("child")->Count("count"), 8);
}

TEST_F(RulesReaderTest, CountTakesSixtyThreeBits) {
  EXPECT_EQ(*Reader(R"({"a":9223372036854775807})").Count("a"), 9223372036854775807);
}

TEST_F(RulesReaderTest, NamesAreFullPaths) {
  EXPECT_EQ(Reader("{}").Name("a"), "a");
  EXPECT_EQ(Reader("{}", "alliance").Name("min_number"), "alliance.min_number");
  EXPECT_EQ(Reader(R"({"a":{"b":{}}})").Child("a")->Child("b")->Name("c"), "a.b.c");
}

TEST_F(RulesReaderTest, TheErrorNamesThePathOfTheKey) {
  const RulesReader reader = Reader(R"({"a":{"b":"x"}})");

  EXPECT_THAT(reader.Child("a")->Count("b"),
              StatusIs(kInvalid, R"(rules: a.b "x" is not a whole number)"));
}

struct BadMember {
  const char* name;
  const char* value;
  const char* message;
};
std::ostream& operator<<(std::ostream& out, const BadMember& test_case) {
  return out << test_case.name;
}

class BadCountTest : public RulesReaderTest, public testing::WithParamInterface<BadMember> {};

TEST_P(BadCountTest, IsAnInvalidArgumentThatNamesKeyAndValue) {
  const RulesReader reader = Reader(std::string(R"({"a":)") + GetParam().value + "}");

  EXPECT_THAT(reader.Count("a"), StatusIs(kInvalid, GetParam().message));
}

constexpr BadMember kBadCounts[] = {
    {"Text", R"("2")", R"(rules: a "2" is not a whole number)"},
    {"Bool", "true", "rules: a true is not a whole number"},
    {"List", "[1]", "rules: a [1] is not a whole number"},
    {"Object", R"({"b":1})", R"(rules: a {"b":1} is not a whole number)"},
    {"Fraction", "1.5", "rules: a 1.5 is not a whole number"},
    {"WholeFloat", "2.0", "rules: a 2.0 is not a whole number"},
    {"Negative", "-1", "rules: a -1 is not 0 or more"},
    {"SixtyFourBits", "9223372036854775808",
     "rules: a 9223372036854775808 is not a number that fits into 63 bits"},
    {"MoreThanSixtyFourBits", "1e30", "rules: a 1e+30 is not a whole number"},
};
INSTANTIATE_TEST_SUITE_P(All, BadCountTest, testing::ValuesIn(kBadCounts),
                         testing::PrintToStringParamName());

TEST_F(RulesReaderTest, ABoolOfAnotherTypeIsAnInvalidArgument) {
  EXPECT_THAT(Reader(R"({"a":1})").Bool("a"),
              StatusIs(kInvalid, "rules: a 1 is not true or false"));
  EXPECT_THAT(Reader(R"({"a":"true"})").Bool("a"),
              StatusIs(kInvalid, R"(rules: a "true" is not true or false)"));
}

TEST_F(RulesReaderTest, AChildOfAnotherTypeIsAnInvalidArgument) {
  EXPECT_THAT(Reader(R"({"a":[]})").Child("a").status(),
              StatusIs(kInvalid, "rules: a [] is not an object"));
  EXPECT_THAT(Reader(R"({"a":0})").Child("a").status(),
              StatusIs(kInvalid, "rules: a 0 is not an object"));
}

TEST_F(RulesReaderTest, ALongBadValueIsCut) {
  const RulesReader reader = Reader(R"({"a":")" + std::string(1000, 'x') + R"("})");

  EXPECT_THAT(reader.Count("a"), StatusIs(kInvalid, EndsWith("xxx... is not a whole number")));
  EXPECT_THAT(reader.Count("a"), StatusIs(kInvalid, Not(HasSubstr(std::string(100, 'x')))));
}

TEST_F(RulesReaderTest, ReadsNumbersOfEitherSign) {
  const RulesReader reader = Reader(R"({"min":-9223372036854775808,"half":-0.5,"one":1e0})");

  EXPECT_EQ(*reader.Integer("min"), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(*reader.Number("half"), -0.5);
  EXPECT_EQ(*reader.Number("one"), 1);
  EXPECT_THAT(reader.Integer("one"), StatusIs(kInvalid, "rules: one 1.0 is not a whole number"));
}

TEST_F(RulesReaderTest, ReadsTextsAndLists) {
  const RulesReader reader =
      Reader(R"({"text":"\u00e4","texts":["b",""],"objects":[{"a":1},null],"lists":[[{"a":2}],[],
                 null]})");

  EXPECT_EQ(*reader.Text("text"), "\xc3\xa4");
  EXPECT_THAT(*reader.Texts("texts", 2), ElementsAre("b", ""));
  const std::vector<RulesReader> objects = *reader.Children("objects", 2);
  ASSERT_EQ(objects.size(), 2u);
  EXPECT_EQ(*objects[0].Count("a"), 1);
  EXPECT_EQ(objects[1].Name("a"), "objects[1].a");
  EXPECT_FALSE(objects[1].Given("a"));
  const std::vector<std::vector<RulesReader>> lists = *reader.ChildLists("lists", 3);
  ASSERT_EQ(lists.size(), 3u);
  EXPECT_EQ(lists[0][0].Name("a"), "lists[0][0].a");
  EXPECT_EQ(*lists[0][0].Count("a"), 2);
  EXPECT_THAT(lists[2], IsEmpty());
}

TEST_F(RulesReaderTest, AListLongerThanItsLimitIsAnInvalidArgument) {
  const RulesReader reader = Reader(R"({"texts":["",""],"objects":[{},{}],"lists":[[],[{},{}]]})");

  EXPECT_THAT(reader.Texts("texts", 1),
              StatusIs(kInvalid, "rules: texts has 2 entries, more than 1 allowed"));
  EXPECT_THAT(reader.Children("objects", 1).status(), StatusIs(kInvalid, HasSubstr("2 entries")));
  EXPECT_THAT(reader.ChildLists("lists", 1).status(), StatusIs(kInvalid, HasSubstr("2 entries")));
  EXPECT_THAT(Reader(R"({"lists":[[{},{}]]})").ChildLists("lists", 1).status(),
              StatusIs(kInvalid, "rules: lists[0] has 2 entries, more than 1 allowed"));
}

TEST_F(RulesReaderTest, TextsAndListsOfAnotherTypeAreAnInvalidArgument) {
  const RulesReader reader = Reader(R"({"a":1,"b":[1],"c":[[1]]})");

  EXPECT_THAT(reader.Number("b"), StatusIs(kInvalid, "rules: b [1] is not a number"));
  EXPECT_THAT(reader.Text("a"), StatusIs(kInvalid, "rules: a 1 is not a text"));
  EXPECT_THAT(reader.Texts("a", 9), StatusIs(kInvalid, "rules: a 1 is not a list"));
  EXPECT_THAT(reader.Texts("b", 9), StatusIs(kInvalid, "rules: b[0] 1 is not a text"));
  EXPECT_THAT(reader.Children("b", 9).status(),
              StatusIs(kInvalid, "rules: b[0] 1 is not an object"));
  EXPECT_THAT(reader.ChildLists("b", 9).status(),
              StatusIs(kInvalid, "rules: b[0] 1 is not a list"));
  EXPECT_THAT(reader.ChildLists("c", 9).status(),
              StatusIs(kInvalid, "rules: c[0][0] 1 is not an object"));
}

TEST_F(RulesReaderTest, KeysAreThoseThatAreNotNullInByteOrder) {
  EXPECT_THAT(Reader(R"({"b":1,"a":false,"c":null,"B":{}})").Keys(), ElementsAre("B", "a", "b"));
}

TEST_F(RulesReaderTest, AKeyThatIsNotAPlainWordIsQuotedAndCut) {
  EXPECT_EQ(Reader("{}", "modes").Name("5 v 5"), R"(modes["5 v 5"])");
  EXPECT_EQ(Reader("{}", "modes").Name("\xc3\xa4\n"), R"(modes["\u00e4\n"])");
  EXPECT_EQ(Reader("{}", "modes").Name(""), R"(modes[""])");
  EXPECT_LT(Reader("{}", "modes").Name(std::string(1000, 'x')).size(), 100u);
}

TEST_F(RulesReaderTest, ShowsAValue) {
  EXPECT_EQ(Reader(R"({"a":{"b":"\u00e4"}})").ShownValue("a"), R"({"b":"\u00e4"})");
  EXPECT_EQ(Reader("{}").ShownValue("a"), "null");
}

TEST_F(RulesReaderTest, MatchesKeysExactly) {
  const RulesReader reader = Reader(R"({"A":1})");

  EXPECT_EQ(*reader.Count("a"), 0);
  EXPECT_FALSE(reader.Given("a"));
}

TEST_F(RulesReaderTest, MatchesKeysInAnyCaseAtEveryLevelWhenToldSo) {
  const RulesReader reader =
      AnyCaseReader(R"({"CHILD":{"Count":1},"Lists":[[{"COUNT":2}]],"Objects":[{"counT":3}]})");

  EXPECT_TRUE(reader.Given("child"));
  EXPECT_EQ(*reader.Child("child")->Count("count"), 1);
  EXPECT_EQ(*reader.ChildLists("lists", 1)->at(0)[0].Count("count"), 2);
  EXPECT_EQ(*reader.Children("objects", 1)->at(0).Count("count"), 3);
  EXPECT_EQ(*reader.Child("none")->Count("count"), 0);
}

TEST_F(RulesReaderTest, TheExactKeyIsReadBeforeOtherCases) {
  EXPECT_EQ(*AnyCaseReader(R"({"A":"x","a":7})").Count("a"), 7);
  EXPECT_FALSE(AnyCaseReader(R"({"A":7,"a":null})").Given("a"));
}

TEST_F(RulesReaderTest, TwoOtherCasesOfAKeyAreAnInvalidArgument) {
  const RulesReader reader = AnyCaseReader(R"({"Ab":1,"aB":2,"Cd":1,"cD":null})");

  EXPECT_THAT(reader.Count("ab"), StatusIs(kInvalid, "rules: Ab and aB both stand for ab"));
  EXPECT_TRUE(reader.Given("ab"));
  EXPECT_EQ(*reader.Count("cd"), 1);
}

TEST_F(RulesReaderTest, OnlyAsciiLettersHaveTwoCases) {
  EXPECT_FALSE(AnyCaseReader("{\"\xc3\x84\":1,\"ma\xc5\xbf\":1}").Given("mas"));
  EXPECT_FALSE(AnyCaseReader("{\"\xc3\x84\":1}").Given("\xc3\xa4"));
}

}  // namespace
}  // namespace muster::match
