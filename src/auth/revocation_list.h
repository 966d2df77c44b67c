#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/strings.h"

namespace muster::auth {

// Tokens and users that IAM has revoked. Tokens stand in a Bloom filter: murmur3 x64 128 (seed 0)
// of the whole token gives (h1, h2); index i of k is ((h1 + i * h2) mod 2^63) mod m, m being the
// number of stored bits (Guava's MURMUR128_MITZ_64). So a token may, rarely, be taken for revoked.
// Immutable, hence thread-safe.
class RevocationList {
 public:
  // Bounds of what is read.
  static constexpr size_t kMaxWords = size_t{1} << 21;  // 16 MiB
  static constexpr int64_t kMaxHashes = 64;
  static constexpr size_t kMaxUsers = 1'000'000;

  // Nothing is revoked.
  RevocationList() = default;

  // Reads `{"revoked_tokens":{"bits":[...],"k":7,"m":9600},"revoked_users":[{"id":...,
  // "revoked_at":RFC 3339}]}`. Both members must be there, and `bits` when there is a filter, lest
  // an answer that is no list revoke nothing; each of the three may be null. INVALID_ARGUMENT when
  // it is not that.
  static absl::StatusOr<RevocationList> Parse(std::string_view text);

  bool TokenRevoked(std::string_view token) const;
  // Whether the user was revoked at the time of issue or later.
  bool UserRevoked(std::string_view user_id, std::chrono::sys_seconds issued_at) const;

 private:
  std::vector<uint64_t> bits_;
  int64_t hashes_ = 0;
  absl::flat_hash_map<std::string, std::chrono::sys_seconds, base::StringHash, base::StringEq>
      users_;
};

// The positions that a Bloom filter of `bits` bits and `hashes` hash functions sets for `text`.
std::vector<uint64_t> BloomPositions(std::string_view text, uint64_t bits, int64_t hashes);

}  // namespace muster::auth
