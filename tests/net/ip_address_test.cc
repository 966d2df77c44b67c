#include "net/ip_address.h"

#include <ostream>

#include "gmock/gmock.h"

namespace muster::net {
namespace {

struct Good {
  const char* text;
  IpAddress address;
};

std::ostream& operator<<(std::ostream& out, const Good& good) { return out << good.text; }

class IpAddressTest : public testing::TestWithParam<Good> {};

TEST_P(IpAddressTest, IsRead) { EXPECT_EQ(ParseIpAddress(GetParam().text), GetParam().address); }

const Good kGood[] = {
    {"10.1.2.255", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 255}},
    {"0.0.0.0", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}},
    {"::ffff:10.1.2.3", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3}},
    {"::ffff:a01:203", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3}},
    {"::", {}},
    {"::1", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
    {"1::", {0, 1}},
    {"2001:DB8::a:0b", {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 11}},
    {"1:2:3:4:5:6:7:8", {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}},
    {"1:2:3:4:5:6:7.8.9.0", {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 7, 8, 9, 0}},
    {"1:2:3::5:6:7:8", {0, 1, 0, 2, 0, 3, 0, 0, 0, 5, 0, 6, 0, 7, 0, 8}},
};
INSTANTIATE_TEST_SUITE_P(Addresses, IpAddressTest, testing::ValuesIn(kGood));

class BadIpAddressTest : public testing::TestWithParam<const char*> {};

TEST_P(BadIpAddressTest, IsNone) { EXPECT_EQ(ParseIpAddress(GetParam()), std::nullopt); }

const char* const kBad[] = {
    "",
    "host",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.",
    ".1.2.3",
    "1..2.3",
    "1.2.3.256",
    "1.2.3.04",
    "1.2.3.+4",
    "1.2.3.-4",
    " 1.2.3.4",
    "1.2.3.4 ",
    "0x1.2.3.4",
    ":",
    ":::",
    "1",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:",
    ":1:2:3:4:5:6:7",
    "1::2::3",
    "1::2:",
    "1:2:3:4::5:6:7:8",
    "12345::",
    "g::",
    "-1::",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "1:2:3:4:5:6:7:1.2.3.4",
    "fe80::1%eth0",
    "[::1]",
    "0000:0000:0000:0000:0000:0000:255.255.255.2555",
};
INSTANTIATE_TEST_SUITE_P(Texts, BadIpAddressTest, testing::ValuesIn(kBad));

TEST(IsMapped, IsTrueOfIpv4Only) {
  EXPECT_TRUE(IsMapped(*ParseIpAddress("1.2.3.4")));
  EXPECT_TRUE(IsMapped(*ParseIpAddress("::ffff:1.2.3.4")));
  EXPECT_FALSE(IsMapped(*ParseIpAddress("::1.2.3.4")));
  EXPECT_FALSE(IsMapped(*ParseIpAddress("fd00::1")));
}

}  // namespace
}  // namespace muster::net
