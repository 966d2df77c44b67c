#include "auth/token_check.h"

#include <ostream>

#include "auth/json_web_token.h"
#include "gmock/gmock.h"
#include "tests/auth/token_fixture.h"

namespace muster::auth {
namespace {

using support::Base64Url;
using support::TestKey;

constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;

Verdict Check(std::string_view token, const RevocationList& revocations = {}) {
  Claims claims;
  return CheckToken(token, TestKeySet(), revocations, kTestNow, kTestLeeway, &claims);
}

const TestKey& Key() { return TestKey::Shared(); }
std::string Good() { return TokenWith("{}"); }
std::string WithHeader(std::string_view header) { return Key().Sign(header, ClaimsWith("{}")); }

// The token with one part of three put in place.
std::string WithPart(int part, const std::string& text) {
  std::string token = Good();
  const size_t first = token.find('.');
  const size_t second = token.rfind('.');
  if (part == 0) return text + token.substr(first);
  if (part == 1) return token.substr(0, first + 1) + text + token.substr(second);
  return token.substr(0, second + 1) + text;
}

std::string WithFlippedSignature() {
  std::string token = Good();
  char& c = token[token.size() - 100];
  c = c == 'A' ? 'B' : 'A';
  return token;
}

struct TokenCase {
  const char* name;
  std::string (*token)();
  Verdict verdict;
};

std::ostream& operator<<(std::ostream& out, const TokenCase& c) { return out << c.name; }

class TokenFormTest : public testing::TestWithParam<TokenCase> {};

TEST_P(TokenFormTest, HasItsVerdictAndCode) {
  const Verdict verdict = Check(GetParam().token());

  EXPECT_EQ(VerdictName(verdict), VerdictName(GetParam().verdict));
  EXPECT_EQ(ToStatus(verdict).code(),
            GetParam().verdict == Verdict::kAllowed ? absl::StatusCode::kOk : kUnauthenticated);
}

const TokenCase kTokens[] = {
    {"good", Good, Verdict::kAllowed},
    {"extra_header_members",
     [] {
       return WithHeader(R"({"alg":"RS256","kid":"key-1","x5u":"http://x","jku":"http://x"})");
     },
     Verdict::kAllowed},
    {"empty", [] { return std::string(); }, Verdict::kMalformed},
    {"word", [] { return std::string("token"); }, Verdict::kMalformed},
    {"two_points", [] { return std::string(".."); }, Verdict::kMalformed},
    {"two_parts", [] { return Good().substr(0, Good().rfind('.')); }, Verdict::kMalformed},
    {"four_parts", [] { return Good() + ".AAAA"; }, Verdict::kMalformed},
    {"point_at_the_end", [] { return Good() + "."; }, Verdict::kMalformed},
    {"newline_at_the_end", [] { return Good() + "\n"; }, Verdict::kMalformed},
    {"blank_at_the_end", [] { return Good() + " "; }, Verdict::kMalformed},
    {"blank_at_the_start", [] { return " " + Good(); }, Verdict::kMalformed},
    {"zero_byte_at_the_end", [] { return Good() + '\0'; }, Verdict::kMalformed},
    {"padded_signature", [] { return Good() + "=="; }, Verdict::kMalformed},
    {"padded_header", [] { return WithPart(0, "e30="); }, Verdict::kMalformed},
    {"bad_base64_header", [] { return WithPart(0, "!!!!"); }, Verdict::kMalformed},
    {"bad_base64_payload", [] { return WithPart(1, "!!!!"); }, Verdict::kMalformed},
    {"bad_base64_signature", [] { return WithPart(2, "!!!!"); }, Verdict::kMalformed},
    {"header_not_object", [] { return WithHeader("[]"); }, Verdict::kMalformed},
    {"header_not_json", [] { return WithHeader("RS256"); }, Verdict::kMalformed},
    {"payload_not_object", [] { return Key().Token("[]"); }, Verdict::kMalformed},
    {"payload_empty", [] { return Key().Token(""); }, Verdict::kMalformed},
    {"payload_not_utf8", [] { return Key().Token("{\"exp\":1,\"sub\":\"\xff\xfe\"}"); },
     Verdict::kMalformed},
    {"payload_cut_by_zero", [] { return Key().Token(ClaimsWith("{}") + std::string("\0x", 2)); },
     Verdict::kMalformed},
    {"payload_too_deep",
     [] { return Key().Token(R"({"a":)" + std::string(5000, '[') + std::string(5000, ']') + "}"); },
     Verdict::kMalformed},
    {"oversize", [] { return TokenWith(R"({"x":")" + std::string(kMaxTokenBytes, 'x') + R"("})"); },
     Verdict::kMalformed},
    {"alg_none",
     [] { return support::JoinToken(R"({"alg":"none","kid":"key-1"})", ClaimsWith("{}"), ""); },
     Verdict::kWrongAlgorithm},
    {"alg_none_signed", [] { return WithHeader(R"({"alg":"none","kid":"key-1"})"); },
     Verdict::kWrongAlgorithm},
    {"alg_missing", [] { return WithHeader(R"({"kid":"key-1"})"); }, Verdict::kWrongAlgorithm},
    {"alg_number", [] { return WithHeader(R"({"alg":256,"kid":"key-1"})"); },
     Verdict::kWrongAlgorithm},
    {"alg_lower_case", [] { return WithHeader(R"({"alg":"rs256","kid":"key-1"})"); },
     Verdict::kWrongAlgorithm},
    {"hs256_with_the_public_key",
     [] {
       return support::SignHs256(R"({"alg":"HS256","kid":"key-1"})", ClaimsWith("{}"),
                                 Key().public_pem());
     },
     Verdict::kWrongAlgorithm},
    {"hs256_called_rs256",
     [] { return support::SignHs256(Key().header(), ClaimsWith("{}"), Key().public_pem()); },
     Verdict::kBadSignature},
    {"rs384",
     [] { return Key().Sign(R"({"alg":"RS384","kid":"key-1"})", ClaimsWith("{}"), "SHA384"); },
     Verdict::kWrongAlgorithm},
    {"rs384_called_rs256", [] { return Key().Sign(Key().header(), ClaimsWith("{}"), "SHA384"); },
     Verdict::kBadSignature},
    {"kid_missing", [] { return WithHeader(R"({"alg":"RS256"})"); }, Verdict::kMalformed},
    {"kid_number", [] { return WithHeader(R"({"alg":"RS256","kid":1})"); }, Verdict::kMalformed},
    {"kid_null", [] { return WithHeader(R"({"alg":"RS256","kid":null})"); }, Verdict::kMalformed},
    {"kid_empty", [] { return WithHeader(R"({"alg":"RS256","kid":""})"); }, Verdict::kUnknownKey},
    {"kid_unknown", [] { return TestKey::Other().Token(ClaimsWith("{}")); }, Verdict::kUnknownKey},
    {"kid_of_another_key", [] { return TestKey::Other().Named("key-1").Token(ClaimsWith("{}")); },
     Verdict::kBadSignature},
    {"embedded_key_of_an_attacker",
     [] {
       return TestKey::Other().Sign(
           R"({"alg":"RS256","kid":"key-1","jwk":)" + TestKey::Other().jwk() + "}",
           ClaimsWith("{}"));
     },
     Verdict::kBadSignature},
    {"crit", [] { return WithHeader(R"({"alg":"RS256","kid":"key-1","crit":["exp"]})"); },
     Verdict::kMalformed},
    {"crit_null", [] { return WithHeader(R"({"alg":"RS256","kid":"key-1","crit":null})"); },
     Verdict::kMalformed},
    {"tampered_payload", [] { return WithPart(1, Base64Url(ClaimsWith(R"({"sub":"mallory"})"))); },
     Verdict::kBadSignature},
    {"tampered_header", [] { return WithPart(0, Base64Url(R"({"alg":"RS256","kid":"key-1"})")); },
     Verdict::kBadSignature},
    {"tampered_signature", WithFlippedSignature, Verdict::kBadSignature},
    {"empty_signature", [] { return WithPart(2, ""); }, Verdict::kBadSignature},
    {"short_signature", [] { return WithPart(2, "AAAA"); }, Verdict::kBadSignature},
    {"long_signature", [] { return WithPart(2, std::string(4000, 'A')); }, Verdict::kBadSignature},
};

INSTANTIATE_TEST_SUITE_P(Tokens, TokenFormTest, testing::ValuesIn(kTokens),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(CheckToken, GivesTheClaimsOfATokenThatHolds) {
  Claims claims;
  const std::string token = TokenWith(R"({"roles":["r1","r2"],"nbf":1700000000,
      "namespace_roles":[{"roleId":"r3","namespace":"n3"}],
      "permissions":[{"Resource":"A","Action":2}]})");

  ASSERT_EQ(CheckToken(token, TestKeySet(), {}, kTestNow, kTestLeeway, &claims), Verdict::kAllowed);

  EXPECT_EQ(claims.subject, "alice");
  EXPECT_EQ(claims.name_space, "studio-game");
  EXPECT_EQ(claims.extend_namespace, "studio-game");
  EXPECT_THAT(claims.roles, testing::ElementsAre("r1", "r2"));
  EXPECT_THAT(claims.permissions, testing::ElementsAre(Permission{"A", 2}));
  ASSERT_EQ(claims.namespace_roles.size(), 1);
  EXPECT_EQ(claims.namespace_roles[0].role_id, "r3");
  EXPECT_EQ(claims.namespace_roles[0].name_space, "n3");
  EXPECT_EQ(claims.times.expires_at.time_since_epoch().count(), kNowSeconds + 3600);
  EXPECT_EQ(claims.times.not_before.time_since_epoch().count(), 1'700'000'000);
  EXPECT_EQ(claims.times.issued_at.time_since_epoch().count(), kNowSeconds - 60);
}

TEST(CheckToken, RefusesARevokedToken) {
  std::string words = std::to_string(UINT64_MAX);
  const RevocationList all = RevocationList::Parse(R"({"revoked_tokens":{"bits":[)" + words +
                                                   R"(],"k":7},"revoked_users":null})")
                                 .value();

  EXPECT_EQ(Check(Good(), all), Verdict::kTokenRevoked);
}

struct RevokedCase {
  const char* patch;
  const char* revoked_at;
  Verdict verdict;
};

// The tests' time is 2027-01-15T08:00:00Z.
TEST(CheckToken, RefusesWhatAUserGotBeforeBeingRevoked) {
  for (const RevokedCase& c : {
           RevokedCase{R"({"iat":1799999940})", "2027-01-15T07:58:59Z", Verdict::kAllowed},
           RevokedCase{R"({"iat":1799999940})", "2027-01-15T07:59:00.9Z", Verdict::kUserRevoked},
           RevokedCase{R"({"iat":1799999940})", "2027-01-15T07:59:01Z", Verdict::kUserRevoked},
           RevokedCase{R"({"iat":null})", "1970-01-01T00:00:00Z", Verdict::kUserRevoked},
           RevokedCase{R"({"sub":"bob"})", "2027-01-15T07:59:01Z", Verdict::kAllowed},
       }) {
    const RevocationList list =
        RevocationList::Parse(
            std::string(R"({"revoked_tokens":null,"revoked_users":[{"id":"alice","revoked_at":")") +
            c.revoked_at + R"("}]})")
            .value();
    EXPECT_EQ(Check(TokenWith(c.patch), list), c.verdict) << c.patch << c.revoked_at;
  }
}

}  // namespace
}  // namespace muster::auth
