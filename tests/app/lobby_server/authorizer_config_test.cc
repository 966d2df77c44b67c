#include "app/lobby_server/authorizer_config.h"

#include <ostream>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace muster::app::lobby_server {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";
using Variables = std::map<std::string, std::string, std::less<>>;

struct Outcome {
  AuthorizerConfig config;
  absl::Status status;
};

Outcome ReadOnly(Variables variables) {
  const base::MapEnvironment environment(std::move(variables));
  base::EnvReader env(environment);
  AuthorizerConfig config = ReadAuthorizerConfig(env);
  return {std::move(config), env.status()};
}

// With a secret, unless the variables say otherwise.
Outcome Read(Variables variables) {
  variables.emplace("LOBBY_JWT_SECRETS", kSecret);
  return ReadOnly(std::move(variables));
}

TEST(AuthorizerConfig, TakesTokensByDefault) {
  const Outcome read = Read({});

  EXPECT_THAT(read.status, IsOk());
  EXPECT_FALSE(read.config.is_dev);
  EXPECT_THAT(read.config.jwt.secrets, ElementsAre(kSecret));
  EXPECT_TRUE(read.config.jwt.policy.require_exp);
  EXPECT_EQ(read.config.jwt.policy.issuer, "");
  EXPECT_EQ(read.config.jwt.policy.audience, "");
  EXPECT_EQ(read.config.jwt.policy.admin_claim, "roles");
  EXPECT_EQ(read.config.jwt.policy.admin_value, "muster-admin");
  EXPECT_EQ(read.config.jwks.url, "");
  EXPECT_EQ(read.config.jwks.fetch_interval, std::chrono::hours(1));
  EXPECT_EQ(read.config.admin_token, "");
  EXPECT_FALSE(read.config.allow_insecure);
}

TEST(AuthorizerConfig, ReadsEveryVariable) {
  const std::string other(40, 'x');
  const Outcome read = ReadOnly({{"LOBBY_AUTH", "JWT"},
                                 {"LOBBY_JWT_SECRETS", std::string(kSecret) + " , " + other},
                                 {"LOBBY_JWKS_URL", "https://issuer.example/jwks.json"},
                                 {"LOBBY_JWKS_INTERVAL_MS", "60000"},
                                 {"LOBBY_JWT_ISSUER", "studio"},
                                 {"LOBBY_JWT_AUDIENCE", "lobby"},
                                 {"LOBBY_JWT_ADMIN_CLAIM", "is_staff"},
                                 {"LOBBY_JWT_ADMIN_VALUE", "true"},
                                 {"LOBBY_JWT_REQUIRE_EXP", "false"},
                                 {"ADMIN_TOKEN", "0123456789abcdef"}});

  EXPECT_THAT(read.status, IsOk());
  EXPECT_THAT(read.config.jwt.secrets, ElementsAre(kSecret, other));
  EXPECT_EQ(read.config.jwks.url, "https://issuer.example/jwks.json");
  EXPECT_EQ(read.config.jwks.fetch_interval, std::chrono::minutes(1));
  EXPECT_EQ(read.config.jwt.policy.issuer, "studio");
  EXPECT_EQ(read.config.jwt.policy.audience, "lobby");
  EXPECT_EQ(read.config.jwt.policy.admin_claim, "is_staff");
  EXPECT_EQ(read.config.jwt.policy.admin_value, "true");
  EXPECT_FALSE(read.config.jwt.policy.require_exp);
  EXPECT_EQ(read.config.admin_token, "0123456789abcdef");
}

TEST(AuthorizerConfig, SaysWhatToSetWhenNoTokenCouldBeVerified) {
  const auto says_all = AllOf(HasSubstr("LOBBY_JWT_SECRETS"), HasSubstr("LOBBY_JWKS_URL"),
                              HasSubstr("LOBBY_AUTH=dev"));

  EXPECT_THAT(ReadOnly({}).status, StatusIs(kInvalid, says_all));
  EXPECT_THAT(ReadOnly({{"LOBBY_ALLOW_INSECURE", "true"}}).status, StatusIs(kInvalid, says_all));
  EXPECT_THAT(ReadOnly({{"LOBBY_JWKS_URL", "https://issuer.example"}}).status, IsOk());
}

TEST(AuthorizerConfig, NeedsNothingForDevelopment) {
  const Outcome read = ReadOnly({{"LOBBY_AUTH", "dev"}});

  EXPECT_THAT(read.status, IsOk());
  EXPECT_TRUE(read.config.is_dev);
  EXPECT_FALSE(read.config.allow_insecure);
}

TEST(AuthorizerConfig, StaysOnTokensWhenTheWordIsMisspelt) {
  EXPECT_FALSE(Read({{"LOBBY_AUTH", "none"}}).config.is_dev);
}

