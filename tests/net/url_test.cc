#include "net/url.h"

#include <ostream>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace muster::net {
namespace {

using std::string_literals::operator""s;
using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::Pair;

struct Segment {
  std::string text;
  std::string encoded;
};

std::ostream& operator<<(std::ostream& out, const Segment& segment) {
  return out << segment.encoded;
}

class PathSegmentTest : public testing::TestWithParam<Segment> {};

TEST_P(PathSegmentTest, IsEncodedAndDecodesToItself) {
  EXPECT_EQ(EncodePathSegment(GetParam().text), GetParam().encoded);
  EXPECT_THAT(DecodePercent(GetParam().encoded), Optional(GetParam().text));
}

const Segment kSegments[] = {
    {"", ""},
    {"azAZ09-._~", "azAZ09-._~"},
    {"a?x=1", "a%3Fx%3D1"},
    {"a#b", "a%23b"},
    {"x/y", "x%2Fy"},
    {"../close", "..%2Fclose"},
    {"a b+c", "a%20b%2Bc"},
    {"100%", "100%25"},
    {"%2F", "%252F"},
    {"\xc3\xa9", "%C3%A9"},
    {"\0\x7f\xff"s, "%00%7F%FF"},
};
INSTANTIATE_TEST_SUITE_P(Texts, PathSegmentTest, testing::ValuesIn(kSegments));

TEST(EncodePathSegment, LeavesDotsWhichMeanSomethingElse) {
  EXPECT_EQ(EncodePathSegment("."), ".");
  EXPECT_EQ(EncodePathSegment(".."), "..");
}

TEST(DecodePercent, TakesSmallDigitsAndLeavesAPlus) {
  EXPECT_THAT(DecodePercent("%2f%C3%a9+"), Optional("/\xc3\xa9+"s));
}

TEST(DecodePercent, NeedsTwoHexadecimalDigits) {
  for (const char* text : {"%", "%2", "a%", "%2g", "%g2", "%%41", "% 1", "%-1"}) {
    EXPECT_EQ(DecodePercent(text), std::nullopt) << text;
  }
}

TEST(ParseQuery, DecodesNamesAndValues) {
  EXPECT_THAT(ParseQuery("user_id=a%26b&x+y=1+2%2B&%3D=%3d"),
              Optional(ElementsAre(Pair("user_id", "a&b"), Pair("x y", "1 2+"), Pair("=", "="))));
}

TEST(ParseQuery, TakesWhatIsIncomplete) {
  EXPECT_THAT(ParseQuery(""), Optional(IsEmpty()));
  EXPECT_THAT(ParseQuery("&&"), Optional(IsEmpty()));
  EXPECT_THAT(ParseQuery("a&b=&=c&a=d=e"),
              Optional(ElementsAre(Pair("a", ""), Pair("b", ""), Pair("", "c"), Pair("a", "d=e"))));
}

TEST(ParseQuery, IsNothingWhenAPartCannotBeDecoded) {
  EXPECT_EQ(ParseQuery("a=1&b=%"), std::nullopt);
  EXPECT_EQ(ParseQuery("%4=1"), std::nullopt);
}

struct Authority {
  const char* text;
  std::optional<std::string> host;
};

std::ostream& operator<<(std::ostream& out, const Authority& authority) {
  return out << authority.text;
}

class HostOfAuthorityTest : public testing::TestWithParam<Authority> {};

TEST_P(HostOfAuthorityTest, IsTheHostOrNothing) {
  EXPECT_EQ(HostOfAuthority(GetParam().text), GetParam().host);
}

const Authority kAuthorities[] = {
    {"play.example:3000", "play.example"},
    {"play.example", "play.example"},
    {"[2001:db8::1]:3000", "[2001:db8::1]"},
    {"[2001:db8::1]", "[2001:db8::1]"},
    {"[::ffff:1.2.3.4]:1", "[::ffff:1.2.3.4]"},
    {"192.0.2.1:65535", "192.0.2.1"},
    {"game_server-1:0", "game_server-1"},
    {"", {}},
    {":3000", {}},
    {"2001:db8::1", {}},
    {"::1", {}},
    {"host:", {}},
    {"host:x", {}},
    {"host:-1", {}},
    {"host:+1", {}},
    {"host:65536", {}},
    {"host:99999999999999999999", {}},
    {"host:1:2", {}},
    {"[::1", {}},
    {"::1]", {}},
    {"[]", {}},
    {"[]:80", {}},
    {"[1.2.3.4]", {}},
    {"[host]:80", {}},
    {"[::1]80", {}},
    {"[::1]:", {}},
    {"[::1%eth0]", {}},
    {"[[::1]]", {}},
    {"user@host", {}},
    {"host/path", {}},
    {"ho st", {}},
    {"host\r\nX: y", {}},
    {"a,b", {}},
    {"h\xc3\xb6st", {}},
};
INSTANTIATE_TEST_SUITE_P(Texts, HostOfAuthorityTest, testing::ValuesIn(kAuthorities));

struct Membership {
  std::vector<std::string> networks;
  const char* address;
  bool contained;
};

std::ostream& operator<<(std::ostream& out, const Membership& membership) {
  for (const std::string& network : membership.networks) out << network << " ";
  return out << membership.address;
}

class NetworkSetTest : public testing::TestWithParam<Membership> {};

TEST_P(NetworkSetTest, ContainsTheAddressesOfItsNetworks) {
  const auto set = NetworkSet::Parse(GetParam().networks);

  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(set->Contains(GetParam().address), GetParam().contained);
}

const Membership kMemberships[] = {
    {{}, "127.0.0.1", false},
    {{"10.0.0.0/8"}, "10.255.0.1", true},
    {{"10.0.0.0/8"}, "11.0.0.1", false},
    {{"10.0.0.0/8"}, "::ffff:10.1.2.3", true},
    {{"10.9.9.9/8"}, "10.1.2.3", true},
    {{"::ffff:10.0.0.0/104"}, "10.1.2.3", true},
    {{"192.168.1.7"}, "192.168.1.7", true},
    {{"192.168.1.7"}, "192.168.1.6", false},
    {{"192.168.1.6/31"}, "192.168.1.7", true},
    {{"172.16.0.0/12"}, "172.31.255.255", true},
    {{"172.16.0.0/12"}, "172.32.0.0", false},
    {{"10.0.0.0/8", "fd00::/8"}, "fdff::1", true},
    {{"fd00::/8"}, "fe00::1", false},
    {{"fd00::/8"}, "10.0.0.1", false},
    {{"0.0.0.0/0"}, "1.2.3.4", true},
    {{"0.0.0.0/0"}, "::1", false},
    {{"::/0"}, "::1", true},
    {{"::/0"}, "1.2.3.4", false},
    {{"::/0"}, "::ffff:1.2.3.4", false},
    {{"0.0.0.0/0", "::/0"}, "", false},
    {{"0.0.0.0/0", "::/0"}, "localhost", false},
    {{"::/0"}, "[::1]", false},
};
INSTANTIATE_TEST_SUITE_P(Networks, NetworkSetTest, testing::ValuesIn(kMemberships));

TEST(NetworkSet, NamesThePartThatIsNoNetwork) {
  for (const char* bad : {"", "host", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x",
                          "fd00::/129", "10.0.0.0/8/8", " 10.0.0.0/8", "[::1]"}) {
    EXPECT_THAT(NetworkSet::Parse({"10.0.0.0/8", bad}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("\"" + std::string(bad) + "\""), HasSubstr("network"))));
  }
}

}  // namespace
}  // namespace muster::net
