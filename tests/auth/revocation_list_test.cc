#include "auth/revocation_list.h"

#include <chrono>
#include <string>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace muster::auth {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A filter of some words that holds these texts.
std::string FilterOf(const std::vector<std::string>& texts, size_t words, int64_t hashes) {
  std::vector<uint64_t> bits(words);
  for (const std::string& text : texts) {
    for (const uint64_t i : BloomPositions(text, words * 64, hashes)) {
      bits[i / 64] |= uint64_t{1} << i % 64;
    }
  }
  std::string json = R"({"revoked_tokens":{"bits":[)";
  for (size_t i = 0; i < words; ++i) json += (i == 0 ? "" : ",") + std::to_string(bits[i]);
  return json + R"(],"k":)" + std::to_string(hashes) + R"(,"m":1},"revoked_users":[]})";
}

RevocationList ListOfUser(const std::string& revoked_at) {
  return RevocationList::Parse(
             R"({"revoked_tokens":null,"revoked_users":[{"id":"alice","revoked_at":")" +
             revoked_at + R"("}]})")
      .value();
}

TEST(BloomPositions, AreThoseOfAccelByte) {
  EXPECT_THAT(BloomPositions("this_is_a_test_string", 9600, 7),
              ElementsAre(3942, 6555, 9168, 2181, 4794, 7407, 420));
  EXPECT_THAT(BloomPositions("test_item", 2432, 17),
              ElementsAre(779, 1947, 683, 1851, 587, 1755, 491, 1659, 395, 1563, 811, 1979, 715,
                          1883, 619, 1787, 523));
}

TEST(BloomPositions, OfAnEmptyFilterAreNone) {
  EXPECT_THAT(BloomPositions("text", 0, 7), IsEmpty());
}

TEST(RevocationList, HoldsTheTokensOfItsFilter) {
  const RevocationList list = RevocationList::Parse(FilterOf({"test_item"}, 38, 17)).value();

  EXPECT_TRUE(list.TokenRevoked("test_item"));
  EXPECT_FALSE(list.TokenRevoked("foo"));
}

TEST(RevocationList, TakesWordsOf64Bits) {
  const RevocationList list =
      RevocationList::Parse(
          R"({"revoked_tokens":{"bits":[18446744073709551615],"k":7},"revoked_users":null})")
          .value();

  EXPECT_TRUE(list.TokenRevoked("anything"));
}

TEST(RevocationList, RevokesNothingWhenItsPartsAreEmpty) {
  for (const char* text : {R"({"revoked_tokens":null,"revoked_users":null})",
                           R"({"revoked_tokens":{"bits":null},"revoked_users":[]})",
                           R"({"revoked_tokens":{"bits":[],"k":0,"m":0},"revoked_users":[]})"}) {
    const RevocationList list = RevocationList::Parse(text).value();
    EXPECT_FALSE(list.TokenRevoked("token")) << text;
    EXPECT_FALSE(list.UserRevoked("alice", sys_seconds())) << text;
  }
  EXPECT_FALSE(RevocationList().TokenRevoked("token"));
}

TEST(RevocationList, RevokesAUsersTokensUpToThatSecond) {
  const RevocationList list = ListOfUser("1970-01-01T01:00:00.987654321+00:00");

  EXPECT_TRUE(list.UserRevoked("alice", sys_seconds(seconds(0))));
  EXPECT_TRUE(list.UserRevoked("alice", sys_seconds(seconds(3600))));
  EXPECT_FALSE(list.UserRevoked("alice", sys_seconds(seconds(3601))));
  EXPECT_FALSE(list.UserRevoked("bob", sys_seconds(seconds(0))));
}

TEST(RevocationList, MindsTheTimeZone) {
  const RevocationList list = ListOfUser("1970-01-01T03:00:00+02:00");

  EXPECT_TRUE(list.UserRevoked("alice", sys_seconds(seconds(3600))));
  EXPECT_FALSE(list.UserRevoked("alice", sys_seconds(seconds(3601))));
}

