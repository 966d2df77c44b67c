#include "base/path_id.h"

#include <ostream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace muster::base {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

struct BadId {
  const char* name;
  std::string id;
  const char* problem;
};
std::ostream& operator<<(std::ostream& out, const BadId& bad) { return out << bad.name; }

const BadId kBadIds[] = {
    {"Empty", "", "empty"},
    {"TooLong", std::string(kMaxPathIdBytes + 1, 'a'), "longer than 256 bytes"},
    {"Dot", ".", "dots"},
    {"TwoDots", "..", "dots"},
    {"Newline", "a\nb", "control character"},
    {"Delete", "a\x7f", "control character"},
    {"Nul", std::string("a\0b", 3), "control character"},
    {"LoneByte", "a\xff", "not UTF-8"},
    {"CutShort", "a\xc3", "not UTF-8"},
};

class CheckPathIdOf : public testing::TestWithParam<BadId> {};

TEST_P(CheckPathIdOf, SaysWhatIsWrong) {
  EXPECT_THAT(CheckPathId("id", GetParam().id),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().problem)));
}

INSTANTIATE_TEST_SUITE_P(Ids, CheckPathIdOf, testing::ValuesIn(kBadIds),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(CheckPathId, LetsThroughWhatIsMeantAsAnId) {
  for (const std::string id :
       {"alice", "a?x=1", "a#b", "x/y", "a b", "...", "\xc3\xa4\xf0\x9f\x8e\xae"}) {
    EXPECT_THAT(CheckPathId("id", id), IsOk()) << id;
  }
  EXPECT_THAT(CheckPathId("id", std::string(kMaxPathIdBytes, 'a')), IsOk());
}

}  // namespace
}  // namespace muster::base
