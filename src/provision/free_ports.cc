#include "provision/free_ports.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "provision/unique_fd.h"

namespace muster::provision {
namespace {

// Each attempt holds its port until the end, so that the next one gets another.
constexpr int kMaxAttempts = 200;

// 0 when there is none.
int BindAnyPort(const UniqueFd& socket) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (!socket.valid() || bind(socket.get(), generic, size) != 0 ||
      getsockname(socket.get(), generic, &size) != 0) {
    return 0;
  }
  return ntohs(address.sin_port);
}

}  // namespace

absl::StatusOr<std::vector<int>> FindFreePorts(int count, const std::set<int>& taken) {
  std::vector<UniqueFd> held;
  std::vector<int> ports;
  for (int i = 0; i < kMaxAttempts && ports.size() < static_cast<size_t>(count); ++i) {
    held.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int port = BindAnyPort(held.back());
    if (port == 0) break;
    if (!taken.contains(port)) ports.push_back(port);
  }
  if (ports.size() < static_cast<size_t>(count)) {
    return absl::ResourceExhaustedError("no free port is left");
  }
  return ports;
}

}  // namespace muster::provision
