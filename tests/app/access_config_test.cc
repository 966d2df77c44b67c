#include "app/access_config.h"

#include <unistd.h>

#include <fstream>
#include <ostream>

#include "base/strings.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_certificates.h"

namespace muster::app {
namespace {

using support::EncryptKey;
using support::Identity;
using support::IsOk;
using support::StatusIs;
using support::TestAuthority;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
using Variables = std::map<std::string, std::string, std::less<>>;

struct AccessOutcome {
  AccessConfig config;
  absl::Status status;
};

// With the client's id and secret, unless the variables say otherwise.
AccessOutcome Read(Variables variables) {
  variables.emplace("AB_CLIENT_ID", "id");
  variables.emplace("AB_CLIENT_SECRET", "secret");
  const base::MapEnvironment environment(std::move(variables));
  base::EnvReader env(environment);
  AccessConfig config = ReadAccessConfig(env);
  return {std::move(config), env.status()};
}

TEST(AccessConfig, IsOnAndAsksTheDemoServerByDefault) {
  const AccessOutcome read = Read({});

  EXPECT_THAT(read.status, IsOk());
  EXPECT_TRUE(read.config.enabled);
  EXPECT_EQ(read.config.options.iam.base_url, "https://demo.accelbyte.io");
  EXPECT_EQ(read.config.options.policy.name_space, "accelbyte");
  EXPECT_EQ(read.config.options.policy.resource_name, "MMV2GRPCSERVICE");
  EXPECT_EQ(read.config.options.fetch_interval, std::chrono::hours(1));
  EXPECT_EQ(read.config.options.max_cached_tokens, 10'000u);
}

TEST(AccessConfig, ReadsEveryVariable) {
  const AccessOutcome read = Read({{"AB_BASE_URL", "http://iam.example:8080/base"},
                                   {"AB_CLIENT_ID", "own-id"},
                                   {"AB_CLIENT_SECRET", "own secret"},
                                   {"AB_NAMESPACE", "my-game.1_x"},
                                   {"AB_RESOURCE_NAME", "OTHER"},
                                   {"TOKEN_VALIDATOR_FETCH_INTERVAL", "60"},
                                   {"MAX_CACHED_TOKENS", "500"}});

  EXPECT_THAT(read.status, IsOk());
  EXPECT_EQ(read.config.options.iam.base_url, "http://iam.example:8080/base");
  EXPECT_EQ(read.config.options.iam.client_id, "own-id");
  EXPECT_EQ(read.config.options.iam.client_secret, "own secret");
  EXPECT_EQ(read.config.options.policy.name_space, "my-game.1_x");
  EXPECT_EQ(read.config.options.policy.resource_name, "OTHER");
  EXPECT_EQ(read.config.options.fetch_interval, std::chrono::minutes(1));
  EXPECT_EQ(read.config.options.max_cached_tokens, 500u);
}

struct Switches {
  const char* name;
  const char* plugin;
  const char* interceptor;
  bool enabled;
};

std::ostream& operator<<(std::ostream& out, const Switches& row) { return out << row.name; }

class AccessSwitches : public testing::TestWithParam<Switches> {};

TEST_P(AccessSwitches, DecideWhetherItIsOn) {
  const AccessOutcome read = Read({{"PLUGIN_GRPC_SERVER_AUTH_ENABLED", GetParam().plugin},
                                   {"ENABLE_INTERCEPTOR_AUTH", GetParam().interceptor}});

  EXPECT_THAT(read.status, IsOk());
  EXPECT_EQ(read.config.enabled, GetParam().enabled);
}

INSTANTIATE_TEST_SUITE_P(Rows, AccessSwitches,
                         testing::Values(Switches{"BothOn", "true", "true", true},
                                         Switches{"BothOff", "false", "false", false},
                                         Switches{"PluginOnWins", "true", "false", true},
                                         Switches{"PluginOffWins", "false", "true", false},
                                         Switches{"InterceptorOnAlone", "", "true", true},
                                         Switches{"InterceptorOffAlone", "", "false", false},
                                         Switches{"OtherSpellings", "0", "TRUE", false}),
                         [](const auto& row) { return row.param.name; });

TEST(AccessConfig, NamesBothVariablesOfAClientThatIsNotWhole) {
  const std::string names = "needs AB_CLIENT_ID and AB_CLIENT_SECRET, ";

  EXPECT_THAT(Read({{"AB_CLIENT_ID", ""}, {"AB_CLIENT_SECRET", ""}}).status,
              StatusIs(kInvalid, HasSubstr(names + "both are not set")));
  EXPECT_THAT(Read({{"AB_CLIENT_ID", ""}}).status,
              StatusIs(kInvalid, HasSubstr(names + "AB_CLIENT_ID is not set")));
  EXPECT_THAT(Read({{"AB_CLIENT_SECRET", ""}}).status,
              StatusIs(kInvalid, HasSubstr(names + "AB_CLIENT_SECRET is not set")));
}

TEST(AccessConfig, NeedsNoClientWhenItIsOff) {
  const AccessOutcome read = Read({{"PLUGIN_GRPC_SERVER_AUTH_ENABLED", "false"},
                                   {"AB_CLIENT_ID", ""},
                                   {"AB_CLIENT_SECRET", ""}});

  EXPECT_THAT(read.status, IsOk());
}

TEST(AccessConfig, NeverShowsTheSecret) {
  const AccessOutcome read = Read({{"AB_CLIENT_ID", ""}, {"AB_CLIENT_SECRET", "s3cr3t"}});

  EXPECT_THAT(read.status, StatusIs(kInvalid, Not(HasSubstr("s3cr3t"))));
}

TEST(AccessConfig, DropsSlashesAtTheEndOfTheUrl) {
  EXPECT_EQ(Read({{"AB_BASE_URL", "http://iam/"}}).config.options.iam.base_url, "http://iam");
  EXPECT_EQ(Read({{"AB_BASE_URL", "http://iam/a//"}}).config.options.iam.base_url, "http://iam/a");
}

TEST(AccessConfig, TakesTheNamespaceFromEitherVariable) {
  const auto name_space = [](const Variables& variables) {
    return Read(variables).config.options.policy.name_space;
  };

  EXPECT_EQ(name_space({{"NAMESPACE", "fallback"}}), "fallback");
  EXPECT_EQ(name_space({{"AB_NAMESPACE", "own"}, {"NAMESPACE", "fallback"}}), "own");
  EXPECT_EQ(name_space({{"AB_NAMESPACE", ""}, {"NAMESPACE", "fallback"}}), "fallback");
}

struct BadVariable {
  const char* name;
  const char* variable;
  const char* value;
  const char* problem;
};

std::ostream& operator<<(std::ostream& out, const BadVariable& bad) { return out << bad.name; }

class AccessConfigRefuses : public testing::TestWithParam<BadVariable> {};

TEST_P(AccessConfigRefuses, AndNamesTheVariable) {
  const AccessOutcome read = Read({{GetParam().variable, GetParam().value}});

  EXPECT_THAT(read.status, StatusIs(kInvalid, AllOf(HasSubstr(GetParam().variable),
                                                    HasSubstr(GetParam().problem))));
}

INSTANTIATE_TEST_SUITE_P(
    Values, AccessConfigRefuses,
    testing::Values(
        BadVariable{"UrlWithoutScheme", "AB_BASE_URL", "iam.example", "AB_BASE_URL: "},
        BadVariable{"UrlOfAFile", "AB_BASE_URL", "file:///etc/passwd", "AB_BASE_URL: "},
        BadVariable{"NamespaceWithColon", "AB_NAMESPACE", "a:b", "`a:b` holds something else"},
        BadVariable{"NamespaceWithStar", "AB_NAMESPACE", "*", "`*` holds something else"},
        BadVariable{"NamespaceWithSlash", "NAMESPACE", "a/b", "`a/b` holds something else"},
        BadVariable{"NamespaceWithSpace", "AB_NAMESPACE", "a b", "`a b` holds something else"},
        BadVariable{"NamespaceNotAscii", "AB_NAMESPACE", "caf\xc3\xa9", "holds something else"},
        BadVariable{"ResourceWithColon", "AB_RESOURCE_NAME", "A:B", "`A:B` holds something else"},
        BadVariable{"PluginTypo", "PLUGIN_GRPC_SERVER_AUTH_ENABLED", "ture", "`ture` is neither"},
        BadVariable{"InterceptorTypo", "ENABLE_INTERCEPTOR_AUTH", "ture", "`ture` is neither"},
        BadVariable{"NoInterval", "TOKEN_VALIDATOR_FETCH_INTERVAL", "0", "from 1 to 2592000"},
        BadVariable{"LongInterval", "TOKEN_VALIDATOR_FETCH_INTERVAL", "2592001", "1 to 2592000"},
        BadVariable{"IntervalWithUnit", "TOKEN_VALIDATOR_FETCH_INTERVAL", "1h", "`1h` is not"},
        BadVariable{"FewTokens", "MAX_CACHED_TOKENS", "31", "from 32 to 10000000"},
        BadVariable{"ManyTokens", "MAX_CACHED_TOKENS", "10000001", "from 32 to 10000000"}),
    [](const auto& bad) { return bad.param.name; });

TEST(AccessConfig, TakesTheBoundsOfTheInterval) {
  const auto interval = [](const char* value) {
    const AccessOutcome read = Read({{"TOKEN_VALIDATOR_FETCH_INTERVAL", value}});
    EXPECT_THAT(read.status, IsOk());
    return read.config.options.fetch_interval;
  };

  EXPECT_EQ(interval("1"), std::chrono::seconds(1));
  EXPECT_EQ(interval("2592000"), std::chrono::days(30));
}

TEST(AccessConfig, StaysOnWhenTheSwitchIsMisspelt) {
  EXPECT_TRUE(Read({{"PLUGIN_GRPC_SERVER_AUTH_ENABLED", "flase"}}).config.enabled);
}

// Writes files of the running test and reads the variables that name them.
class TlsConfigTest : public testing::Test {
 protected:
  struct Outcome {
    rpc::Server::Tls tls;
    absl::Status status;
  };

  static Outcome Read(Variables variables) {
    const base::MapEnvironment environment(std::move(variables));
    base::EnvReader env(environment);
    rpc::Server::Tls tls = ReadTls(env);
    return {std::move(tls), env.status()};
  }
  static std::string File(const char* name, const std::string& text) {
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    std::string path =
        base::StrCat(testing::TempDir(), "/", getpid(), ".", test->name(), ".", name);
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  static Variables Pair(const std::string& certificate, const std::string& key) {
    return {{"GRPC_TLS_CERT_FILE", certificate}, {"GRPC_TLS_KEY_FILE", key}};
  }

  const TestAuthority authority_{"authority"};
  const Identity server_ = authority_.IssueServer();
  const std::string certificate_file_ = File("certificate", server_.certificate);
  const std::string key_file_ = File("key", server_.private_key);
};

TEST_F(TlsConfigTest, IsOffByDefault) {
  const Outcome read = Read({});

  EXPECT_THAT(read.status, IsOk());
  EXPECT_EQ(read.tls.certificate_chain, "");
  EXPECT_EQ(read.tls.private_key, "");
  EXPECT_EQ(read.tls.client_authorities, "");
}

TEST_F(TlsConfigTest, ReadsTheFilesThatAreNamed) {
  Variables variables = Pair(certificate_file_, key_file_);
  variables["GRPC_TLS_CLIENT_CA_FILE"] = File("authority", authority_.certificate());

  const Outcome read = Read(variables);

  EXPECT_THAT(read.status, IsOk());
  EXPECT_EQ(read.tls.certificate_chain, server_.certificate);
  EXPECT_EQ(read.tls.private_key, server_.private_key);
  EXPECT_EQ(read.tls.client_authorities, authority_.certificate());
}

TEST_F(TlsConfigTest, NeedsNoAuthoritiesOfCallers) {
  EXPECT_THAT(Read(Pair(certificate_file_, key_file_)).status, IsOk());
}

TEST_F(TlsConfigTest, NamesFilesThatCannotBeRead) {
  EXPECT_THAT(Read(Pair("/no/such", key_file_)).status,
              StatusIs(kInvalid, HasSubstr("GRPC_TLS_CERT_FILE `/no/such` cannot be read")));
  EXPECT_THAT(Read(Pair(certificate_file_, "/no/such")).status,
              StatusIs(kInvalid, HasSubstr("GRPC_TLS_KEY_FILE `/no/such` cannot be read")));
  EXPECT_THAT(Read({{"GRPC_TLS_CLIENT_CA_FILE", "/no/such"}}).status,
              StatusIs(kInvalid, HasSubstr("GRPC_TLS_CLIENT_CA_FILE `/no/such` cannot be read")));
}

TEST_F(TlsConfigTest, NamesAFolder) {
  EXPECT_THAT(Read(Pair(certificate_file_, testing::TempDir())).status,
              StatusIs(kInvalid, HasSubstr("GRPC_TLS_KEY_FILE `")));
}

TEST_F(TlsConfigTest, NamesFilesThatAreEmpty) {
  const std::string empty = File("empty", "");

  EXPECT_THAT(Read(Pair(empty, empty)).status,
              StatusIs(kInvalid, AllOf(HasSubstr("GRPC_TLS_CERT_FILE `" + empty + "` cannot be"),
                                       HasSubstr("GRPC_TLS_KEY_FILE `" + empty + "` cannot be"))));
}

TEST_F(TlsConfigTest, RefusesTheKeyOfAnotherCertificate) {
  const std::string other = File("other", authority_.IssueServer().private_key);

  EXPECT_THAT(Read(Pair(certificate_file_, other)).status,
              StatusIs(kInvalid, HasSubstr("GRPC_TLS_CERT_FILE, GRPC_TLS_KEY_FILE: the private key "
                                           "is not the certificate's")));
}

TEST_F(TlsConfigTest, RefusesAnEncryptedKey) {
  const std::string encrypted = File("encrypted", EncryptKey(server_.private_key));

  EXPECT_THAT(Read(Pair(certificate_file_, encrypted)).status,
              StatusIs(kInvalid, HasSubstr("or is encrypted")));
}

TEST_F(TlsConfigTest, WantsCertificateAndKeyTogether) {
  const char* const problem = "GRPC_TLS_CERT_FILE and GRPC_TLS_KEY_FILE are set both or not at all";

  EXPECT_THAT(Read(Pair(certificate_file_, "")).status, StatusIs(kInvalid, HasSubstr(problem)));
  EXPECT_THAT(Read(Pair("", key_file_)).status, StatusIs(kInvalid, HasSubstr(problem)));
}

TEST_F(TlsConfigTest, TakesAuthoritiesOnlyBesideACertificate) {
  const std::string authority = File("authority", authority_.certificate());

  EXPECT_THAT(Read({{"GRPC_TLS_CLIENT_CA_FILE", authority}}).status,
              StatusIs(kInvalid, "GRPC_TLS_CLIENT_CA_FILE needs GRPC_TLS_CERT_FILE"));
}

TEST_F(TlsConfigTest, RefusesAuthoritiesThatAreNoCertificates) {
  Variables variables = Pair(certificate_file_, key_file_);
  variables["GRPC_TLS_CLIENT_CA_FILE"] = key_file_;

  EXPECT_THAT(Read(variables).status,
              StatusIs(kInvalid, "GRPC_TLS_CLIENT_CA_FILE: holds no certificate in PEM form"));
}

TEST(AccessConfig, TellsWhenSecretsWouldTravelInPlainText) {
  const auto is_exposed = [](const std::string& url) {
    return Read({{"AB_BASE_URL", url}}).config.is_exposed;
  };

  EXPECT_TRUE(is_exposed("http://iam.example.com"));
  EXPECT_TRUE(is_exposed("http://10.0.0.1:8080/base"));
  EXPECT_FALSE(is_exposed("https://iam.example.com"));
  EXPECT_FALSE(is_exposed("http://localhost:8080"));
  EXPECT_FALSE(is_exposed("http://127.0.0.1"));
  EXPECT_FALSE(is_exposed("http://[::1]:80"));
}

TEST(AccessConfig, RefusesABaseUrlThatPathsCannotFollow) {
  for (const char* url : {"https://iam/?x", "https://iam/#x"}) {
    EXPECT_THAT(Read({{"AB_BASE_URL", url}}).status, StatusIs(kInvalid, HasSubstr("no query")))
        << url;
  }
}

}  // namespace
}  // namespace muster::app
