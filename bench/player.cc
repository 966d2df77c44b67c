#include "bench/player.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "bench/http_wire.h"

namespace muster::bench {
namespace {

constexpr std::string_view kUpgrade =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n";
constexpr std::string_view kSubscribe = R"({"type":"subscribe","topic":"requests"})";

// A client's frame (RFC 6455, 5.2) with a mask of zeros; at most 125 bytes.
std::string TextFrame(std::string_view text) {
  std::string frame = "\x81";
  frame += static_cast<char>(0x80 | text.size());
  frame.append(4, '\0');
  return base::StrCat(frame, text);
}

// Where a frame's payload is.
struct Span {
  size_t begin = 0;
  size_t end = 0;
};

// Of the server's frame that `bytes` begins with; such frames have no mask. Nothing when that does
// not yet stand there.
std::optional<Span> PayloadOf(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const size_t first = static_cast<uint8_t>(bytes[1]);
  const size_t length_bytes = first == 127 ? 8 : first == 126 ? 2 : 0;
  const size_t begin = 2 + length_bytes;
  if (bytes.size() < begin) return std::nullopt;
  size_t length = length_bytes == 0 ? first : 0;
  for (size_t i = 2; i < begin; ++i) length = length << 8 | static_cast<uint8_t>(bytes[i]);
  if (bytes.size() < begin + length) return std::nullopt;
  return Span{begin, begin + length};
}

}  // namespace

Player::Player(int fd, std::string client_id) : fd_(fd), client_id_(std::move(client_id)) {}

Player::Player(Player&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      client_id_(std::move(other.client_id_)),
      received_(std::move(other.received_)) {}

Player::~Player() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<Player> Player::Join(const std::string& lobby, const std::string& client_id) {
  MUSTER_ASSIGN_OR_RETURN(const int fd, Connect(lobby));
  Player player(fd, client_id);
  MUSTER_RETURN_IF_ERROR(SendAll(fd, RequestText("GET", "/v1/ws", client_id, kUpgrade)));
  MUSTER_RETURN_IF_ERROR(player.AwaitText("\r\n\r\n"));
  if (!player.received_.starts_with("HTTP/1.1 101 ")) {
    return absl::UnavailableError(
        base::StrCat("the lobby refused a socket: ", player.received_.substr(0, 30)));
  }
  player.received_.erase(0, player.received_.find("\r\n\r\n") + 4);
  MUSTER_RETURN_IF_ERROR(SendAll(fd, TextFrame(kSubscribe)));
  MUSTER_RETURN_IF_ERROR(player.AwaitText(R"("type":"subscribed")"));
  return player;
}

std::string Player::AskText() const { return RequestText("POST", "/request", client_id_); }

absl::StatusOr<bool> Player::IsReady(bool wait) {
  MUSTER_ASSIGN_OR_RETURN(const bool any, Receive(wait));
  if (!any) return false;
  while (const std::optional<std::string> message = NextMessage()) {
    if (message->find(R"("type":"request.ready")") != std::string::npos) return true;
    if (message->find(R"("type":"request.failed")") != std::string::npos) {
      return absl::InternalError(*message);
    }
  }
  return false;
}

absl::Status Player::AskAndWait(const std::string& lobby) {
  MUSTER_RETURN_IF_ERROR(Fetch(lobby, AskText()).status());
  bool ready = false;
  while (!ready) {
    MUSTER_ASSIGN_OR_RETURN(ready, IsReady(/*wait=*/true));
  }
  return absl::OkStatus();
}

std::optional<std::string> Player::NextMessage() {
  const std::optional<Span> payload = PayloadOf(received_);
  if (!payload) return std::nullopt;
  std::string message = received_.substr(payload->begin, payload->end - payload->begin);
  received_.erase(0, payload->end);
  return message;
}

absl::StatusOr<bool> Player::Receive(bool wait) {
  std::array<char, 4096> bytes{};
  const ssize_t size = recv(fd_, bytes.data(), bytes.size(), wait ? 0 : MSG_DONTWAIT);
  if (size < 0 && errno == EAGAIN && !wait) return false;
  if (size <= 0) return absl::UnavailableError("the lobby closed a socket");
  received_.append(bytes.data(), static_cast<size_t>(size));
  return true;
}

absl::Status Player::AwaitText(std::string_view text) {
  while (received_.find(text) == std::string::npos) {
    MUSTER_RETURN_IF_ERROR(Receive(true).status());
  }
  return absl::OkStatus();
}

}  // namespace muster::bench
