#include "auth/secret.h"

#include <cstdlib>

#include "auth/base64url.h"
#include "openssl/crypto.h"
#include "openssl/evp.h"
#include "openssl/rand.h"

namespace muster::auth {
namespace {

constexpr size_t kSecretBytes = 32;
constexpr size_t kMacBytes = 32;

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string RandomSecret() {
  std::string bytes(kSecretBytes, '\0');
  if (RAND_priv_bytes(Bytes(bytes), static_cast<int>(bytes.size())) != 1) std::abort();
  return EncodeBase64Url(bytes);
}

std::string HmacSha256(std::string_view key, std::string_view text) {
  std::string mac(kMacBytes, '\0');
  size_t size = 0;
  const unsigned char* const done =
      EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(),
                reinterpret_cast<const unsigned char*>(text.data()), text.size(), Bytes(mac),
                mac.size(), &size);
  if (done == nullptr || size != kMacBytes) std::abort();
  return mac;
}

bool ConstantTimeEquals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace muster::auth
