#include "net/redis_url.h"

#include <ostream>
#include <string>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace muster::net {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct GoodUrl {
  const char* name;
  const char* text;
  RedisAddress address;

  friend std::ostream& operator<<(std::ostream& out, const GoodUrl& url) { return out << url.name; }
};

const GoodUrl kGoodUrls[] = {
    {"HostAndPort", "redis.internal:6380", {.host = "redis.internal", .port = 6380}},
    {"HostAlone", "redis_1", {.host = "redis_1"}},
    {"AddressAndPort", "10.0.0.7:6379", {.host = "10.0.0.7"}},
    {"Ipv6AndPort", "[::1]:7000", {.host = "::1", .port = 7000}},
    {"UrlOfAHost", "redis://cache", {.host = "cache"}},
    {"UrlWithASlash", "redis://cache/", {.host = "cache"}},
    {"UrlInCapitals", "REDIS://cache:1", {.host = "cache", .port = 1}},
    {"UrlWithADatabase",
     "redis://cache:65535/15",
     {.host = "cache", .port = 65535, .database = 15}},
    {"UrlOfIpv6", "redis://[fd00::1]/2", {.host = "fd00::1", .database = 2}},
    {"PasswordAlone", "redis://:secret@cache", {.host = "cache", .password = "secret"}},
    {"UserAlone", "redis://ann@cache", {.host = "cache", .user = "ann"}},
    {"EncodedUserAndPassword",
     "redis://a%3Ab:p%40%2f%25w@cache",
     {.host = "cache", .user = "a:b", .password = "p@/%w"}},
    {"PasswordWithAColonAndAnAt",
     "redis://ann:a:b@c@cache",
     {.host = "cache", .user = "ann", .password = "a:b@c"}},
};

class GoodRedisUrl : public testing::TestWithParam<GoodUrl> {};

TEST_P(GoodRedisUrl, IsRead) {
  const auto address = ParseRedisUrl(GetParam().text);

  ASSERT_THAT(address, IsOk());
  EXPECT_EQ(*address, GetParam().address);
}

INSTANTIATE_TEST_SUITE_P(All, GoodRedisUrl, testing::ValuesIn(kGoodUrls),
                         testing::PrintToStringParamName());

struct BadUrl {
  const char* name;
  const char* text;
  const char* reason;

  friend std::ostream& operator<<(std::ostream& out, const BadUrl& url) { return out << url.name; }
};

// Where a text has a password it is "secret".
const BadUrl kBadUrls[] = {
    {"Nothing", "", "no host"},
    {"Tls", "rediss://:secret@cache", "TLS proxy"},
    {"OtherScheme", "http://:secret@cache", "neither"},
    {"PasswordWithoutAScheme", ":secret@cache:1", "neither"},
    {"NoHost", "redis://:secret@:6379", "no host"},
    {"NoHostButADatabase", "redis:///1", "no host"},
    {"PortZero", "redis://:secret@cache:0", "port"},
    {"PortTooLarge", "cache:65536", "port"},
    {"PortEmpty", "cache:", "port"},
    {"PortWithASign", "cache:+1", "port"},
    {"BareIpv6", "fd00::1", "brackets"},
    {"OpenBracket", "redis://[::1", "bracket"},
    {"TextAfterABracket", "redis://[::1]a", "between"},
    {"NameInBrackets", "redis://[cache]", "character"},
    {"HostWithASpace", "redis://ca che", "character"},
    {"DatabaseThatIsNone", "redis://:secret@cache/one", "database"},
    {"DatabaseBelowZero", "redis://cache/-1", "database"},
    {"TwoPaths", "redis://cache/1/2", "database"},
    {"Query", "redis://cache/1?a=b", "database"},
    {"PercentWithoutDigits", "redis://:secret%2@cache", "hex"},
    {"PercentWithOtherLetters", "redis://:secret%zz@cache", "hex"},
};

class BadRedisUrl : public testing::TestWithParam<BadUrl> {};

TEST_P(BadRedisUrl, IsRefusedWithoutTellingThePassword) {
  const auto address = ParseRedisUrl(GetParam().text);

  EXPECT_THAT(address, StatusIs(absl::StatusCode::kInvalidArgument,
                                AllOf(HasSubstr(GetParam().reason), Not(HasSubstr("secret")))));
}

INSTANTIATE_TEST_SUITE_P(All, BadRedisUrl, testing::ValuesIn(kBadUrls),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace muster::net
