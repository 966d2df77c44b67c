#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

// How a server is marked, so that whoever looks later knows whose it is.
namespace muster::provision {

// Names of a deployment and a server together must fit in a label of the DNS, 63 bytes.
inline constexpr size_t kMaxDeploymentBytes = 15;
inline constexpr size_t kMaxServerIdBytes = 40;

// Labels of containers and services.
inline constexpr std::string_view kOwnerLabel = "muster.owner";
inline constexpr std::string_view kOwner = "muster-lobby";
inline constexpr std::string_view kDeploymentLabel = "muster.deployment";
inline constexpr std::string_view kServerLabel = "muster.server";
inline constexpr std::string_view kVersionLabel = "muster.version";

// OK for lower-case letters, digits and hyphens that begin and end with no hyphen, 1 to
// kMaxDeploymentBytes of them; else INVALID_ARGUMENT.
absl::Status CheckDeployment(std::string_view deployment);
// The same with 2 to kMaxServerIdBytes.
absl::Status CheckServerId(std::string_view server_id);

// "muster-DEPLOYMENT-SERVER": what the engine calls it.
std::string ServerName(std::string_view deployment, std::string_view server_id);
// The server's id in such a name, with or without the slash that the engine writes before it.
// Nothing when the name is none of the deployment's.
std::optional<std::string> ServerIdOfName(std::string_view deployment, std::string_view name);

std::map<std::string, std::string> ServerLabels(const std::string& deployment,
                                                const std::string& server_id,
                                                const std::string& version);

// 16 hexadecimal digits that are the same for the same parts, on every machine and in every
// process. FNV-1a with 64 bits: it tells configurations apart, it protects nothing.
std::string VersionOf(const std::vector<std::string>& parts);

}  // namespace muster::provision
