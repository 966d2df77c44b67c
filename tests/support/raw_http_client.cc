#include "tests/support/raw_http_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace muster::support {
namespace {

// Any will do: the server only has to undo it.
constexpr std::array<char, 4> kMask = {'\x12', '\x34', '\x56', '\x78'};

// The `size` bytes of a number, highest first.
std::string BigEndian(uint64_t number, int size) {
  std::string bytes;
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(number >> shift & 0xFF));
  }
  return bytes;
}

uint64_t FromBigEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

// False when `fd` is not ready before the deadline, or none.
bool AwaitReady(int fd, short events, std::chrono::steady_clock::time_point deadline) {
  while (fd >= 0) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd poll_fd{.fd = fd, .events = events, .revents = 0};
    const int ready = poll(&poll_fd, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
  return false;
}

RawResponse ParseHead(std::string_view head) {
  RawResponse response;
  size_t line_end = head.find("\r\n");
  // "HTTP/1.1 200 OK"
  if (line_end > 9) response.status = static_cast<int>(std::strtol(&head[9], nullptr, 10));
  while (line_end + 2 < head.size()) {
    head.remove_prefix(line_end + 2);
    line_end = head.find("\r\n");
    const std::string_view line = head.substr(0, line_end);
    const size_t colon = line.find(": ");
    if (colon == std::string_view::npos) break;
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    response.headers[name] = line.substr(colon + 2);
  }
  return response;
}

}  // namespace

int RawFrame::close_code() const {
  if (opcode != kClose || payload.size() < 2) return 0;
  return static_cast<int>(FromBigEndian(std::string_view(payload).substr(0, 2)));
}

RawHttpClient::RawHttpClient(int port) : RawHttpClient(port, Options()) {}

RawHttpClient::RawHttpClient(int port, Options options) : options_(options) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (options_.receive_buffer > 0) {
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &options_.receive_buffer,
               sizeof options_.receive_buffer);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) Close();
}

RawHttpClient::~RawHttpClient() { Close(); }

RawHttpClient::Deadline RawHttpClient::NewDeadline() const {
  return std::chrono::steady_clock::now() + options_.timeout;
}

bool RawHttpClient::Send(std::string_view bytes) {
  const Deadline deadline = NewDeadline();
  while (!bytes.empty()) {
    if (!AwaitReady(fd_, POLLOUT, deadline)) return false;
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool RawHttpClient::Receive(Deadline deadline) {
  if (closed_ || !AwaitReady(fd_, POLLIN, deadline)) return false;
  std::array<char, 65536> bytes{};
  const ssize_t size = recv(fd_, bytes.data(), bytes.size(), 0);
  closed_ = size <= 0;
  if (!closed_) received_.append(bytes.data(), static_cast<size_t>(size));
  return !closed_;
}

bool RawHttpClient::ReceiveAtLeast(size_t bytes, Deadline deadline) {
  while (received_.size() < bytes) {
    if (!Receive(deadline)) return false;
  }
  return true;
}

std::string RawHttpClient::Take(size_t bytes) {
  std::string taken = received_.substr(0, bytes);
  received_.erase(0, bytes);
  return taken;
}

std::optional<RawResponse> RawHttpClient::Read(bool to_head) {
  const Deadline deadline = NewDeadline();
  while (received_.find("\r\n\r\n") == std::string::npos) {
    if (!Receive(deadline)) return std::nullopt;
  }
  RawResponse response = ParseHead(Take(received_.find("\r\n\r\n") + 4));
  const auto length = response.headers.find("content-length");
  if (to_head || length == response.headers.end()) return response;
  const size_t size = std::strtoul(length->second.c_str(), nullptr, 10);
  if (!ReceiveAtLeast(size, deadline)) return std::nullopt;
  response.body = Take(size);
  return response;
}

std::optional<RawResponse> RawHttpClient::Get(std::string_view path) {
  std::string request("GET ");
  request.append(path).append(" HTTP/1.1\r\nHost: localhost\r\n\r\n");
  if (!Send(request)) return std::nullopt;
  return Read();
}

bool RawHttpClient::IsClosedWithin(std::chrono::milliseconds within) {
  const Deadline deadline = std::chrono::steady_clock::now() + within;
  while (Receive(deadline)) received_.clear();
  return closed_;
}

std::string RawHttpClient::ReadToEnd() {
  const Deadline deadline = NewDeadline();
  while (Receive(deadline)) {
  }
  return std::exchange(received_, "");
}

void RawHttpClient::EndSending() { shutdown(fd_, SHUT_WR); }

void RawHttpClient::Reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  Close();
}

void RawHttpClient::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  closed_ = true;
}

std::optional<RawResponse> RawHttpClient::Upgrade(std::string_view path, std::string_view headers) {
  std::string request("GET ");
  request.append(path)
      .append(
          " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
      .append(headers)
      .append("\r\n");
  if (!Send(request)) return std::nullopt;
  return Read();
}

bool RawHttpClient::Send(const RawFrame& frame) {
  const size_t size = frame.payload.size();
  const int mask_bit = frame.masked ? 0x80 : 0;
  std::string bytes(1, static_cast<char>((frame.final ? 0x80 : 0) | frame.opcode));
  if (size < 126) {
    bytes.push_back(static_cast<char>(mask_bit | static_cast<int>(size)));
  } else if (size <= 0xFFFF) {
    bytes.push_back(static_cast<char>(mask_bit | 126));
    bytes += BigEndian(size, 2);
  } else {
    bytes.push_back(static_cast<char>(mask_bit | 127));
    bytes += BigEndian(size, 8);
  }
  if (!frame.masked) return Send(bytes + frame.payload);
  bytes.append(kMask.data(), kMask.size());
  for (size_t i = 0; i < size; ++i) {
    bytes.push_back(static_cast<char>(frame.payload[i] ^ kMask[i % kMask.size()]));
  }
  return Send(bytes);
}

bool RawHttpClient::SendText(std::string_view text) {
  return Send(RawFrame{.payload = std::string(text)});
}

std::optional<RawFrame> RawHttpClient::ReadFrame() {
  const Deadline deadline = NewDeadline();
  if (!ReceiveAtLeast(2, deadline)) return std::nullopt;
  const auto first = static_cast<unsigned char>(received_[0]);
  size_t size = static_cast<unsigned char>(received_[1]) & 0x7F;
  const size_t size_bytes = size == 126 ? 2 : size == 127 ? 8 : 0;
  if (!ReceiveAtLeast(2 + size_bytes, deadline)) return std::nullopt;
  if (size_bytes > 0) size = FromBigEndian(std::string_view(received_).substr(2, size_bytes));
  if (!ReceiveAtLeast(2 + size_bytes + size, deadline)) return std::nullopt;
  Take(2 + size_bytes);
  return RawFrame{
      .opcode = first & 0x0F, .payload = Take(size), .final = (first & 0x80) != 0, .masked = false};
}

int RawHttpClient::ReadCloseCode() {
  while (const std::optional<RawFrame> frame = ReadFrame()) {
    if (frame->opcode == RawFrame::kClose) return frame->close_code();
  }
  return 0;
}

}  // namespace muster::support
