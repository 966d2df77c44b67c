#include "lab/region_map.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace muster::lab {
namespace {

using support::StatusIs;
using testing::HasSubstr;

const std::vector<std::string> kAll = {"ap-northeast-1", "ap-southeast-1", "eu-central-1",
                                       "eu-west-2",      "sa-east-1",      "us-east-2",
                                       "us-west-2"};

TEST(RegionMap, HoldsTheNamedRegionsInOrderOfTheirNames) {
  const auto map = RegionMap::Of({"us-west-2", "eu-central-1"});

  ASSERT_TRUE(map.ok());
  ASSERT_EQ(map->size(), 2u);
  EXPECT_EQ(map->Name(0), "eu-central-1");
  EXPECT_EQ(map->Name(1), "us-west-2");
  EXPECT_EQ(map->RoundTripMs(0, 1), 140);
  EXPECT_EQ(map->PlayerWeights(), (std::vector<int64_t>{20, 15}));
}

TEST(RegionMap, TheWayBackIsAsLongAsTheWayThere) {
  const auto map = RegionMap::Of(kAll);

  ASSERT_TRUE(map.ok());
  for (size_t from = 0; from < map->size(); ++from) {
    EXPECT_EQ(map->RoundTripMs(from, from), 0);
    for (size_t to = 0; to < map->size(); ++to) {
      EXPECT_EQ(map->RoundTripMs(from, to), map->RoundTripMs(to, from)) << from << " " << to;
    }
  }
}

TEST(RegionMap, MayBeEmpty) {
  const auto map = RegionMap::Of({});

  ASSERT_TRUE(map.ok());
  EXPECT_EQ(map->size(), 0u);
}

TEST(RegionMap, RefusesRegionsItDoesNotKnow) {
  EXPECT_THAT(RegionMap::Of({"us-east-2", "moon"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("`us-east-2,moon`")));
}

TEST(RegionMap, RefusesARegionNamedTwice) {
  EXPECT_THAT(RegionMap::Of({"us-east-2", "us-east-2"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("sa-east-1")));
}

}  // namespace
}  // namespace muster::lab
