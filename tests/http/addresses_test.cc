#include "http/addresses.h"

#include <array>
#include <ostream>

#include "gtest/gtest.h"

namespace muster::http {
namespace {

using net::server::Request;

Addresses BehindProxy() {
  return Addresses({.trusted_proxies = net::NetworkSet::Parse({"10.0.0.0/8"}).value()});
}

struct HostCase {
  const char* name;
  std::vector<base::HttpHeader> headers;
  std::string host;
  std::string peer = "198.51.100.7";

  friend std::ostream& operator<<(std::ostream& out, const HostCase& row) {
    return out << row.name;
  }
};

const std::array kHosts = {
    HostCase{"with a port", {{"Host", "play.example:3000"}}, "play.example"},
    HostCase{"without a port", {{"Host", "play.example"}}, "play.example"},
    HostCase{"IPv6 with a port", {{"Host", "[2001:db8::1]:3000"}}, "[2001:db8::1]"},
    HostCase{"IPv6", {{"Host", "[::1]"}}, "[::1]"},
    HostCase{"none", {}, "localhost"},
    HostCase{"empty", {{"Host", ""}}, "localhost"},
    HostCase{"none that can be used", {{"Host", "a b\"<script>"}}, "localhost"},
    HostCase{"forwarded by a stranger",
             {{"Host", "play.example"}, {"X-Forwarded-Host", "evil.example"}},
             "play.example"},
    HostCase{"forwarded by the proxy",
             {{"Host", "lobby:3000"}, {"x-forwarded-host", "play.example:443"}},
             "play.example",
             "10.1.2.3"},
    HostCase{"forwarded by two",
             {{"Host", "lobby"}, {"X-Forwarded-Host", "evil.example, play.example"}},
             "play.example",
             "10.1.2.3"},
    HostCase{"forwarded by two in headers of their own",
             {{"X-Forwarded-Host", "evil.example"}, {"X-Forwarded-Host", "play.example"}},
             "play.example",
             "10.1.2.3"},
    HostCase{"forwarded, but none that can be used",
             {{"Host", "play.example"}, {"X-Forwarded-Host", "evil.example,"}},
             "play.example",
             "10.1.2.3"},
    HostCase{"the proxy says nothing", {{"Host", "play.example"}}, "play.example", "10.1.2.3"},
};

class CallersHostTest : public testing::TestWithParam<HostCase> {};

TEST_P(CallersHostTest, IsTheCallersWordForTheLobby) {
  const Request request{.headers = GetParam().headers, .peer = GetParam().peer};

  EXPECT_EQ(BehindProxy().CallersHost(request), GetParam().host);
}

INSTANTIATE_TEST_SUITE_P(Requests, CallersHostTest, testing::ValuesIn(kHosts));

lobby::Place Place(std::string node, std::string node_address) {
  return {.node = std::move(node), .node_address = std::move(node_address), .port = 45677};
}

TEST(Addresses, TakeTheCallersWordForTheirOwnMachine) {
  const Addresses addresses({});

  EXPECT_EQ(addresses.Of(Place("", ""), "play.example"), "play.example:45677");
  EXPECT_EQ(addresses.Of(Place("", ""), "[2001:db8::1]"), "[2001:db8::1]:45677");
}

TEST(Addresses, TakeTheNodesOwnWhenItIsAnotherMachine) {
  const Addresses addresses({});

  EXPECT_EQ(addresses.Of(Place("n1", "10.0.0.7"), "play.example"), "10.0.0.7:45677");
  EXPECT_EQ(addresses.Of(Place("n1", "fd00::7"), "play.example"), "[fd00::7]:45677");
}

TEST(Addresses, TakeTheExternalNameBeforeThese) {
  const Addresses addresses({.external_hostname = "games.example"});

  EXPECT_EQ(addresses.Of(Place("n1", "10.0.0.7"), "play.example"), "games.example:45677");
  EXPECT_EQ(addresses.Of(Place("", ""), "play.example"), "games.example:45677");
}

TEST(Addresses, TakeTheNodesConfiguredNameBeforeAll) {
  const Addresses addresses(
      {.external_hostname = "games.example", .node_hostnames = {{"n1", "one.example"}}});

  EXPECT_EQ(addresses.Of(Place("n1", "10.0.0.7"), "play.example"), "one.example:45677");
  EXPECT_EQ(addresses.Of(Place("n2", "10.0.0.8"), "play.example"), "games.example:45677");
}

}  // namespace
}  // namespace muster::http