TEST(RevocationList, KeepsTheLatestOfAUsersRevocations) {
  const RevocationList list = RevocationList::Parse(R"({"revoked_tokens":null,"revoked_users":[
      {"id":"alice","revoked_at":"1970-01-01T02:00:00Z"},
      {"id":"alice","revoked_at":"1970-01-01T01:00:00Z"}]})")
                                  .value();

  EXPECT_TRUE(list.UserRevoked("alice", sys_seconds(seconds(7200))));
}

struct BadCase {
  const char* text;
  const char* fragment;
};

constexpr BadCase kBadCases[] = {
    {"", "not a json object"},
    {"[]", "not a json object"},
    {"{}", "no revoked_tokens"},
    {R"({"errorCode":1})", "no revoked_tokens"},
    {R"({"revoked_users":[]})", "no revoked_tokens"},
    {R"({"revoked_tokens":null})", "no revoked_users"},
    {R"({"revoked_tokens":{},"revoked_users":[]})", "no revoked_tokens.bits"},
    {R"({"revoked_tokens":{"k":7},"revoked_users":[]})", "no revoked_tokens.bits"},
    {R"({"revoked_users":null,"revoked_tokens":1})", "revoked_tokens is not"},
    {R"({"revoked_users":null,"revoked_tokens":{"bits":1}})", "bits is not an array"},
    {R"({"revoked_users":null,"revoked_tokens":{"bits":[-1],"k":1}})", "no 64-bit number"},
    {R"({"revoked_users":null,"revoked_tokens":{"bits":["1"],"k":1}})", "no 64-bit number"},
    {R"({"revoked_users":null,"revoked_tokens":{"bits":[18446744073709551616],"k":1}})",
     "no 64-bit"},
    {R"({"revoked_users":null,"revoked_tokens":{"bits":[1]}})", "k is not 1 to 64"},
    {R"({"revoked_users":null,"revoked_tokens":{"bits":[1],"k":0}})", "k is not 1 to 64"},
    {R"({"revoked_users":null,"revoked_tokens":{"bits":[1],"k":65}})", "k is not 1 to 64"},
    {R"({"revoked_users":null,"revoked_tokens":{"bits":[1],"k":"7"}})", "k is not 1 to 64"},
    {R"({"revoked_tokens":null,"revoked_users":{}})", "revoked_users is not an array"},
    {R"({"revoked_tokens":null,"revoked_users":[1]})", "an entry of revoked_users"},
    {R"({"revoked_tokens":null,"revoked_users":[{"revoked_at":"1970-01-01T00:00:00Z"}]})", "no id"},
    {R"({"revoked_tokens":null,"revoked_users":[{"id":"a"}]})", "RFC 3339"},
    {R"({"revoked_tokens":null,"revoked_users":[{"id":"a","revoked_at":"yesterday"}]})",
     "RFC 3339"},
    {R"({"revoked_tokens":null,"revoked_users":[{"id":"a","revoked_at":"infinite-future"}]})",
     "RFC 3339"},
    {R"({"revoked_tokens":null,"revoked_users":[{"id":"a","revoked_at":1}]})", "RFC 3339"},
};

TEST(RevocationList, RefusesWhatIsNoList) {
  for (const BadCase& c : kBadCases) {
    EXPECT_THAT(RevocationList::Parse(c.text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(c.fragment)))
        << c.text;
  }
}

// `count` items, joined.
std::string Many(const std::string& item, size_t count) {
  std::string text;
  text.reserve(count * (item.size() + 1));
  for (size_t i = 0; i < count; ++i) text.append(i == 0 ? "" : ",").append(item);
  return text;
}

TEST(RevocationList, RefusesMoreThanItsBounds) {
  const std::string words = R"({"revoked_users":null,"revoked_tokens":{"k":1,"bits":[)" +
                            Many("0", RevocationList::kMaxWords + 1) + "]}}";
  const std::string users = R"({"revoked_tokens":null,"revoked_users":[)" +
                            Many("0", RevocationList::kMaxUsers + 1) + "]}";

  EXPECT_THAT(RevocationList::Parse(words),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("words, more than")));
  EXPECT_THAT(RevocationList::Parse(users),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("entries, more than")));
}

}  // namespace
}  // namespace muster::auth
