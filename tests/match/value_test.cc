#include "match/value.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/match_driver.h"

namespace muster::match {
namespace {

using support::Attributes;
using testing::ElementsAre;
using testing::IsNull;
using testing::Pointee;

std::vector<std::string> NamesIn(const Object& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object) names.push_back(name);
  return names;
}

TEST(Value, IsNullByDefault) {
  const Value value;

  EXPECT_TRUE(value.is_null());
  EXPECT_EQ(value, Value());
}

TEST(Value, AnswersOnlyAsWhatItIs) {
  const Value number = 1.5;

  EXPECT_THAT(number.number(), Pointee(1.5));
  EXPECT_FALSE(number.is_null());
  EXPECT_THAT(number.bool_value(), IsNull());
  EXPECT_THAT(number.text(), IsNull());
  EXPECT_THAT(number.list(), IsNull());
  EXPECT_THAT(number.object(), IsNull());
}

TEST(Value, EachTypeIsFoundAgain) {
  Object object;
  object.Set("a", 1);

  EXPECT_THAT(Value(true).bool_value(), Pointee(true));
  EXPECT_THAT(Value(7).number(), Pointee(7.0));
  EXPECT_THAT(Value("text").text(), Pointee(std::string("text")));
  EXPECT_THAT(Value(std::string("text")).text(), Pointee(std::string("text")));
  EXPECT_THAT(Value(List{1, "b"}).list(), Pointee(ElementsAre(Value(1), Value("b"))));
  EXPECT_THAT(Value(object).object(), Pointee(object));
}

TEST(Value, ALiteralIsTextAndNotABool) { EXPECT_THAT(Value("").bool_value(), IsNull()); }

TEST(Value, HoldsNumbersThatAreNotFinite) {
  const double infinity = std::numeric_limits<double>::infinity();

  EXPECT_THAT(Value(infinity).number(), Pointee(infinity));
  EXPECT_THAT(Value(std::numeric_limits<double>::quiet_NaN()).number(), Pointee(testing::IsNan()));
}

TEST(Value, EqualityLooksAtTypeAndContents) {
  EXPECT_EQ(Value(List{List{1}}), Value(List{List{1}}));
  EXPECT_NE(Value(1), Value("1"));
  EXPECT_NE(Value(1), Value(true));
  EXPECT_NE(Value(), Value(false));
  EXPECT_NE(Value(List{1}), Value(List{2}));
}

TEST(Object, IsEmptyByDefault) {
  const Object object;

  EXPECT_TRUE(object.empty());
  EXPECT_EQ(object.size(), 0u);
  EXPECT_THAT(object.Find("a"), IsNull());
}

TEST(Object, FindsWhatWasSet) {
  Object object;
  object.Set("b", 2);
  object.Set("a", 1);

  EXPECT_THAT(object.Find("a"), Pointee(Value(1)));
  EXPECT_THAT(object.Find("b"), Pointee(Value(2)));
  EXPECT_THAT(object.Find(""), IsNull());
  EXPECT_THAT(object.Find("aa"), IsNull());
  EXPECT_THAT(object.Find("c"), IsNull());
}

TEST(Object, SettingANameAgainReplacesItsValue) {
  Object object;
  object.Set("a", 1);

  object.Set("a", "text");

  EXPECT_EQ(object.size(), 1u);
  EXPECT_THAT(object.Find("a"), Pointee(Value("text")));
}

TEST(Object, IsOrderedByNameHoweverItWasBuilt) {
  Object by_set;
  for (const char* name : {"c", "a", "b"}) by_set.Set(name, name);
  const Object by_entries = Attributes({{"b", "b"}, {"c", "c"}, {"a", "a"}});

  EXPECT_THAT(NamesIn(by_set), ElementsAre("a", "b", "c"));
  EXPECT_EQ(by_set, by_entries);
}

TEST(Object, OfSeveralEntriesWithOneNameOneStays) {
  const Object object = Attributes({{"a", 1}, {"b", 2}, {"a", 1}});

  EXPECT_THAT(NamesIn(object), ElementsAre("a", "b"));
}

TEST(Object, ClearEmptiesIt) {
  Object object = Attributes({{"a", 1}});

  object.clear();

  EXPECT_TRUE(object.empty());
  EXPECT_EQ(object, Object());
}

}  // namespace
}  // namespace muster::match
