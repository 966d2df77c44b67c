#include "net/key_pair.h"

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_certificates.h"

namespace muster::net {
namespace {

using support::Identity;
using support::IsOk;
using support::StatusIs;
using support::TestAuthority;
using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// Without its end, as a copy that was cut short.
std::string Cut(const std::string& pem) { return pem.substr(0, 200) + "\n"; }

// Still base64, but no certificate.
std::string Garbled(std::string pem) {
  const size_t inside = pem.find('\n') + 1;
  pem.replace(inside, 8, "AAAAAAAA");
  return pem;
}

class KeyPairTest : public testing::Test {
 protected:
  const TestAuthority authority_{"authority"};
  const Identity server_ = authority_.IssueServer();
  const Identity other_ = authority_.IssueServer();
};

TEST_F(KeyPairTest, IsACertificateAndItsKey) {
  EXPECT_THAT(CheckKeyPair(server_.certificate, server_.private_key), IsOk());
}

TEST_F(KeyPairTest, MayBeAChainWhoseFirstCertificateHasTheKey) {
  const std::string chain = server_.certificate + authority_.certificate();
  const std::string turned = authority_.certificate() + server_.certificate;

  EXPECT_THAT(CheckKeyPair(chain, server_.private_key), IsOk());
  EXPECT_THAT(CheckKeyPair(turned, server_.private_key),
              StatusIs(kInvalid, "the private key is not the certificate's"));
}

TEST_F(KeyPairTest, IsNotTheKeyOfAnotherCertificate) {
  EXPECT_THAT(CheckKeyPair(server_.certificate, other_.private_key),
              StatusIs(kInvalid, "the private key is not the certificate's"));
}

TEST_F(KeyPairTest, NeedsACertificateInPemForm) {
  for (const std::string& bad :
       {std::string(), std::string("no certificate"), other_.private_key}) {
    EXPECT_THAT(CheckKeyPair(bad, server_.private_key),
                StatusIs(kInvalid, "the certificate is none in PEM form"))
        << bad;
  }
}

TEST_F(KeyPairTest, EveryCertificateOfTheChainCanBeRead) {
  const std::string second = authority_.certificate();
  for (const std::string& broken : {Cut(second), Cut(second) + second, Garbled(second)}) {
    EXPECT_THAT(CheckKeyPair(server_.certificate + broken, server_.private_key),
                StatusIs(kInvalid, HasSubstr("certificate 2 is broken")))
        << broken;
  }
  EXPECT_THAT(CheckKeyPair(Cut(server_.certificate), server_.private_key),
              StatusIs(kInvalid, HasSubstr("certificate 1 is broken")));
}

TEST_F(KeyPairTest, TextAndOtherBlocksBetweenTheCertificatesArePassedOver) {
  const std::string chain = "the server\n" + server_.certificate + other_.private_key +
                            "its authority\n" + authority_.certificate() + "the end\n";

  EXPECT_THAT(CheckKeyPair(chain, server_.private_key), IsOk());
}

TEST_F(KeyPairTest, NeedsAPrivateKeyInPemForm) {
  for (const std::string& bad : {std::string(), std::string("no key"), server_.certificate}) {
    EXPECT_THAT(CheckKeyPair(server_.certificate, bad),
                StatusIs(kInvalid, HasSubstr("the private key is none in PEM form")))
        << bad;
  }
}

TEST_F(KeyPairTest, RefusesAnEncryptedKeyWithoutAskingForItsPassphrase) {
  EXPECT_THAT(CheckKeyPair(server_.certificate, support::EncryptKey(server_.private_key)),
              StatusIs(kInvalid, HasSubstr("or is encrypted")));
}

TEST_F(KeyPairTest, StaysRightAfterAFailure) {
  ASSERT_FALSE(CheckKeyPair(server_.certificate, "no key").ok());

  EXPECT_THAT(CheckKeyPair(server_.certificate, server_.private_key), IsOk());
}

TEST_F(KeyPairTest, CertificatesAreAtLeastOne) {
  EXPECT_THAT(CheckCertificates(server_.certificate), IsOk());
  EXPECT_THAT(CheckCertificates("a comment\n" + server_.certificate + other_.certificate), IsOk());
  for (const std::string& bad : {std::string(), std::string("none"), server_.private_key}) {
    EXPECT_THAT(CheckCertificates(bad), StatusIs(kInvalid, "holds no certificate in PEM form"));
  }
}

TEST_F(KeyPairTest, EveryOneOfTheCertificatesCanBeRead) {
  EXPECT_THAT(CheckCertificates(server_.certificate + Cut(other_.certificate)),
              StatusIs(kInvalid, HasSubstr("certificate 2 is broken")));
  EXPECT_THAT(CheckCertificates(Garbled(server_.certificate) + other_.certificate),
              StatusIs(kInvalid, HasSubstr("certificate 1 is broken")));
}

}  // namespace
}  // namespace muster::net
