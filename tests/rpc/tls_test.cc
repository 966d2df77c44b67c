#include <chrono>

#include "gmock/gmock.h"
#include "rpc/client/health.h"
#include "rpc/client/match_function_client.h"
#include "tests/rpc/server_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_certificates.h"

// The server and the client library, with TLS between them.
namespace muster::rpc {
namespace {

using client::ClientOptions;
using client::HealthState;
using support::Identity;
using support::StatusIs;
using support::TestAuthority;
using testing::_;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;
// Far above what a handshake takes: a call that hangs fails with DEADLINE_EXCEEDED.
constexpr std::chrono::seconds kDeadline{30};

class TlsTest : public ServerFixture {
 protected:
  TlsTest() {
    const Identity identity = authority_.IssueServer();
    options_.tls = {identity.certificate, identity.private_key, ""};
  }

  // A client of the server that speaks plain text.
  ClientOptions PlainClient() {
    ClientOptions options;
    options.target = server().address();
    options.deadline = kDeadline;
    return options;
  }
  // One that trusts the server's authority.
  ClientOptions Client() {
    ClientOptions options = PlainClient();
    options.tls.authorities = authority_.certificate();
    return options;
  }
  ClientOptions ClientWith(const Identity& identity) {
    ClientOptions options = Client();
    options.tls.certificate_chain = identity.certificate;
    options.tls.private_key = identity.private_key;
    return options;
  }

  static absl::StatusOr<HealthState> Ask(const ClientOptions& options) {
    return client::CheckHealth(options, "");
  }
  static void ExpectServed(const ClientOptions& options) {
    const auto state = Ask(options);
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_EQ(*state, HealthState::kServing);
  }

  const TestAuthority authority_{"muster test authority"};
};

// As above, and callers show a certificate of `callers_`.
class MutualTlsTest : public TlsTest {
 protected:
  MutualTlsTest() { options_.tls.client_authorities = callers_.certificate(); }

  const TestAuthority callers_{"muster test callers"};
};

TEST_F(TlsTest, ServesClientsThatTrustItsAuthority) { ExpectServed(Client()); }

TEST_F(TlsTest, CarriesUnaryCallsAndStreams) {
  client::MatchFunctionClient matchmaker(Client());
  int sent = 0;
  int received = 0;
  client::MakeMatchesCall call;
  call.tickets = [&]() -> absl::StatusOr<std::optional<client::WireTicket>> {
    if (sent == 2) return std::nullopt;
    const std::string id = std::to_string(++sent);
    return client::WireTicket{id, TicketOf(id).SerializeAsString()};
  };
  call.on_match = [&](const client::MatchResult&) { ++received; };

  EXPECT_TRUE(matchmaker.ValidateTicket({"a", TicketOf("a").SerializeAsString()}, "").ok());
  EXPECT_TRUE(matchmaker.MakeMatches(call).ok());
  EXPECT_EQ(received, 1);
}

TEST_F(TlsTest, IsOfNoUseToPlainText) {
  EXPECT_THAT(Ask(PlainClient()), StatusIs(kUnavailable, _));
  ExpectServed(Client());
}

TEST_F(TlsTest, IsNotTrustedWithoutItsAuthority) {
  ClientOptions options = PlainClient();
  // TLS, but with the authorities of the machine.
  options.tls.server_name = "localhost";

  EXPECT_THAT(Ask(options), StatusIs(kUnavailable, _));
}

TEST_F(TlsTest, IsNotTrustedByThoseOfAnotherAuthority) {
  ClientOptions options = PlainClient();
  options.tls.authorities = TestAuthority("another").certificate();

  EXPECT_THAT(Ask(options), StatusIs(kUnavailable, _));
}

TEST_F(TlsTest, NeedsTheNameThatTheClientExpects) {
  ClientOptions options = Client();

  options.tls.server_name = "elsewhere.example";
  EXPECT_THAT(Ask(options), StatusIs(kUnavailable, _));
  options.tls.server_name = "localhost";
  ExpectServed(options);
}

TEST_F(TlsTest, IsNotSpokenByAServerWithoutCertificate) {
  options_.tls = {};

  EXPECT_THAT(Ask(Client()), StatusIs(kUnavailable, _));
  ExpectServed(PlainClient());
}

TEST_F(TlsTest, DoesNotAskForCertificatesUnlessTold) {
  ExpectServed(ClientWith(TestAuthority("another").IssueClient("anybody")));
}

TEST_F(MutualTlsTest, ServesClientsWithACertificateOfTheAuthority) {
  ExpectServed(ClientWith(callers_.IssueClient("a caller")));
}

TEST_F(MutualTlsTest, RefusesClientsWithoutCertificate) {
  EXPECT_THAT(Ask(Client()), StatusIs(kUnavailable, _));
}

TEST_F(MutualTlsTest, RefusesACertificateOfAnotherAuthority) {
  const Identity stranger = TestAuthority("another").IssueClient("a caller");

  EXPECT_THAT(Ask(ClientWith(stranger)), StatusIs(kUnavailable, _));
  ExpectServed(ClientWith(callers_.IssueClient("a caller")));
}

TEST_F(MutualTlsTest, RefusesACertificateThatOnlyBearsTheAuthoritysName) {
  const Identity forged = TestAuthority("muster test callers").IssueClient("a caller");

  EXPECT_THAT(Ask(ClientWith(forged)), StatusIs(kUnavailable, _));
}

}  // namespace
}  // namespace muster::rpc
