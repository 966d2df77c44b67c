#include "tests/support/test_certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>

namespace muster::support {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

constexpr long kHour = 60 * 60;
constexpr char kPassphrase[] = "secret";

// What fails here is the machine's fault, and no test could go on.
void Require(bool done) {
  if (!done) std::abort();
}

Bio NewBio() { return {BIO_new(BIO_s_mem()), BIO_free}; }

std::string TextOf(BIO* bio) {
  const char* data = nullptr;
  const auto size = static_cast<size_t>(BIO_get_mem_data(bio, &data));
  return {data, size};
}

std::string ToPem(X509* certificate) {
  const Bio bio = NewBio();
  Require(PEM_write_bio_X509(bio.get(), certificate) == 1);
  return TextOf(bio.get());
}

// Encrypted when there is a cipher.
std::string ToPem(EVP_PKEY* key, const EVP_CIPHER* cipher) {
  const Bio bio = NewBio();
  const auto* passphrase = reinterpret_cast<const unsigned char*>(kPassphrase);
  const int size = static_cast<int>(sizeof kPassphrase - 1);
  Require(PEM_write_bio_PrivateKey(bio.get(), key, cipher, cipher == nullptr ? nullptr : passphrase,
                                   cipher == nullptr ? 0 : size, nullptr, nullptr) == 1);
  return TextOf(bio.get());
}

// On a curve, because RSA keys take tenths of a second.
Key NewKey() {
  Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  Require(key != nullptr);
  return key;
}

// Not signed yet, and issued by itself.
Certificate NewCertificate(std::string_view name, EVP_PKEY* key) {
  Certificate made(X509_new(), X509_free);
  Require(X509_set_version(made.get(), X509_VERSION_3) == 1);
  int64_t serial = 0;
  Require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(made.get()), serial & INT64_MAX);
  // A little in the past, for clocks that jump.
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -kHour);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 24 * kHour);
  X509_NAME* const subject = X509_get_subject_name(made.get());
  Require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(name.data()),
                                     static_cast<int>(name.size()), -1, 0) == 1);
  Require(X509_set_issuer_name(made.get(), subject) == 1);
  Require(X509_set_pubkey(made.get(), key) == 1);
  return made;
}

void AddExtension(X509* certificate, int id, const char* value) {
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, id, value), X509_EXTENSION_free);
  Require(extension != nullptr);
  Require(X509_add_ext(certificate, extension.get(), -1) == 1);
}

}  // namespace

TestAuthority::TestAuthority(std::string_view name)
    : key_(NewKey().release(), EVP_PKEY_free),
      certificate_(NewCertificate(name, key_.get()).release(), X509_free) {
  AddExtension(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(certificate_.get(), NID_key_usage, "critical,keyCertSign");
  Require(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0);
}

std::string TestAuthority::certificate() const { return ToPem(certificate_.get()); }

Identity TestAuthority::IssueServer() const {
  return Issue("muster test server", "serverAuth", "DNS:localhost,IP:127.0.0.1");
}

Identity TestAuthority::IssueClient(std::string_view name) const {
  return Issue(name, "clientAuth", nullptr);
}

Identity TestAuthority::Issue(std::string_view name, const char* usage,
                              const char* alternative_names) const {
  const Key key = NewKey();
  const Certificate made = NewCertificate(name, key.get());
  Require(X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get())) == 1);
  AddExtension(made.get(), NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(made.get(), NID_ext_key_usage, usage);
  if (alternative_names != nullptr) {
    AddExtension(made.get(), NID_subject_alt_name, alternative_names);
  }
  Require(X509_sign(made.get(), key_.get(), EVP_sha256()) > 0);
  return {ToPem(made.get()), ToPem(key.get(), nullptr)};
}

std::string EncryptKey(const std::string& private_key) {
  const Bio bio(BIO_new_mem_buf(private_key.data(), static_cast<int>(private_key.size())),
                BIO_free);
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  Require(key != nullptr);
  return ToPem(key.get(), EVP_aes_256_cbc());
}

}  // namespace muster::support
