#include "auth/revocation_list.h"

#include <optional>

#include "absl/time/time.h"
#include "auth/json.h"
#include "auth/murmur3.h"
#include "base/status_macros.h"

namespace muster::auth {
namespace {

using nlohmann::json;

absl::Status Wrong(std::string_view what) {
  return absl::InvalidArgumentError(base::StrCat("revocation list: ", what));
}

// Walks the positions of a text one by one.
class BloomWalk {
 public:
  BloomWalk(std::string_view text, uint64_t bits) : bits_(bits) {
    std::tie(next_, step_) = Murmur3(text);
  }

  uint64_t Next() {
    const uint64_t position = (next_ & ~(uint64_t{1} << 63)) % bits_;
    next_ += step_;
    return position;
  }

 private:
  const uint64_t bits_;
  uint64_t next_ = 0;
  uint64_t step_ = 0;
};

absl::StatusOr<std::vector<uint64_t>> ReadBits(const json& filter) {
  std::vector<uint64_t> bits;
  if (!filter.contains("bits")) return Wrong("no revoked_tokens.bits");
  const json* member = FindMember(filter, "bits");
  if (member == nullptr) return bits;
  if (!member->is_array()) return Wrong("revoked_tokens.bits is not an array");
  if (member->size() > RevocationList::kMaxWords) {
    return Wrong(base::StrCat("revoked_tokens.bits has ", member->size(), " words, more than ",
                              RevocationList::kMaxWords));
  }
  bits.reserve(member->size());
  for (const json& word : *member) {
    if (!word.is_number_unsigned()) return Wrong("revoked_tokens.bits holds no 64-bit number");
    bits.push_back(word.get<uint64_t>());
  }
  return bits;
}

absl::StatusOr<int64_t> ReadHashes(const json& filter) {
  int64_t hashes = 0;
  if (!ReadInteger(filter, "k", 1, &hashes) || hashes == 0 || hashes > RevocationList::kMaxHashes) {
    return Wrong(base::StrCat("revoked_tokens.k is not 1 to ", RevocationList::kMaxHashes));
  }
  return hashes;
}

// RFC 3339, down to nanoseconds, which are dropped as the tokens' times have none.
std::optional<std::chrono::sys_seconds> ReadTime(const json& user) {
  std::string text;
  absl::Time time;
  if (!ReadString(user, "revoked_at", &text) ||
      !absl::ParseTime(absl::RFC3339_full, text, &time, nullptr) ||
      time == absl::InfiniteFuture() || time == absl::InfinitePast()) {
    return std::nullopt;
  }
  return std::chrono::sys_seconds(std::chrono::seconds(absl::ToUnixSeconds(time)));
}

// The array `revoked_users`; null when there is none.
absl::StatusOr<const json*> FindUsers(const json& list) {
  const json* users = FindMember(list, "revoked_users");
  if (users == nullptr) return users;
  if (!users->is_array()) return Wrong("revoked_users is not an array");
  if (users->size() > RevocationList::kMaxUsers) {
    return Wrong(base::StrCat("revoked_users has ", users->size(), " entries, more than ",
                              RevocationList::kMaxUsers));
  }
  return users;
}

}  // namespace

absl::StatusOr<RevocationList> RevocationList::Parse(std::string_view text) {
  const std::optional<json> object = ParseJsonObject(text);
  if (!object) return Wrong("not a json object");
  for (const char* part : {"revoked_tokens", "revoked_users"}) {
    if (!object->contains(part)) return Wrong(base::StrCat("no ", part));
  }
  RevocationList list;
  if (const json* filter = FindMember(*object, "revoked_tokens"); filter != nullptr) {
    if (!filter->is_object()) return Wrong("revoked_tokens is not an object");
    MUSTER_ASSIGN_OR_RETURN(list.bits_, ReadBits(*filter));
    if (!list.bits_.empty()) {
      MUSTER_ASSIGN_OR_RETURN(list.hashes_, ReadHashes(*filter));
    }
  }
  MUSTER_ASSIGN_OR_RETURN(const json* users, FindUsers(*object));
  if (users == nullptr) return list;
  for (const json& user : *users) {
    if (!user.is_object()) return Wrong("an entry of revoked_users is not an object");
    std::string id;
    const std::optional<std::chrono::sys_seconds> revoked_at = ReadTime(user);
    if (!ReadString(user, "id", &id) || id.empty()) return Wrong("a revoked user has no id");
    if (!revoked_at) return Wrong("revoked_at of a user is not RFC 3339");
    const auto [entry, added] = list.users_.emplace(std::move(id), *revoked_at);
    if (!added) entry->second = std::max(entry->second, *revoked_at);
  }
  return list;
}

bool RevocationList::TokenRevoked(std::string_view token) const {
  if (bits_.empty()) return false;
  BloomWalk walk(token, bits_.size() * 64);
  for (int64_t i = 0; i < hashes_; ++i) {
    const uint64_t position = walk.Next();
    if ((bits_[position / 64] >> position % 64 & 1) == 0) return false;
  }
  return true;
}

bool RevocationList::UserRevoked(std::string_view user_id,
                                 std::chrono::sys_seconds issued_at) const {
  const auto found = users_.find(user_id);
  return found != users_.end() && found->second >= issued_at;
}

std::vector<uint64_t> BloomPositions(std::string_view text, uint64_t bits, int64_t hashes) {
  std::vector<uint64_t> positions;
  if (bits == 0) return positions;
  BloomWalk walk(text, bits);
  for (int64_t i = 0; i < hashes; ++i) positions.push_back(walk.Next());
  return positions;
}

}  // namespace muster::auth
