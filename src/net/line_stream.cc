#include "net/line_stream.h"

#include <string>

#include "base/clock.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "net/curl_transfer.h"

namespace muster::net {
namespace {

using OnLine = std::function<void(std::string_view line)>;

// Cuts bytes into lines.
class LineCutter {
 public:
  LineCutter(size_t max_bytes, const OnLine& on_line) : max_bytes_(max_bytes), on_line_(on_line) {}

  // False when a line is too long.
  bool Add(std::string_view bytes) {
    for (size_t end = 0; (end = bytes.find('\n')) != std::string_view::npos;) {
      if (!Extend(bytes.substr(0, end))) return false;
      End();
      bytes.remove_prefix(end + 1);
    }
    return Extend(bytes);
  }

  void End() {
    if (line_.ends_with('\r')) line_.pop_back();
    if (!line_.empty()) on_line_(line_);
    line_.clear();
  }

 private:
  bool Extend(std::string_view bytes) {
    if (bytes.size() > max_bytes_ - line_.size()) return false;
    line_.append(bytes);
    return true;
  }

  const size_t max_bytes_;
  const OnLine& on_line_;
  std::string line_;
};

// One stream: the request, and its answer as it comes in.
class Stream {
 public:
  Stream(const base::HttpRequest& request, const OnLine& on_line)
      : max_line_bytes_(request.max_response_bytes),
        timeout_(CurlTimeout(request.timeout)),
        head_deadline_(base::Clock::System().MonotonicNow() + timeout_),
        lines_(max_line_bytes_, on_line) {}

  absl::Status Prepare(CURL* easy, const ClientOptions& options, const base::HttpRequest& request);
  absl::Status Run(CurlTransfer* transfer, const std::stop_token& stop);

 private:
  static size_t ReceiveHeader(char* data, size_t size, size_t count, void* self);
  static size_t Receive(char* data, size_t size, size_t count, void* self);
  // As CurlTransfer::Limit.
  absl::StatusOr<std::chrono::milliseconds> WaitLimit() const;
  bool Refused() const { return http_.http_status() / 100 != 2; }
  absl::Status RefusedStatus() const;

  const size_t max_line_bytes_;
  const std::chrono::milliseconds timeout_;
  const base::MonotonicTime head_deadline_;
  LineCutter lines_;
  CurlRequest http_;
  bool has_head_ = false;
  bool too_long_ = false;
};

absl::Status Stream::Prepare(CURL* easy, const ClientOptions& options,
                             const base::HttpRequest& request) {
  MUSTER_RETURN_IF_ERROR(http_.Prepare(easy, options, request));
  http_.Set(CURLOPT_HEADERFUNCTION, &Stream::ReceiveHeader);
  http_.Set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  http_.Set(CURLOPT_WRITEFUNCTION, &Stream::Receive);
  http_.Set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  http_.Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<CurlLong>(timeout_.count()));
  return http_.status();
}

// Called for each line of the head, the last one is empty.
size_t Stream::ReceiveHeader(char* data, size_t size, size_t count, void* self) {
  auto& to = *static_cast<Stream*>(self);
  const std::string_view line(data, size * count);
  // An interim answer, 1xx, has a head of its own.
  if (line == "\r\n" || line == "\n") to.has_head_ = to.http_.http_status() >= 200;
  return line.size();
}

size_t Stream::Receive(char* data, size_t size, size_t count, void* self) {
  auto& to = *static_cast<Stream*>(self);
  const size_t bytes = size * count;
  // Any other number than `bytes` makes libcurl end the transfer.
  if (to.Refused()) return bytes + 1;
  to.too_long_ = !to.lines_.Add({data, bytes});
  return to.too_long_ ? bytes + 1 : bytes;
}

absl::StatusOr<std::chrono::milliseconds> Stream::WaitLimit() const {
  if (has_head_ && Refused()) return RefusedStatus();
  if (has_head_) return CurlTransfer::NoLimit();
  const base::MonotonicTime now = base::Clock::System().MonotonicNow();
  if (now < head_deadline_)
    return std::chrono::ceil<std::chrono::milliseconds>(head_deadline_ - now);
  return absl::DeadlineExceededError(
      base::StrCat(http_.endpoint(), ": no answer within ", timeout_.count(), " ms"));
}

absl::Status Stream::RefusedStatus() const {
  return absl::UnavailableError(
      base::StrCat(http_.endpoint(), ": answered with status ", http_.http_status()));
}

absl::Status Stream::Run(CurlTransfer* transfer, const std::stop_token& stop) {
  MUSTER_ASSIGN_OR_RETURN(const CURLcode code,
                          transfer->Run(http_.endpoint(), stop, [this] { return WaitLimit(); }));
  if (too_long_) {
    return absl::ResourceExhaustedError(
        base::StrCat(http_.endpoint(), ": a line is longer than ", max_line_bytes_, " bytes"));
  }
  if (has_head_ && Refused()) return RefusedStatus();
  if (code != CURLE_OK) return http_.ErrorOf(code);
  lines_.End();
  return absl::OkStatus();
}

}  // namespace

absl::Status StreamLines(const ClientOptions& options, const base::HttpRequest& request,
                         const std::stop_token& stop, const OnLine& on_line) {
  CurlTransfer transfer;
  Stream stream(request, on_line);
  MUSTER_RETURN_IF_ERROR(stream.Prepare(transfer.Reset(), options, request));
  return stream.Run(&transfer, stop);
}

}  // namespace muster::net
