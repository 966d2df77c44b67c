#include "gameserver/redis_address.h"

#include <ostream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace muster::gameserver {
namespace {

using support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct Good {
  const char* name;
  const char* url;
  // "host|port|database|user|password"
  const char* parts;
};
std::ostream& operator<<(std::ostream& out, const Good& good) { return out << good.name; }

const Good kGood[] = {
    {"HostAlone", "redis://redis-db", "redis-db|6379|0||"},
    {"All", "redis://ann:secret@redis-db:6380/1", "redis-db|6380|1|ann|secret"},
    {"PasswordAlone", "redis://:secret@host", "host|6379|0||secret"},
    {"NoUserNoColon", "redis://secret@host/2", "host|6379|2||secret"},
    {"EncodedPassword", "redis://:p%40%3a%2fq@host", "host|6379|0||p@:/q"},
    {"AtInPassword", "redis://:p@q@host", "host|6379|0||p@q"},
    {"Ipv6", "redis://[::1]:7000/3", "::1|7000|3||"},
    {"EmptyDatabase", "redis://host/", "host|6379|0||"},
};

class ParseRedisUrlOf : public testing::TestWithParam<Good> {};

TEST_P(ParseRedisUrlOf, ReadsAllParts) {
  const absl::StatusOr<RedisAddress> address = ParseRedisUrl(GetParam().url);

  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->host + "|" + std::to_string(address->port) + "|" +
                std::to_string(address->database) + "|" + address->user + "|" + address->password,
            GetParam().parts);
}

INSTANTIATE_TEST_SUITE_P(Urls, ParseRedisUrlOf, testing::ValuesIn(kGood),
                         [](const auto& test) { return std::string(test.param.name); });

struct Bad {
  const char* url;
  const char* problem;
};

const Bad kBad[] = {
    {"", "start with redis://"},
    {"http://host", "start with redis://"},
    {"rediss://:secret@host", "TLS proxy"},
    {"redis://", "host is empty"},
    {"redis://:secret@", "host is empty"},
    {"redis://host:0", "port"},
    {"redis://host:65536", "port"},
    {"redis://host:6379x", "port"},
    {"redis://host/one", "database"},
    {"redis://host/-1", "database"},
    {"redis://[::1", "bracket"},
    {"redis://[::1]6379", "bracket"},
    {"redis://:secret%4@host", "log-in"},
};

TEST(ParseRedisUrl, SaysWhatIsWrongWithoutThePassword) {
  for (const Bad& bad : kBad) {
    EXPECT_THAT(ParseRedisUrl(bad.url),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr(bad.problem), Not(HasSubstr("secret")))))
        << bad.url;
  }
}

}  // namespace
}  // namespace muster::gameserver
