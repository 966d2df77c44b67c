#include "tests/support/test_keys.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "absl/strings/escaping.h"
#include "base/strings.h"

namespace muster::support {
namespace {

// What fails here is the machine's fault, and no test could go on.
void Require(bool done) {
  if (!done) std::abort();
}

std::string SignWith(EVP_PKEY* key, const char* digest, std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  size_t size = 0;
  Require(EVP_DigestSignInit_ex(context.get(), nullptr, digest, nullptr, nullptr, key, nullptr) ==
          1);
  Require(EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1);
  std::string signature(size, '\0');
  Require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                         bytes, text.size()) == 1);
  signature.resize(size);
  return signature;
}

std::string SignedPart(std::string_view header, std::string_view payload) {
  return base::StrCat(Base64Url(header), ".", Base64Url(payload));
}

}  // namespace

std::string Base64Url(std::string_view bytes) {
  std::string text = absl::WebSafeBase64Escape(base::ToAbsl(bytes));
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

std::string JoinToken(std::string_view header, std::string_view payload,
                      std::string_view signature) {
  return base::StrCat(SignedPart(header, payload), ".", Base64Url(signature));
}

TestKey::TestKey(std::string key_id, int bits)
    : key_id_(std::move(key_id)),
      pair_(EVP_RSA_gen(static_cast<unsigned int>(bits)), EVP_PKEY_free) {
  Require(pair_ != nullptr);
}

const TestKey& TestKey::Shared() {
  static const TestKey key("key-1");
  return key;
}

const TestKey& TestKey::Other() {
  static const TestKey key("key-2");
  return key;
}

TestKey TestKey::Named(std::string key_id) const {
  TestKey key = *this;
  key.key_id_ = std::move(key_id);
  return key;
}

std::string TestKey::header() const {
  return base::StrCat(R"({"alg":"RS256","kid":")", key_id_, R"(","typ":"JWT"})");
}

std::string TestKey::Number(const char* name) const {
  BIGNUM* number = nullptr;
  Require(EVP_PKEY_get_bn_param(pair_.get(), name, &number) == 1);
  std::string bytes(static_cast<size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  BN_free(number);
  return Base64Url(bytes);
}

std::string TestKey::modulus() const { return Number(OSSL_PKEY_PARAM_RSA_N); }

std::string TestKey::exponent() const { return Number(OSSL_PKEY_PARAM_RSA_E); }

std::string TestKey::jwk() const {
  return base::StrCat(R"({"alg":"RS256","e":")", exponent(), R"(","kid":")", key_id_,
                      R"(","kty":"RSA","n":")", modulus(), R"(","use":"sig"})");
}

std::string TestKey::public_pem() const {
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new(BIO_s_mem()), BIO_free);
  Require(PEM_write_bio_PUBKEY(bio.get(), pair_.get()) == 1);
  const char* data = nullptr;
  const auto size = static_cast<size_t>(BIO_get_mem_data(bio.get(), &data));
  return {data, size};
}

std::string TestKey::Sign(std::string_view header, std::string_view payload,
                          const char* digest) const {
  return JoinToken(header, payload, SignWith(pair_.get(), digest, SignedPart(header, payload)));
}

std::string SignHs256(std::string_view header, std::string_view payload, std::string_view secret) {
  const std::string text = SignedPart(header, payload);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  Require(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
               reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(),
               &size) != nullptr);
  return JoinToken(header, payload, {reinterpret_cast<const char*>(mac.data()), size});
}

std::string Jwks(const std::vector<TestKey>& keys) {
  std::string entries;
  for (const TestKey& key : keys) {
    if (!entries.empty()) entries.push_back(',');
    entries.append(key.jwk());
  }
  return base::StrCat(R"({"keys":[)", entries, "]}");
}

}  // namespace muster::support
