#include <string>

#include "gmock/gmock.h"
#include "net/curl_sender.h"
#include "tests/net/tls_server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_certificates.h"

namespace muster::net {
namespace {

using support::IsOk;
using support::StatusIs;
using support::TestAuthority;
using testing::AllOf;
using testing::HasSubstr;

// A server at localhost and 127.0.0.1.
class CurlSenderTlsTest : public testing::Test {
 protected:
  absl::StatusOr<base::HttpResponse> Get(const std::string& host,
                                         const std::string& authorities) const {
    CurlSender sender(CurlSender::Options{.user_agent = "test", .authorities = authorities});
    return sender.Send({.url = server_.UrlAt(host), .headers = {{"X-Key", "secret"}}}, {});
  }

  const TestAuthority authority_{"authority"};
  const TestAuthority other_{"other"};
  TlsServer server_{authority_.IssueServer()};
};

TEST_F(CurlSenderTlsTest, TakesTheCertificateOfAKnownAuthority) {
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const auto answer = Get(host, other_.certificate() + authority_.certificate());

    ASSERT_THAT(answer, IsOk()) << host;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "hello");
  }
}

TEST_F(CurlSenderTlsTest, AnotherAuthorityIsUnavailable) {
  EXPECT_THAT(
      Get("localhost", other_.certificate()),
      StatusIs(absl::StatusCode::kUnavailable, AllOf(HasSubstr("localhost"), HasSubstr("cert"))));

  EXPECT_EQ(server_.bytes(), 0);
}

TEST_F(CurlSenderTlsTest, TheMachineKnowsNoAuthorityThatAnyoneMade) {
  CurlSender sender("test");

  EXPECT_THAT(sender.Send({.url = server_.UrlAt("localhost")}, {}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("cert")));

  EXPECT_EQ(server_.bytes(), 0);
}

TEST_F(CurlSenderTlsTest, AnotherHostsCertificateIsUnavailable) {
  // libcurl takes every name under localhost for this machine.
  EXPECT_THAT(Get("other.localhost", authority_.certificate()),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("other.localhost"), HasSubstr("cert"))));

  EXPECT_EQ(server_.bytes(), 0);
}

TEST_F(CurlSenderTlsTest, BrokenAuthoritiesTrustNobody) {
  EXPECT_THAT(Get("localhost", "no certificate"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("localhost")));

  EXPECT_EQ(server_.bytes(), 0);
}

// A server that wants to know who calls.
class ClientCertificateTest : public testing::Test {
 protected:
  absl::StatusOr<base::HttpResponse> GetAs(const support::Identity& identity) const {
    CurlSender sender(CurlSender::Options{.authorities = authority_.certificate(),
                                          .certificate = identity.certificate,
                                          .private_key = identity.private_key});
    return sender.Send({.url = server_.UrlAt("localhost")}, {});
  }

  const TestAuthority authority_{"authority"};
  const TestAuthority other_{"other"};
  TlsServer server_{authority_.IssueServer(), authority_.certificate()};
};

TEST_F(ClientCertificateTest, IsShownToAServerThatAsks) {
  const auto answer = GetAs(authority_.IssueClient("client"));

  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->body, "hello");
}

TEST_F(ClientCertificateTest, ThatIsMissingOrUnknownIsUnavailable) {
  for (const support::Identity& identity : {support::Identity{}, other_.IssueClient("client")}) {
    EXPECT_THAT(GetAs(identity), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("localhost")));
  }
}

TEST_F(ClientCertificateTest, WithoutItsKeyIsUnavailable) {
  const support::Identity own = authority_.IssueClient("client");

  EXPECT_THAT(GetAs({own.certificate, authority_.IssueClient("client").private_key}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("localhost")));

  EXPECT_EQ(server_.bytes(), 0);
}

}  // namespace
}  // namespace muster::net