struct BadVariable {
  const char* name;
  Variables variables;
  const char* problem;
};

std::ostream& operator<<(std::ostream& out, const BadVariable& bad) { return out << bad.name; }

class AuthorizerConfigRefuses : public testing::TestWithParam<BadVariable> {};

TEST_P(AuthorizerConfigRefuses, BadValues) {
  EXPECT_THAT(Read(GetParam().variables).status, StatusIs(kInvalid, HasSubstr(GetParam().problem)));
}

const BadVariable kBad[] = {
    {"unknown_way", {{"LOBBY_AUTH", "none"}}, "LOBBY_AUTH `none` is none of: jwt, dev"},
    {"short_secret",
     {{"LOBBY_JWT_SECRETS", std::string(kSecret) + ",0123456789abcdef0123456789abcde"}},
     "LOBBY_JWT_SECRETS: secret 2 has 31 bytes, fewer than 32"},
    {"empty_secret",
     {{"LOBBY_JWT_SECRETS", std::string(kSecret) + ", "}},
     "LOBBY_JWT_SECRETS: secret 2 is empty"},
    {"empty_secret_of_the_careless",
     {{"LOBBY_JWT_SECRETS", ",x"}, {"LOBBY_ALLOW_INSECURE", "true"}},
     "LOBBY_JWT_SECRETS: secret 1 is empty"},
    {"url_of_a_file", {{"LOBBY_JWKS_URL", "file:///etc/passwd"}}, "LOBBY_JWKS_URL: "},
    {"url_of_the_careless",
     {{"LOBBY_JWKS_URL", "issuer"}, {"LOBBY_ALLOW_INSECURE", "true"}},
     "LOBBY_JWKS_URL: "},
    {"plain_url", {{"LOBBY_JWKS_URL", "http://issuer.example"}}, "LOBBY_JWKS_URL: whoever is on"},
    {"short_interval", {{"LOBBY_JWKS_INTERVAL_MS", "999"}}, "from 1000 to 2592000000"},
    {"long_interval", {{"LOBBY_JWKS_INTERVAL_MS", "2592000001"}}, "from 1000 to 2592000000"},
    {"exp_typo", {{"LOBBY_JWT_REQUIRE_EXP", "ture"}}, "LOBBY_JWT_REQUIRE_EXP `ture`"},
    {"insecure_typo", {{"LOBBY_ALLOW_INSECURE", "ja"}}, "LOBBY_ALLOW_INSECURE `ja`"},
    {"short_admin_token", {{"ADMIN_TOKEN", "0123456789abcde"}}, "ADMIN_TOKEN has 15 bytes, fewer"},
    {"short_admin_token_of_the_careless",
     {{"ADMIN_TOKEN", "x"}, {"LOBBY_ALLOW_INSECURE", "true"}},
     "ADMIN_TOKEN has 1 bytes, fewer than 16"},
};
INSTANTIATE_TEST_SUITE_P(Values, AuthorizerConfigRefuses, testing::ValuesIn(kBad),
                         [](const auto& bad) { return std::string(bad.param.name); });

TEST(AuthorizerConfig, TakesWhatIsInsecureFromWhoeverSaysSo) {
  const Outcome read = Read({{"LOBBY_JWT_SECRETS", "short"},
                             {"LOBBY_JWKS_URL", "http://issuer:8080/jwks"},
                             {"LOBBY_ALLOW_INSECURE", "true"}});

  EXPECT_THAT(read.status, IsOk());
  EXPECT_THAT(read.config.jwt.secrets, ElementsAre("short"));
  EXPECT_EQ(read.config.jwks.url, "http://issuer:8080/jwks");
  EXPECT_TRUE(read.config.allow_insecure);
}

TEST(AuthorizerConfig, NamesAllProblemsAtOnce) {
  const Outcome read =
      Read({{"LOBBY_JWT_SECRETS", "a"}, {"LOBBY_JWKS_URL", "x"}, {"ADMIN_TOKEN", "b"}});

  EXPECT_THAT(read.status,
              StatusIs(kInvalid, AllOf(HasSubstr("LOBBY_JWT_SECRETS"), HasSubstr("LOBBY_JWKS_URL"),
                                       HasSubstr("ADMIN_TOKEN"))));
}

TEST(AuthorizerConfig, NeverShowsASecret) {
  const Outcome read =
      Read({{"LOBBY_JWT_SECRETS", "s3cr3t,,"}, {"ADMIN_TOKEN", "t0k3n"}, {"LOBBY_AUTH", "x"}});

  EXPECT_THAT(read.status,
              StatusIs(kInvalid, AllOf(Not(HasSubstr("s3cr3t")), Not(HasSubstr("t0k3n")))));
}

}  // namespace
}  // namespace muster::app::lobby_server
