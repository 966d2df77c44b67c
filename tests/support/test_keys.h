#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace muster::support {

// base64url without padding.
std::string Base64Url(std::string_view bytes);

// A compact JWT of parts that are taken as they are; the signature as bytes.
std::string JoinToken(std::string_view header, std::string_view payload,
                      std::string_view signature);

// A real RSA key pair under a key id, which signs tokens. Immutable, hence thread-safe; copies
// share the pair.
class TestKey {
 public:
  // Makes a new pair, which takes some tenths of a second.
  explicit TestKey(std::string key_id, int bits = 2048);

  // One pair for the whole process, named "key-1".
  static const TestKey& Shared();
  // Another one, named "key-2".
  static const TestKey& Other();
  // The same pair under another id.
  TestKey Named(std::string key_id) const;

  const std::string& key_id() const { return key_id_; }
  // {"alg":"RS256","kid":...,"typ":"JWT"}
  std::string header() const;
  // The public key as one entry of a JWKS.
  std::string jwk() const;
  std::string public_pem() const;
  // Modulus and exponent, base64url.
  std::string modulus() const;
  std::string exponent() const;

  // A token of any header and payload, signed with RSA (PKCS #1 v1.5) and the digest.
  std::string Sign(std::string_view header, std::string_view payload,
                   const char* digest = "SHA256") const;
  // A token as IAM makes it, with this JSON as its claims.
  std::string Token(std::string_view payload) const { return Sign(header(), payload); }

 private:
  std::string Number(const char* name) const;

  std::string key_id_;
  std::shared_ptr<evp_pkey_st> pair_;
};

// A token of header and payload, signed with HMAC-SHA256.
std::string SignHs256(std::string_view header, std::string_view payload, std::string_view secret);

// The answer of /iam/v3/oauth/jwks.
std::string Jwks(const std::vector<TestKey>& keys);

}  // namespace muster::support
