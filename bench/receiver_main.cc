#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "base/strings.h"

// A receiver of log lines and spans that costs next to nothing: reads what is pushed, throws it
// away and answers as Loki (204) or Zipkin (202) would. `--blocked`: takes connections and reads
// nothing. Prints one JSON line; ends by signal.
namespace muster::bench {
namespace {

constexpr size_t kChunkBytes = size_t{1} << 18;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

// -1 when there is none.
int Listen(int* port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, generic, size) != 0 || listen(listener, SOMAXCONN) != 0 ||
      getsockname(listener, generic, &size) != 0) {
    return -1;
  }
  *port = ntohs(address.sin_port);
  return listener;
}

// 0 when the head does not say.
size_t ContentLength(std::string_view head) {
  constexpr std::string_view kName = "\r\ncontent-length:";
  const std::string lower = absl::AsciiStrToLower(base::ToAbsl(head));
  const size_t at = lower.find(kName);
  if (at == std::string::npos) return 0;
  const std::string_view value = std::string_view(lower).substr(at + kName.size());
  size_t length = 0;
  const bool is_number = absl::SimpleAtoi(base::ToAbsl(value.substr(0, value.find('\r'))), &length);
  return is_number ? length : 0;
}

// One connection.
class Conversation {
 public:
  explicit Conversation(int connection) : connection_(connection), chunk_(kChunkBytes) {}
  ~Conversation() { close(connection_); }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  // Reads one call whole and answers it; false when the connection ended.
  bool Next() {
    while (head_.find(kHeadEnd) == std::string::npos) {
      const ssize_t size = Read();
      if (size <= 0) return false;
      head_.append(chunk_.data(), static_cast<size_t>(size));
    }
    const size_t end = head_.find(kHeadEnd) + kHeadEnd.size();
    size_t missing = ContentLength(std::string_view(head_).substr(0, end));
    const bool is_loki = head_.starts_with("POST /loki/");
    const size_t have = std::min(missing, head_.size() - end);
    head_.erase(0, end + have);
    for (missing -= have; missing > 0;) {
      const ssize_t size = Read(missing);
      if (size <= 0) return false;
      missing -= static_cast<size_t>(size);
    }
    return Answer(is_loki ? "204 No Content" : "202 Accepted");
  }

 private:
  ssize_t Read(size_t most = kChunkBytes) {
    return recv(connection_, chunk_.data(), std::min(most, kChunkBytes), 0);
  }

  bool Answer(std::string_view status) const {
    const std::string text =
        base::StrCat("HTTP/1.1 ", status, "\r\n",
                     status.starts_with("204") ? "" : "Content-Length: 0\r\n", "\r\n");
    return send(connection_, text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
  }

  const int connection_;
  std::vector<char> chunk_;
  // Read, and not yet used.
  std::string head_;
};

int Main(bool blocked) {
  int port = 0;
  const int listener = Listen(&port);
  if (listener < 0) {
    std::cerr << "bench_receiver: cannot listen\n";
    return 1;
  }
  std::cout << R"({"msg":"ready","url":"http://127.0.0.1:)" << port << R"(","pid":)" << getpid()
            << "}" << std::endl;
  // They end with the process.
  std::vector<std::thread> conversations;
  for (;;) {
    const int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0 || blocked) continue;
    conversations.emplace_back([connection] {
      Conversation conversation(connection);
      while (conversation.Next()) {
      }
    });
  }
}

}  // namespace
}  // namespace muster::bench

int main(int argc, char** argv) {
  bool blocked = false;
  CLI::App app("Receives log lines and spans and throws them away");
  app.add_flag("--blocked", blocked, "Take connections, but read nothing");
  CLI11_PARSE(app, argc, argv);
  return muster::bench::Main(blocked);
}
