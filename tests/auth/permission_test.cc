#include "auth/permission.h"

#include <ostream>

#include "gmock/gmock.h"

namespace muster::auth {
namespace {

struct ResourceCase {
  const char* name;
  std::string_view required;
  std::string_view granted;
  bool covered;
};

std::ostream& operator<<(std::ostream& out, const ResourceCase& c) { return out << c.name; }

class ResourceCoversTest : public testing::TestWithParam<ResourceCase> {};

TEST_P(ResourceCoversTest, TellsWhatAGrantCovers) {
  EXPECT_EQ(ResourceCovers(GetParam().granted, GetParam().required, nullptr), GetParam().covered);
}

constexpr std::string_view kBirthday = "NAMESPACE:foo:USER:888:PROFILE:birthday";

// The first ten are those of AccelByte's own test.
constexpr ResourceCase kResources[] = {
    {"same", kBirthday, kBirthday, true},
    {"star_required", "NAMESPACE:foo:USER:888:PROFILE:*", kBirthday, false},
    {"star_at_the_end", kBirthday, "NAMESPACE:foo:USER:888:PROFILE:*", true},
    {"star_after_user", kBirthday, "NAMESPACE:foo:USER:*", false},
    {"two_stars_after_user", kBirthday, "NAMESPACE:foo:USER:*:*", true},
    {"star_alone", kBirthday, "*", true},
    {"star_after_the_namespace", kBirthday, "NAMESPACE:foo:*", true},
    {"shorter_without_star", kBirthday, "NAMESPACE:foo:USER", false},
    {"longer_by_stars", "NAMESPACE:foo:USER:888", "NAMESPACE:foo:USER:888:*:*", true},
    {"longer_by_more", "NAMESPACE:foo:USER:888", "NAMESPACE:foo:USER:888:PROFILE:*", false},
    {"star_after_namespace", kBirthday, "NAMESPACE:*", false},
    {"any_namespace", "NAMESPACE:foo:MMV2GRPCSERVICE", "NAMESPACE:*:MMV2GRPCSERVICE", true},
    {"other_namespace", "NAMESPACE:foo:MMV2GRPCSERVICE", "NAMESPACE:bar:MMV2GRPCSERVICE", false},
    {"other_resource", "NAMESPACE:foo:MMV2GRPCSERVICE", "NAMESPACE:foo:OTHER", false},
    {"case_matters", "NAMESPACE:foo:X", "namespace:foo:X", false},
    {"empty_grant", "NAMESPACE:foo:X", "", false},
    {"star_in_a_word", "NAMESPACE:foo:X", "NAMESPACE:f*:X", false},
    {"studio_of_the_game", "NAMESPACE:studio1-game1:X", "NAMESPACE:studio1-:X", true},
    {"studio_itself", "NAMESPACE:studio1:X", "NAMESPACE:studio1-:X", true},
    {"other_studio", "NAMESPACE:studio2-game1:X", "NAMESPACE:studio1-:X", false},
    {"three_parts", "NAMESPACE:studio1-game1-a:X", "NAMESPACE:studio1-:X", false},
    {"studio_by_prefix_only", "NAMESPACE:studio12-game:X", "NAMESPACE:studio1-:X", false},
    {"minus_alone", "NAMESPACE:-game:X", "NAMESPACE:-:X", false},
    {"studio_elsewhere", "USER:studio1-game1:X", "USER:studio1-:X", false},
    {"studio_after_star", "NAMESPACE:studio1-game1:X", "*:studio1-:X", false},
};

INSTANTIATE_TEST_SUITE_P(Resources, ResourceCoversTest, testing::ValuesIn(kResources),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ResourceCovers, AsksForTheStudioOfAGameWhoseNameDoesNotTell) {
  const IsGameOfStudio studio_owns_game = [](std::string_view game, std::string_view studio) {
    return game == "game" && studio == "studio";
  };

  EXPECT_TRUE(ResourceCovers("NAMESPACE:studio-:X", "NAMESPACE:game:X", studio_owns_game));
  EXPECT_FALSE(ResourceCovers("NAMESPACE:studio-:X", "NAMESPACE:game2:X", studio_owns_game));
  EXPECT_FALSE(ResourceCovers("NAMESPACE:other-:X", "NAMESPACE:game:X", studio_owns_game));
  EXPECT_FALSE(ResourceCovers("NAMESPACE:studio:X", "NAMESPACE:game:X", studio_owns_game));
}

struct ActionCase {
  int required;
  int granted;
  bool covered;
};

TEST(ActionCovers, NeedsAllBits) {
  for (const ActionCase& c :
       {ActionCase{7, 7, true}, ActionCase{7, 3, false}, ActionCase{7, 15, true},
        ActionCase{7, 0, false}, ActionCase{1, 15, true}, ActionCase{15, 1, false},
        ActionCase{12, 10, false}}) {
    EXPECT_EQ(ActionCovers(c.granted, c.required), c.covered) << c.required << " " << c.granted;
  }
}

TEST(Substitute, ReplacesNamespaceAndUserEverywhere) {
  EXPECT_EQ(Substitute("NAMESPACE:{namespace}:USER:{userId}:X:{namespace}", "foo", "888"),
            "NAMESPACE:foo:USER:888:X:foo");
  EXPECT_EQ(Substitute("NAMESPACE:*:X", "foo", "888"), "NAMESPACE:*:X");
  EXPECT_EQ(Substitute("{other}", "foo", "888"), "{other}");
}

}  // namespace
}  // namespace muster::auth
