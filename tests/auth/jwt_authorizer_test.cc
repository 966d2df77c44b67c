#include "auth/jwt_authorizer.h"

#include <ostream>

#include "gmock/gmock.h"
#include "tests/fakes/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_keys.h"

namespace muster::auth {
namespace {

using std::chrono::seconds;
using support::Base64Url;
using support::IsOk;
using support::JoinToken;
using support::SignHs256;
using support::StatusIs;
using support::TestKey;

constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;
constexpr char kHeader[] = R"({"alg":"HS256","typ":"JWT"})";
// The fake clock's time is 1767225600.
constexpr char kClaims[] = R"({"user_id":"alice","username":"Alice","exp":1767229200})";
constexpr char kSecret[] = "the secret of today, 32 bytes or more";
constexpr char kOldSecret[] = "the secret of yesterday, also that long";

std::string Good() { return SignHs256(kHeader, kClaims, kSecret); }
std::string WithHeader(std::string_view header) { return SignHs256(header, kClaims, kSecret); }

class JwtAuthorizerTest : public testing::Test {
 protected:
  explicit JwtAuthorizerTest(std::vector<std::string> secrets = {kSecret, kOldSecret})
      : authorizer_({.secrets = std::move(secrets)}, nullptr, clock_) {}

  absl::StatusOr<Identity> Authorize(std::string_view token) {
    return authorizer_.Authorize("Bearer " + std::string(token));
  }

