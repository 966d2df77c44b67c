#include "bench/http_wire.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdint>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace muster::bench {
namespace {

// Nothing that is measured takes so long.
constexpr timeval kPatience{.tv_sec = 60, .tv_usec = 0};

}  // namespace

absl::StatusOr<int> Connect(const std::string& target) {
  const size_t colon = target.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  int port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(target.substr(colon + 1), &port) ||
      inet_pton(AF_INET, target.substr(0, colon).c_str(), &address.sin_addr) != 1) {
    return absl::InvalidArgumentError(base::StrCat(target, " is no IPv4 address with a port"));
  }
  address.sin_port = htons(static_cast<uint16_t>(port));
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return absl::UnavailableError(base::StrCat("cannot connect to ", target));
}

absl::Status SendAll(int fd, std::string_view bytes) {
  const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(bytes.size())) return absl::OkStatus();
  return absl::UnavailableError("a request could not be sent");
}

std::string RequestText(std::string_view method, std::string_view path,
                        std::string_view authorization, std::string_view headers) {
  std::string text = base::StrCat(method, " ", path, " HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  if (!authorization.empty()) text += base::StrCat("Authorization: ", authorization, "\r\n");
  return base::StrCat(text, headers, "\r\n");
}

std::optional<size_t> AnswerSize(std::string_view text) {
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const size_t head_end = text.find("\r\n\r\n");
  const size_t length_at = text.find(kLength);
  if (head_end == std::string_view::npos || length_at > head_end) return std::nullopt;
  const size_t number_at = length_at + kLength.size();
  const std::string_view number = text.substr(number_at, text.find("\r\n", number_at) - number_at);
  size_t length = 0;
  if (!absl::SimpleAtoi(base::ToAbsl(number), &length)) return std::nullopt;
  return head_end + 4 + length;
}

absl::StatusOr<std::string> Fetch(const std::string& target, std::string_view request) {
  MUSTER_ASSIGN_OR_RETURN(const int fd, Connect(target));
  const absl::Cleanup closed = [fd] { close(fd); };
  MUSTER_RETURN_IF_ERROR(SendAll(fd, request));
  std::string answer;
  std::optional<size_t> size;
  while (!size || answer.size() < *size) {
    std::array<char, 16384> bytes{};
    const ssize_t received = recv(fd, bytes.data(), bytes.size(), 0);
    if (received <= 0) return absl::UnavailableError("an answer broke off");
    answer.append(bytes.data(), static_cast<size_t>(received));
    size = AnswerSize(answer);
  }
  if (answer.starts_with("HTTP/1.1 2")) return answer.substr(answer.find("\r\n\r\n") + 4);
  return absl::InternalError(answer.substr(0, answer.find("\r\n")));
}

}  // namespace muster::bench
