#include <cstdlib>
#include <ostream>

#include "gmock/gmock.h"
#include "tests/app/ctl/ctl_driver.h"
#include "tests/rpc/server_fixture.h"
#include "tests/support/test_certificates.h"

// The commands and a server with TLS.
namespace muster::app::ctl {
namespace {

using support::EncryptKey;
using support::Identity;
using support::TestAuthority;
using testing::HasSubstr;

// Sets a variable of this process for the life of the object.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    EXPECT_EQ(setenv(name, value.c_str(), 1), 0);
  }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* const name_;
};

// A server that asks its callers for certificates, and files for musterctl.
class TlsFlags : public rpc::ServerFixture {
 protected:
  TlsFlags() {
    const Identity identity = authority_.IssueServer();
    options_.tls = {identity.certificate, identity.private_key, authority_.certificate()};
  }

  // musterctl health with these flags beside the target.
  Outcome Health(const std::vector<std::string>& flags) {
    std::vector<std::string> line = {"health", "--target", server().address(), "--timeout", "30"};
    line.insert(line.end(), flags.begin(), flags.end());
    return Musterctl(line);
  }

  const TestAuthority authority_{"authority"};
  const Identity client_ = authority_.IssueClient("musterctl");
  const std::string ca_ = WriteFile("ca", authority_.certificate());
  const std::string cert_ = WriteFile("cert", client_.certificate);
  const std::string key_ = WriteFile("key", client_.private_key);
};

TEST_F(TlsFlags, AskForHealthWithTls) {
  const Outcome outcome = Health({"--tls-ca", ca_, "--tls-cert", cert_, "--tls-key", key_});

  EXPECT_EQ(outcome.out, "SERVING\n") << outcome.err;
  EXPECT_EQ(outcome.code, 0);
}

TEST_F(TlsFlags, NeedNoCertificateUnlessTheServerAsks) {
  options_.tls.client_authorities.clear();

  EXPECT_EQ(Health({"--tls-ca", ca_}).code, 0);
}

TEST_F(TlsFlags, AreTakenFromTheEnvironment) {
  const Variable ca("MUSTERCTL_TLS_CA", ca_);
  const Variable cert("MUSTERCTL_TLS_CERT", cert_);
  const Variable key("MUSTERCTL_TLS_KEY", key_);

  EXPECT_EQ(Health({}).code, 0);
  const Variable name("MUSTERCTL_TLS_SERVER_NAME", "elsewhere.example");
  EXPECT_EQ(Health({}).code, 1);
  EXPECT_EQ(Health({"--tls-server-name", "localhost"}).code, 0);
}

TEST_F(TlsFlags, AreThoseOfEveryCommandThatCalls) {
  const Outcome outcome = Musterctl({"validate", "--target", server().address(), "--tickets", "-",
                                     "--tls-ca", ca_, "--tls-cert", cert_, "--tls-key", key_},
                                    TicketLines({"a"}));

  EXPECT_THAT(outcome.out, HasSubstr("1 tickets: 1 valid")) << outcome.err;
}

TEST_F(TlsFlags, FailTheCallWhenTheServerIsNotWhoItShouldBe) {
  const std::string other = WriteFile("other", TestAuthority("other").certificate());

  for (const auto& flags : {std::vector<std::string>{},
                            {"--tls-ca", ca_},
                            {"--tls-ca", other, "--tls-cert", cert_, "--tls-key", key_},
                            {"--tls-ca", ca_, "--tls-cert", cert_, "--tls-key", key_,
                             "--tls-server-name", "elsewhere.example"}}) {
    const Outcome outcome = Health(flags);

    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(outcome.err, HasSubstr("musterctl health: UNAVAILABLE: "));
  }
}

TEST_F(TlsFlags, FailTheCallWhenTheKeyIsAnothers) {
  const std::string other = WriteFile("other", authority_.IssueClient("other").private_key);

  const Outcome outcome = Health({"--tls-ca", ca_, "--tls-cert", cert_, "--tls-key", other});

  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("musterctl health: "));
}

TEST_F(TlsFlags, RefuseFilesThatDoNotHoldWhatTheyShould) {
  const std::string encrypted = WriteFile("encrypted", EncryptKey(client_.private_key));
  const std::string empty = WriteFile("empty", "");

  const auto problem = [this](const std::string& ca, const std::string& cert,
                              const std::string& key) {
    const Outcome outcome =
        Musterctl({"health", "--tls-ca", ca, "--tls-cert", cert, "--tls-key", key});
    EXPECT_EQ(outcome.code, 2);
    return outcome.err.substr(0, outcome.err.find('\n'));
  };
  EXPECT_EQ(problem("/no/such", cert_, key_),
            "--tls-ca: cannot read /no/such: No such file or directory");
  EXPECT_EQ(problem(ca_, "/tmp", key_), "--tls-cert: cannot read /tmp: Is a directory");
  EXPECT_EQ(problem(empty, cert_, key_),
            "--tls-ca: " + empty + " holds no certificate in PEM form");
  EXPECT_EQ(problem(ca_, key_, key_), "--tls-cert: " + key_ + " holds no certificate in PEM form");
  EXPECT_EQ(problem(ca_, cert_, cert_),
            "--tls-key: " + cert_ + " holds no private key in PEM form");
  EXPECT_EQ(problem(ca_, cert_, encrypted), "--tls-key: " + encrypted + " holds an encrypted key");
}

TEST_F(TlsFlags, RefuseOneWithoutTheOther) {
  struct Row {
    std::vector<std::string> flags;
    const char* problem;
  };

  for (const Row& row :
       {Row{{"--tls-ca", ca_, "--tls-cert", cert_}, "--tls-cert requires --tls-key"},
        Row{{"--tls-ca", ca_, "--tls-key", key_}, "--tls-key requires --tls-cert"},
        Row{{"--tls-cert", cert_, "--tls-key", key_}, "--tls-cert requires --tls-ca"},
        Row{{"--tls-server-name", "a"}, "--tls-server-name requires --tls-ca"}}) {
    const Outcome outcome = Health(row.flags);

    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr(row.problem));
  }
}

TEST(CallFlagVariables, MatterOnlyToCommandsThatCall) {
  const Variable ca("MUSTERCTL_TLS_CA", "/no/such");
  const Variable token("MUSTERCTL_TOKEN", "a\nb");

  EXPECT_EQ(Musterctl({"generate", "--count", "1"}).code, 0);
  EXPECT_EQ(Musterctl({"--version"}).code, 0);
  EXPECT_EQ(Musterctl({"--help"}).code, 0);
}

TEST(CallFlagVariables, DoNotHideTheHelp) {
  const Variable ca("MUSTERCTL_TLS_CA", "/no/such");

  const Outcome help = Musterctl({"health", "--help"});

  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, HasSubstr("MUSTERCTL_TLS_CA"));
  EXPECT_EQ(Musterctl({"health"}).code, 2);
}

}  // namespace
}  // namespace muster::app::ctl
