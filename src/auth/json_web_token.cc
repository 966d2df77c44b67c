#include "auth/json_web_token.h"

#include <optional>

#include "auth/base64url.h"
#include "auth/json.h"

namespace muster::auth {
namespace {

using nlohmann::json;

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
};

std::optional<Parts> Split(std::string_view token) {
  if (token.size() > kMaxTokenBytes) return std::nullopt;
  const size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  // A third point would be in the signature, where base64url has none.
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
               token.substr(second + 1)};
}

std::optional<json> DecodeObject(std::string_view part) {
  const std::optional<std::string> text = DecodeBase64Url(part);
  return text ? ParseJsonObject(*text) : std::nullopt;
}

std::string_view NameOf(JwtAlgorithm algorithm) {
  return algorithm == JwtAlgorithm::kHs256 ? "HS256" : "RS256";
}

// kAllowed when the header is one that we take.
Verdict ReadHeader(const json& header, JwtAlgorithm algorithm, std::string* key_id) {
  const json* name = FindMember(header, "alg");
  if (name == nullptr || *name != NameOf(algorithm)) return Verdict::kWrongAlgorithm;
  // RFC 7515 section 4.1.11: who does not understand all of `crit` must refuse. We understand none.
  if (header.contains("crit")) return Verdict::kMalformed;
  if (algorithm == JwtAlgorithm::kHs256) return Verdict::kAllowed;
  const json* id = FindMember(header, "kid");
  if (id == nullptr || !id->is_string()) return Verdict::kMalformed;
  *key_id = id->get_ref<const std::string&>();
  return Verdict::kAllowed;
}

}  // namespace

std::variant<JsonWebToken, Verdict> ParseJsonWebToken(std::string_view token,
                                                      JwtAlgorithm algorithm) {
  const std::optional<Parts> parts = Split(token);
  if (!parts) return Verdict::kMalformed;
  const std::optional<json> header = DecodeObject(parts->header);
  if (!header) return Verdict::kMalformed;
  JsonWebToken parsed;
  const Verdict verdict = ReadHeader(*header, algorithm, &parsed.key_id);
  if (verdict != Verdict::kAllowed) return verdict;
  std::optional<std::string> payload = DecodeBase64Url(parts->payload);
  std::optional<std::string> signature = DecodeBase64Url(parts->signature);
  if (!payload || !signature) return Verdict::kMalformed;
  parsed.payload = *std::move(payload);
  parsed.signature = *std::move(signature);
  parsed.signed_part =
      token.substr(0, static_cast<size_t>(parts->signature.data() - token.data()) - 1);
  return parsed;
}

}  // namespace muster::auth
