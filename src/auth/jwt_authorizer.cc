#include "auth/jwt_authorizer.h"

#include <algorithm>
#include <utility>

#include "auth/secret.h"

namespace muster::auth {
namespace {

// What follows the first word; nothing when nothing does. That it is one word only the token's
// alphabet sees to.
std::optional<std::string_view> TokenOf(std::string_view header) {
  const size_t space = header.find(' ');
  if (space == 0 || space == std::string_view::npos) return std::nullopt;
  const size_t token = header.find_first_not_of(' ', space);
  if (token == std::string_view::npos) return std::nullopt;
  return header.substr(token);
}

}  // namespace

JwtAuthorizer::JwtAuthorizer(Options options, std::unique_ptr<JwksKeys> keys,
                             const base::Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      keys_(std::move(keys)),
      cache_(options_.max_cached_tokens) {}

absl::Status JwtAuthorizer::Ready() const {
  return keys_ == nullptr ? absl::OkStatus() : keys_->Ready();
}

absl::StatusOr<Identity> JwtAuthorizer::Authorize(std::optional<std::string_view> header) {
  if (!header) return ToStatus(Verdict::kNoToken);
  const std::optional<std::string_view> token = TokenOf(*header);
  if (!token) return ToStatus(Verdict::kMalformed);
  const JwksKeys::Snapshot current = keys_ == nullptr ? JwksKeys::Snapshot() : keys_->Current();
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.Now());
  std::optional<Known> known = cache_.Find(*token, now);
  if (known && known->keys_version == current.version) return std::move(known->identity);

  const Verified verified = Verify(*token, current.keys.get());
  if (const auto* refusal = std::get_if<Verdict>(&verified)) return ToStatus(*refusal);
  std::variant<PlayerClaims, Verdict> claims =
      ReadPlayerClaims(std::get<std::string>(verified), options_.policy, now);
  if (const auto* refusal = std::get_if<Verdict>(&claims)) return ToStatus(*refusal);
  auto& player = std::get<PlayerClaims>(claims);
  cache_.Insert(*token, {player.identity, current.version}, player.refused_from);
  return std::move(player.identity);
}

JwtAuthorizer::Verified JwtAuthorizer::Verify(std::string_view token, const KeySet* keys) {
  Verified result = Verdict::kWrongAlgorithm;
  if (!options_.secrets.empty()) result = VerifyBySecret(token);
  if (keys_ != nullptr && result == Verified(Verdict::kWrongAlgorithm)) {
    result = VerifyByKey(token, keys);
  }
  return result;
}

JwtAuthorizer::Verified JwtAuthorizer::VerifyBySecret(std::string_view token) const {
  std::variant<JsonWebToken, Verdict> parsed = ParseJsonWebToken(token, JwtAlgorithm::kHs256);
  if (const auto* refusal = std::get_if<Verdict>(&parsed)) return *refusal;
  JsonWebToken& jwt = std::get<JsonWebToken>(parsed);
  const auto signed_with = [&jwt](const std::string& secret) {
    return !secret.empty() &&
           ConstantTimeEquals(HmacSha256(secret, jwt.signed_part), jwt.signature);
  };
  if (std::ranges::none_of(options_.secrets, signed_with)) return Verdict::kBadSignature;
  return std::move(jwt.payload);
}

JwtAuthorizer::Verified JwtAuthorizer::VerifyByKey(std::string_view token, const KeySet* keys) {
  std::variant<JsonWebToken, Verdict> parsed = ParseJsonWebToken(token, JwtAlgorithm::kRs256);
  if (const auto* refusal = std::get_if<Verdict>(&parsed)) return *refusal;
  JsonWebToken& jwt = std::get<JsonWebToken>(parsed);
  if (keys == nullptr) return Verdict::kNotReady;
  if (!keys->Has(jwt.key_id)) {
    keys_->NoteUnknownKey();
    return Verdict::kUnknownKey;
  }
  if (!keys->Verify(jwt.key_id, jwt.signed_part, jwt.signature)) return Verdict::kBadSignature;
  return std::move(jwt.payload);
}

}  // namespace muster::auth
