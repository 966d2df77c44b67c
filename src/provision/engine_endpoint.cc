#include "provision/engine_endpoint.h"

#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "net/curl_sender.h"
#include "net/key_pair.h"
#include "net/url.h"

namespace muster::provision {
namespace {

constexpr char kDefaultSocket[] = "/var/run/docker.sock";
constexpr char kUserAgent[] = "muster-lobby";

absl::StatusOr<std::string> ReadPem(const std::string& folder, const std::string& name) {
  std::ifstream file(base::StrCat(folder, "/", name));
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad() || text.empty()) {
    return absl::InvalidArgumentError(base::StrCat("DOCKER_CERT_PATH: ", name, " cannot be read"));
  }
  return text;
}

absl::Status ReadCertificates(const std::string& folder, net::ClientOptions* client) {
  MUSTER_ASSIGN_OR_RETURN(client->authorities, ReadPem(folder, "ca.pem"));
  MUSTER_ASSIGN_OR_RETURN(client->certificate, ReadPem(folder, "cert.pem"));
  MUSTER_ASSIGN_OR_RETURN(client->private_key, ReadPem(folder, "key.pem"));
  MUSTER_RETURN_IF_ERROR(net::CheckCertificates(client->authorities));
  return net::CheckKeyPair(client->certificate, client->private_key);
}

bool IsLoopback(std::string_view host) {
  return host == "localhost" || host.starts_with("127.") || host == "[::1]";
}

// Docker's ports where the address has none.
std::string WithPort(const std::string& authority, bool tls) {
  const size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string::npos && authority.find(']', colon) == authority.npos;
  return has_port ? authority : base::StrCat(authority, tls ? ":2376" : ":2375");
}

}  // namespace

absl::StatusOr<EngineEndpoint> OpenEngineEndpoint(const EngineAddress& address) {
  EngineEndpoint endpoint;
  endpoint.client.user_agent = kUserAgent;
  const size_t end = address.host.find("://");
  const std::string scheme = address.host.substr(0, end == std::string::npos ? 0 : end);
  const std::string rest = end == std::string::npos ? "" : address.host.substr(end + 3);
  if (address.host.empty() || scheme == "unix") {
    endpoint.client.unix_socket = address.host.empty() ? kDefaultSocket : rest;
    endpoint.url = "http://localhost";
    if (!endpoint.client.unix_socket.starts_with('/')) {
      return absl::InvalidArgumentError("DOCKER_HOST: unix:// needs an absolute path");
    }
    return endpoint;
  }
  if (scheme != "tcp" && scheme != "http" && scheme != "https") {
    return absl::InvalidArgumentError(
        "DOCKER_HOST: unix:///path, tcp://host:port, http:// or https:// is needed");
  }
  const std::string authority = rest.substr(0, rest.find('/'));
  const std::optional<std::string> host = net::HostOfAuthority(authority);
  if (!host.has_value()) return absl::InvalidArgumentError("DOCKER_HOST: it names no host");
  const bool tls =
      scheme == "https" || (scheme == "tcp" && (address.tls_verify || !address.cert_path.empty()));
  if (tls && !address.cert_path.empty()) {
    MUSTER_RETURN_IF_ERROR(ReadCertificates(address.cert_path, &endpoint.client));
  }
  endpoint.url = base::StrCat(tls ? "https://" : "http://", WithPort(authority, tls));
  if (!IsLoopback(*host)) endpoint.remote_host = *host;
  return endpoint;
}

}  // namespace muster::provision
