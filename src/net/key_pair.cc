#include "net/key_pair.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "openssl/bio.h"
#include "openssl/err.h"
#include "openssl/evp.h"
#include "openssl/pem.h"
#include "openssl/pemerr.h"
#include "openssl/x509.h"

namespace muster::net {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Bio Reader(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

// An encrypted key would make OpenSSL ask on the terminal.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) { return -1; }

// The end of the text, rather than a certificate that cannot be read.
bool WasEnd() {
  const auto error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

// All in the text; INVALID_ARGUMENT when one cannot be read.
absl::StatusOr<std::vector<Certificate>> ReadCertificates(const std::string& text) {
  const Bio reader = Reader(text);
  std::vector<Certificate> read;
  ERR_clear_error();
  while (true) {
    Certificate next(PEM_read_bio_X509(reader.get(), nullptr, NoPassphrase, nullptr), X509_free);
    if (next == nullptr) break;
    read.push_back(std::move(next));
  }
  const bool whole = WasEnd();
  ERR_clear_error();
  if (whole) return read;
  return absl::InvalidArgumentError(
      base::StrCat("certificate ", read.size() + 1, " is broken: it cannot be read as PEM"));
}

}  // namespace

absl::Status CheckCertificates(const std::string& certificates) {
  MUSTER_ASSIGN_OR_RETURN(const std::vector<Certificate> read, ReadCertificates(certificates));
  if (!read.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError("holds no certificate in PEM form");
}

absl::Status CheckKeyPair(const std::string& certificate, const std::string& private_key) {
  MUSTER_ASSIGN_OR_RETURN(const std::vector<Certificate> chain, ReadCertificates(certificate));
  if (chain.empty()) return absl::InvalidArgumentError("the certificate is none in PEM form");
  const Bio reader = Reader(private_key);
  const Key key(PEM_read_bio_PrivateKey(reader.get(), nullptr, NoPassphrase, nullptr),
                EVP_PKEY_free);
  const bool belongs =
      key != nullptr && X509_check_private_key(chain.front().get(), key.get()) == 1;
  ERR_clear_error();
  if (key == nullptr) {
    return absl::InvalidArgumentError("the private key is none in PEM form, or is encrypted");
  }
  if (!belongs) return absl::InvalidArgumentError("the private key is not the certificate's");
  return absl::OkStatus();
}

}  // namespace muster::net
