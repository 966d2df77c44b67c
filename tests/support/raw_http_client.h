#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace muster::support {

struct RawResponse {
  int status = 0;
  // Names in lower case; of several with the same name the last.
  std::map<std::string, std::string> headers;
  std::string body;
};

// A frame of a WebSocket, RFC 6455, section 5.2.
struct RawFrame {
  static constexpr int kContinuation = 0;
  static constexpr int kText = 1;
  static constexpr int kBinary = 2;
  static constexpr int kClose = 8;
  static constexpr int kPing = 9;
  static constexpr int kPong = 10;

  int opcode = kText;
  std::string payload;
  bool final = true;
  // Clients must mask.
  bool masked = true;

  // Of a close frame; 0 when there is none.
  int close_code() const;
};

// A connection to a server on 127.0.0.1 that sends whatever it is told to, right or wrong. Every
// call blocks, for `timeout` at most. Not thread-safe.
class RawHttpClient {
 public:
  struct Options {
    // For a whole call, however many bytes it takes; far above what any test needs.
    std::chrono::milliseconds timeout{30'000};
    // Of the kernel, in bytes; 0: its own choice. A small one makes a slow reader.
    int receive_buffer = 0;
  };

  explicit RawHttpClient(int port);
  RawHttpClient(int port, Options options);
  ~RawHttpClient();
  RawHttpClient(const RawHttpClient&) = delete;
  RawHttpClient& operator=(const RawHttpClient&) = delete;

  bool connected() const { return fd_ >= 0; }

  // False when the server closed the connection or takes no more.
  bool Send(std::string_view bytes);
  // The next response with its body; of one to HEAD there is none. Nothing when the connection
  // ended before it was whole.
  std::optional<RawResponse> Read(bool to_head = false);
  // "GET path", on to the response.
  std::optional<RawResponse> Get(std::string_view path);
  // Reads and drops. True when the server closed the connection, false when it is still open after
  // `within`.
  bool IsClosedWithin(std::chrono::milliseconds within);
  bool IsClosed() { return IsClosedWithin(options_.timeout); }
  // Whatever comes until the server closes the connection.
  std::string ReadToEnd();

  // Sends no more, and still reads.
  void EndSending();
  // Breaks the connection: the server is told that it was reset.
  void Reset();
  void Close();

  // Asks for a WebSocket; the status is 101 when it is one. `headers` are lines with their ends.
  std::optional<RawResponse> Upgrade(std::string_view path, std::string_view headers = "");
  bool Send(const RawFrame& frame);
  bool SendText(std::string_view text);
  // The next frame; nothing when the connection ended before it was whole.
  std::optional<RawFrame> ReadFrame();
  // The next close frame's code, whatever comes before; 0 when the connection ends without.
  int ReadCloseCode();

 private:
  using Deadline = std::chrono::steady_clock::time_point;

  Deadline NewDeadline() const;
  // Adds to `received_`; false when the connection ended.
  bool Receive(Deadline deadline);
  bool ReceiveAtLeast(size_t bytes, Deadline deadline);
  std::string Take(size_t bytes);

  const Options options_;
  int fd_ = -1;
  bool closed_ = false;
  std::string received_;
};

}  // namespace muster::support
