#include "lobby/request.h"

#include <array>
#include <ostream>
#include <set>
#include <string>

#include "base/path_id.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace muster::lobby {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

TEST(RequestStates, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const RequestState state :
       {RequestState::kCreated, RequestState::kInProgress, RequestState::kDone,
        RequestState::kFailed, RequestState::kCancelled}) {
    names.insert(RequestStateName(state));
  }

  EXPECT_EQ(names.size(), 5u);
  EXPECT_EQ(RequestStateName(RequestState::kInProgress), "in_progress");
}

TEST(ClientId, MayBeAnyText) {
  const std::string longest(base::kMaxPathIdBytes, 'a');
  for (const std::string& id :
       {std::string("alice"), std::string("a?x=1"), std::string("a#b"), std::string("x/y"),
        std::string("..."), std::string(" "), std::string("%2e%2e"), std::string("queue"), longest,
        // Of two, three and four bytes: the first and the last of each.
        std::string("\u0080\u07FF\u0800\uD7FF\uE000\uFFFF"), std::string("\U00010000\U0010FFFF")}) {
    EXPECT_THAT(CheckClientId(id), IsOk()) << id;
  }
}

struct BadId {
  const char* name;
  std::string id;
  const char* detail;

  friend std::ostream& operator<<(std::ostream& out, const BadId& row) { return out << row.name; }
};

const std::array kBadIds = {
    BadId{"empty", "", "empty"},
    BadId{"too long", std::string(base::kMaxPathIdBytes + 1, 'a'), "longer than 256 bytes"},
    BadId{"one dot", ".", "dots"},
    BadId{"two dots", "..", "dots"},
    BadId{"a zero", std::string("a\0b", 3), "control character"},
    BadId{"a line's end", "a\r\nb", "control character"},
    BadId{"the last control character", "\x1f", "control character"},
    BadId{"delete", "a\x7f", "control character"},
    BadId{"Latin 1", "caf\xe9", "not UTF-8"},
    BadId{"a lone continuation", "\x80", "not UTF-8"},
    BadId{"a character cut short", "\xe2\x82", "not UTF-8"},
    BadId{"four bytes cut short", "\xf0\x9f\x98", "not UTF-8"},
    BadId{"an overlong slash", "\xc0\xaf", "not UTF-8"},
    BadId{"an overlong slash of three", "\xe0\x80\xaf", "not UTF-8"},
    BadId{"an overlong form of four", "\xf0\x80\x80\xaf", "not UTF-8"},
    BadId{"a surrogate", "\xed\xa0\x80", "not UTF-8"},
    BadId{"beyond Unicode", "\xf4\x90\x80\x80", "not UTF-8"},
    BadId{"no lead byte", "\xff", "not UTF-8"},
};

class BadClientIdTest : public testing::TestWithParam<BadId> {};

TEST_P(BadClientIdTest, IsRefused) {
  EXPECT_THAT(CheckClientId(GetParam().id),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().detail)));
}

INSTANTIATE_TEST_SUITE_P(Ids, BadClientIdTest, testing::ValuesIn(kBadIds));

}  // namespace
}  // namespace muster::lobby
