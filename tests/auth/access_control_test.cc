#include "auth/access_control.h"

#include <ostream>

#include "gmock/gmock.h"

namespace muster::auth {
namespace {

struct HeaderCase {
  const char* name;
  std::string_view header;
  std::optional<std::string_view> token;
};

std::ostream& operator<<(std::ostream& out, const HeaderCase& c) { return out << c.name; }

class BearerTokenTest : public testing::TestWithParam<HeaderCase> {};

TEST_P(BearerTokenTest, IsWhatFollowsTheScheme) {
  EXPECT_EQ(BearerToken(GetParam().header), GetParam().token);
}

constexpr HeaderCase kHeaders[] = {
    {"usual", "Bearer a.b.c", "a.b.c"},
    {"lower_case", "bearer a.b.c", "a.b.c"},
    {"upper_case", "BEARER a.b.c", "a.b.c"},
    {"several_blanks", "Bearer   a.b.c", "a.b.c"},
    {"blank_at_the_end_stays", "Bearer a.b.c ", "a.b.c "},
    {"empty", "", std::nullopt},
    {"scheme_only", "Bearer", std::nullopt},
    {"scheme_and_blank", "Bearer ", std::nullopt},
    {"scheme_and_blanks", "Bearer    ", std::nullopt},
    {"no_blank", "Bearera.b.c", std::nullopt},
    {"tab", "Bearer\ta.b.c", std::nullopt},
    {"bare_token", "a.b.c", std::nullopt},
    {"basic", "Basic YTpi", std::nullopt},
    {"blank_before", " Bearer a.b.c", std::nullopt},
};

INSTANTIATE_TEST_SUITE_P(Headers, BearerTokenTest, testing::ValuesIn(kHeaders),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace muster::auth
