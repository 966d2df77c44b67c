#include "match/match.h"

#include <set>

#include "gtest/gtest.h"

namespace muster::match {
namespace {

TEST(LeftOutName, EachReasonHasANameOfItsOwnFitForAMetricLabel) {
  std::set<std::string_view> names;

  for (size_t reason = 0; reason < kLeftOutReasons; ++reason) {
    const std::string_view name = LeftOutName(static_cast<LeftOut>(reason));
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos)
        << name;
  }

  EXPECT_FALSE(names.contains("unknown"));
}

TEST(LeftOutName, IsTheReasonInLowerCase) {
  EXPECT_EQ(LeftOutName(LeftOut::kOtherPool), "other_pool");
  EXPECT_EQ(LeftOutName(LeftOut::kRefusedByLogic), "refused_by_logic");
}

}  // namespace
}  // namespace muster::match
