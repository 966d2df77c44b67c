#include "auth/key_set.h"

#include <optional>

#include "auth/base64url.h"
#include "auth/json.h"
#include "openssl/bn.h"
#include "openssl/core_names.h"
#include "openssl/err.h"
#include "openssl/evp.h"
#include "openssl/param_build.h"

namespace muster::auth {
namespace {

using nlohmann::json;

constexpr int kMinKeyBits = 2048;
constexpr int kMaxKeyBits = 16384;
// OpenSSL takes no larger exponent with a large modulus either.
constexpr size_t kMaxExponentBytes = 8;

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;
using ParametersBuilder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using Key = std::shared_ptr<EVP_PKEY>;

// What fails in OpenSSL stays in a queue of the thread, where the next user, curl for one, would
// take it for its own.
struct ErrorQueueCleaner {
  ~ErrorQueueCleaner() { ERR_clear_error(); }
};

Number ToNumber(const std::string& bytes) {
  return Number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                          static_cast<int>(bytes.size()), nullptr));
}

// Null when OpenSSL finds them unfit.
Key MakeKey(const BIGNUM* modulus, const BIGNUM* exponent) {
  const ParametersBuilder builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent) != 1) {
    return nullptr;
  }
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return Key(key, EVP_PKEY_free);
}

// Null when the parts are not those of a sound key.
Key MakeKey(const std::string& modulus_bytes, const std::string& exponent_bytes) {
  if (modulus_bytes.size() > kMaxKeyBits / 8 || exponent_bytes.size() > kMaxExponentBytes) {
    return nullptr;
  }
  const Number modulus = ToNumber(modulus_bytes);
  const Number exponent = ToNumber(exponent_bytes);
  if (modulus == nullptr || exponent == nullptr) return nullptr;
  if (BN_num_bits(modulus.get()) < kMinKeyBits || BN_is_odd(modulus.get()) == 0) return nullptr;
  if (BN_is_one(exponent.get()) != 0 || BN_is_odd(exponent.get()) == 0) return nullptr;
  return MakeKey(modulus.get(), exponent.get());
}

// A member that, when it is there, must have this value.
bool IsOrMissing(const json& object, std::string_view name, std::string_view value) {
  const json* member = FindMember(object, name);
  return member == nullptr || *member == value;
}

// Null when the key does not count.
Key ReadKey(const json& object, std::string* key_id) {
  std::string type;
  std::string modulus_text;
  std::string exponent_text;
  if (!object.is_object() || !ReadString(object, "kid", key_id) || key_id->empty() ||
      !ReadString(object, "kty", &type) || type != "RSA" || !IsOrMissing(object, "alg", "RS256") ||
      !IsOrMissing(object, "use", "sig") || !ReadString(object, "n", &modulus_text) ||
      !ReadString(object, "e", &exponent_text)) {
    return nullptr;
  }
  const std::optional<std::string> modulus = DecodeBase64Url(modulus_text);
  const std::optional<std::string> exponent = DecodeBase64Url(exponent_text);
  return modulus && exponent ? MakeKey(*modulus, *exponent) : nullptr;
}

bool VerifyWith(EVP_MD_CTX* context, EVP_PKEY* key, std::string_view text,
                std::string_view signature) {
  const auto bytes = [](std::string_view view) {
    return reinterpret_cast<const unsigned char*>(view.data());
  };
  // RSA keys sign with PKCS #1 v1.5 padding unless told otherwise, and RS256 is that.
  return EVP_DigestVerifyInit_ex(context, nullptr, "SHA256", nullptr, nullptr, key, nullptr) == 1 &&
         EVP_DigestVerify(context, bytes(signature), signature.size(), bytes(text), text.size()) ==
             1;
}

}  // namespace

absl::StatusOr<KeySet> KeySet::Parse(std::string_view text) {
  const ErrorQueueCleaner cleaner;
  const std::optional<json> object = ParseJsonObject(text);
  if (!object) return absl::InvalidArgumentError("key set: not a json object");
  const json* keys = FindMember(*object, "keys");
  if (keys == nullptr || !keys->is_array()) {
    return absl::InvalidArgumentError("key set: keys is not an array");
  }
  if (keys->size() > kMaxKeys) {
    return absl::InvalidArgumentError(
        base::StrCat("key set: ", keys->size(), " keys, more than ", kMaxKeys));
  }
  KeySet set;
  for (const json& item : *keys) {
    std::string key_id;
    Key key = ReadKey(item, &key_id);
    if (key != nullptr) set.keys_.emplace(std::move(key_id), std::move(key));
  }
  if (set.keys_.empty()) return absl::InvalidArgumentError("key set: no RSA key for RS256 in it");
  return set;
}

bool KeySet::Verify(std::string_view key_id, std::string_view text,
                    std::string_view signature) const {
  const auto found = keys_.find(key_id);
  if (found == keys_.end()) return false;
  // Making one costs about as much as hashing a token.
  thread_local const DigestContext context(EVP_MD_CTX_new());
  if (context == nullptr) return false;
  const bool right = VerifyWith(context.get(), found->second.get(), text, signature);
  EVP_MD_CTX_reset(context.get());
  if (!right) ERR_clear_error();
  return right;
}

}  // namespace muster::auth
