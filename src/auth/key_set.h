#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/strings.h"

struct evp_pkey_st;

namespace muster::auth {

// An issuer's public keys by their id (RFC 7517). Only RSA keys of 2,048 to 16,384 bits for RS256
// count; others are passed over, so that a new kind of key does no harm; so is a second key of the
// same id. Immutable, hence thread-safe.
class KeySet {
 public:
  // More keys than these are an error.
  static constexpr size_t kMaxKeys = 256;

  // Reads `{"keys":[{"kty":"RSA","kid":...,"n":...,"e":...}]}`. INVALID_ARGUMENT when it is not
  // that, or holds no key that counts.
  static absl::StatusOr<KeySet> Parse(std::string_view text);

  bool Has(std::string_view key_id) const { return keys_.contains(key_id); }
  size_t size() const { return keys_.size(); }

  // Whether `signature` is the RS256 signature (RFC 7518, section 3.3) of `text` by this key; false
  // for an unknown key.
  bool Verify(std::string_view key_id, std::string_view text, std::string_view signature) const;

 private:
  absl::flat_hash_map<std::string, std::shared_ptr<evp_pkey_st>, base::StringHash, base::StringEq>
      keys_;
};

}  // namespace muster::auth
