#include "provision/server_identity.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace muster::provision {
namespace {

bool IsNameByte(char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-'; }

absl::Status CheckName(std::string_view what, std::string_view name, size_t min, size_t max) {
  const bool fits = name.size() >= min && name.size() <= max;
  if (fits && std::all_of(name.begin(), name.end(), IsNameByte) && name.front() != '-' &&
      name.back() != '-') {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      base::StrCat(what, ": ", min, " to ", max, " lower-case letters, digits and inner hyphens"));
}

}  // namespace

absl::Status CheckDeployment(std::string_view deployment) {
  return CheckName("deployment", deployment, 1, kMaxDeploymentBytes);
}

absl::Status CheckServerId(std::string_view server_id) {
  return CheckName("server id", server_id, 2, kMaxServerIdBytes);
}

std::string ServerName(std::string_view deployment, std::string_view server_id) {
  return base::StrCat("muster-", deployment, "-", server_id);
}

std::optional<std::string> ServerIdOfName(std::string_view deployment, std::string_view name) {
  if (name.starts_with('/')) name.remove_prefix(1);
  const std::string prefix = ServerName(deployment, "");
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  if (!CheckServerId(name).ok()) return std::nullopt;
  return std::string(name);
}

std::map<std::string, std::string> ServerLabels(const std::string& deployment,
                                                const std::string& server_id,
                                                const std::string& version) {
  return {{std::string(kOwnerLabel), std::string(kOwner)},
          {std::string(kDeploymentLabel), deployment},
          {std::string(kServerLabel), server_id},
          {std::string(kVersionLabel), version}};
}

std::string VersionOf(const std::vector<std::string>& parts) {
  constexpr uint64_t kPrime = 1099511628211U;
  uint64_t hash = 14695981039346656037U;
  const auto add = [&hash](unsigned char byte) { hash = (hash ^ byte) * kPrime; };
  for (const std::string& part : parts) {
    for (const char c : part) add(static_cast<unsigned char>(c));
    // So that "a", "b" differs from "ab".
    add(0);
  }
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

}  // namespace muster::provision