  fakes::FakeClock clock_;
  JwtAuthorizer authorizer_;
};

TEST_F(JwtAuthorizerTest, TellsWhoHasAGoodToken) {
  const absl::StatusOr<Identity> identity = Authorize(Good());

  ASSERT_THAT(identity, IsOk());
  EXPECT_EQ(identity->client_id, "alice");
  EXPECT_EQ(identity->name, "Alice");
  EXPECT_FALSE(identity->is_admin);
  EXPECT_THAT(authorizer_.Ready(), IsOk());
}

TEST_F(JwtAuthorizerTest, TellsAnAdministrator) {
  const absl::StatusOr<Identity> identity = Authorize(
      SignHs256(kHeader, R"({"user_id":1,"exp":1767229200,"roles":["muster-admin"]})", kSecret));

  ASSERT_THAT(identity, IsOk());
  EXPECT_TRUE(identity->is_admin);
}

TEST_F(JwtAuthorizerTest, TakesAnyWordBeforeTheToken) {
  for (const std::string scheme : {"Bearer", "bearer", "JWT", "Token", "x", "Bearer  "}) {
    EXPECT_THAT(authorizer_.Authorize(scheme + " " + Good()), IsOk()) << scheme;
  }
}

TEST_F(JwtAuthorizerTest, RefusesHeadersOfAnotherForm) {
  EXPECT_THAT(authorizer_.Authorize(std::nullopt),
              StatusIs(kUnauthenticated, "the call needs a valid access token"));
  const std::string token = Good();
  for (const std::string& header :
       {std::string(), std::string(" "), std::string("Bearer"), std::string("Bearer "),
        std::string("Bearer   "), token, " " + token, "Bearer\t" + token, "Bearer " + token + " ",
        "Bearer " + token + " x", "Bearer x " + token, "Bearer " + token + "," + token,
        "Bearer \"" + token + "\""}) {
    EXPECT_THAT(authorizer_.Authorize(header),
                StatusIs(kUnauthenticated, "the call needs a valid access token"))
        << header;
  }
}

TEST_F(JwtAuthorizerTest, TakesEverySecretAndNoOther) {
  EXPECT_THAT(Authorize(SignHs256(kHeader, kClaims, kOldSecret)), IsOk());
  EXPECT_THAT(Authorize(SignHs256(kHeader, kClaims, "a secret of somebody else's making")),
              StatusIs(kUnauthenticated, "the call needs a valid access token"));
}

class EmptySecretTest : public JwtAuthorizerTest {
 protected:
  EmptySecretTest() : JwtAuthorizerTest({""}) {}
};

TEST_F(EmptySecretTest, SignsNothing) {
  EXPECT_THAT(Authorize(SignHs256(kHeader, kClaims, "")),
              StatusIs(kUnauthenticated, "the call needs a valid access token"));
}

class NoSecretTest : public JwtAuthorizerTest {
 protected:
  NoSecretTest() : JwtAuthorizerTest(std::vector<std::string>()) {}
};

TEST_F(NoSecretTest, LetsNobodyInWithoutSecretsAndKeys) {
  for (const std::string& token :
       {SignHs256(kHeader, kClaims, ""), TestKey::Shared().Token(kClaims)}) {
    EXPECT_THAT(Authorize(token),
                StatusIs(kUnauthenticated, "the call needs a valid access token"));
  }
}

struct BadToken {
  const char* name;
  std::string (*token)();
};

std::ostream& operator<<(std::ostream& out, const BadToken& bad) { return out << bad.name; }

class JwtAuthorizerRefuses : public JwtAuthorizerTest,
                             public testing::WithParamInterface<BadToken> {};

TEST_P(JwtAuthorizerRefuses, WithoutSayingWhy) {
  EXPECT_THAT(Authorize(GetParam().token()),
              StatusIs(kUnauthenticated, "the call needs a valid access token"));
}

const BadToken kBad[] = {
    {"word", [] { return std::string("alice"); }},
    {"two_points", [] { return std::string(".."); }},
    {"alg_none", [] { return JoinToken(R"({"alg":"none"})", kClaims, ""); }},
    {"alg_none_signed", [] { return WithHeader(R"({"alg":"none"})"); }},
    {"alg_none_upper_case", [] { return JoinToken(R"({"alg":"NONE"})", kClaims, ""); }},
    {"alg_missing", [] { return WithHeader("{}"); }},
    {"alg_null", [] { return WithHeader(R"({"alg":null})"); }},
    {"alg_array", [] { return WithHeader(R"({"alg":["HS256"]})"); }},
    {"alg_lower_case", [] { return WithHeader(R"({"alg":"hs256"})"); }},
    {"hs512", [] { return WithHeader(R"({"alg":"HS512"})"); }},
    {"rs256_signed_with_the_secret", [] { return WithHeader(R"({"alg":"RS256","kid":"key-1"})"); }},
    {"rs256", [] { return TestKey::Shared().Token(kClaims); }},
    {"crit", [] { return WithHeader(R"({"alg":"HS256","crit":["exp"]})"); }},
    {"embedded_secret",
     [] {
       return SignHs256(R"({"alg":"HS256","jwk":{"kty":"oct","k":"b3duCg"}})", kClaims, "own\n");
     }},
    {"empty_signature", [] { return JoinToken(kHeader, kClaims, ""); }},
    {"short_signature", [] { return Good().substr(0, Good().size() - 4); }},
    {"long_signature", [] { return Good() + "AAAA"; }},
    {"zero_signature", [] { return JoinToken(kHeader, kClaims, std::string(32, '\0')); }},
    {"tampered_payload",
     [] {
       std::string token = Good();
       const size_t first = token.find('.');
       return token.substr(0, first + 1) + Base64Url(R"({"user_id":"bob","exp":1767229200})") +
              token.substr(token.rfind('.'));
     }},
    {"tampered_header",
     [] { return Base64Url(R"({"alg":"HS256"})") + Good().substr(Good().find('.')); }},
    {"payload_not_json", [] { return SignHs256(kHeader, "alice", kSecret); }},
    {"expired",
     [] { return SignHs256(kHeader, R"({"user_id":"alice","exp":1767225590})", kSecret); }},
    {"without_exp", [] { return SignHs256(kHeader, R"({"user_id":"alice"})", kSecret); }},
    {"without_user",
     [] { return SignHs256(kHeader, R"({"username":"A","exp":1767229200})", kSecret); }},
    {"refresh_token",
     [] {
       return SignHs256(kHeader, R"({"user_id":1,"token_type":"refresh","exp":1767229200})",
                        kSecret);
     }},
    {"oversize",
     [] {
       return SignHs256(
           kHeader,
           R"({"user_id":1,"exp":1767229200,"x":")" + std::string(kMaxTokenBytes, 'x') + R"("})",
           kSecret);
     }},
};
INSTANTIATE_TEST_SUITE_P(Tokens, JwtAuthorizerRefuses, testing::ValuesIn(kBad),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(JwtAuthorizerTest, PassesOverTheKeyIdOfASecret) {
  EXPECT_THAT(Authorize(WithHeader(R"({"alg":"HS256","kid":"today"})")), IsOk());
  EXPECT_THAT(Authorize(WithHeader(R"({"alg":"HS256","kid":7})")), IsOk());
}

TEST_F(JwtAuthorizerTest, ARememberedTokenExpires) {
  const std::string token = Good();
  ASSERT_THAT(Authorize(token), IsOk());

  clock_.Advance(seconds(3609));
  EXPECT_THAT(Authorize(token), IsOk());
  clock_.Advance(seconds(1));
  EXPECT_THAT(Authorize(token), StatusIs(kUnauthenticated, "the call needs a valid access token"));
}

TEST_F(JwtAuthorizerTest, TellsRememberedTokensApart) {
  const std::string bob = SignHs256(kHeader, R"({"user_id":"bob","exp":1767229200})", kSecret);

  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Authorize(Good())->client_id, "alice");
    EXPECT_EQ(Authorize(bob)->client_id, "bob");
    EXPECT_FALSE(Authorize(bob + "A").ok());
  }
}

}  // namespace
}  // namespace muster::auth
