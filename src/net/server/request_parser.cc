#include "net/server/request_parser.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "base/strings.h"
#include "boost/beast/core/buffer_traits.hpp"
#include "boost/beast/http/basic_parser.hpp"
#include "boost/beast/http/error.hpp"
#include "boost/beast/http/rfc7230.hpp"

namespace muster::net::server {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

// Enough for what browsers send without growing.
constexpr size_t kUsualHeaders = 12;

// Stands for every problem that Beast does not see; the words are in `problem`.
error_code Malformed() { return http::make_error_code(http::error::bad_value); }

std::string_view ToStd(string_view text) { return {text.data(), text.size()}; }

// Of scheme and host, which no part of ours asks for.
std::string_view WithoutAuthority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!absl::StartsWithIgnoreCase(base::ToAbsl(target), base::ToAbsl(scheme))) continue;
    target.remove_prefix(scheme.size());
    const size_t end = target.find_first_of("/?");
    // An authority alone stands for "/" (RFC 9112, section 3.2.2); "?" directly behind it is rare
    // enough to be refused.
    if (end == std::string_view::npos) return "/";
    return target.substr(end);
  }
  return target;
}

// Fills a Request as Beast meets its parts, without Beast's own message between.
class RequestReader final : public http::basic_parser<true> {
 public:
  explicit RequestReader(RequestParser::Limits limits) {
    header_limit(static_cast<std::uint32_t>(limits.max_head_bytes));
    body_limit(limits.max_body_bytes);
    request.headers.reserve(kUsualHeaders);
  }

  Request request;
  std::string problem;
  size_t head_bytes = 0;
  bool expects_continue = false;
  bool old = false;

 private:
  void Fail(std::string_view what, error_code& error) {
    problem = what;
    error = Malformed();
  }

  void on_request_impl(http::verb /*verb*/, string_view method, string_view target, int version,
                       error_code& error) override {
    request.method = ToStd(method);
    old = version == 10;
    const std::string_view path = WithoutAuthority(ToStd(target));
    if (path.empty() || path.front() != '/') return Fail("the target is no path", error);
    if (path.find('#') != std::string_view::npos) return Fail("the target has a '#'", error);
    const size_t question = path.find('?');
    request.path = path.substr(0, question);
    if (question != std::string_view::npos) request.query = path.substr(question + 1);
  }
  void on_response_impl(int /*code*/, string_view /*reason*/, int /*version*/,
                        error_code& /*error*/) override {}

  void on_field_impl(http::field field, string_view name, string_view value,
                     error_code& error) override {
    // Fields behind a chunked body.
    if (head_done_) return;
    switch (field) {
      case http::field::host:
        if (std::exchange(host_, true)) return Fail("two Host headers", error);
        break;
      case http::field::content_length:
        if (std::exchange(length_, true) || value.find(',') != string_view::npos) {
          return Fail("two lengths", error);
        }
        break;
      case http::field::transfer_encoding:
        if (old || !absl::EqualsIgnoreCase(base::ToAbsl(ToStd(value)), "chunked")) {
          return Fail("a transfer encoding other than chunked", error);
        }
        break;
      case http::field::expect:
        expects_continue =
            absl::EqualsIgnoreCase(base::ToAbsl(ToStd(value)), "100-continue") && !old;
        break;
      case http::field::upgrade:
        web_socket_ = web_socket_ || http::token_list(value).exists("websocket");
        break;
      default:
        break;
    }
    request.headers.push_back({std::string(ToStd(name)), std::string(ToStd(value))});
  }

  void on_header_impl(error_code& error) override {
    head_done_ = true;
    if (!host_ && !old) return Fail("no Host header", error);
    request.wants_web_socket = web_socket_ && upgrade() && request.method == "GET" && !old;
    if (request.wants_web_socket) CheckUpgrade(error);
  }
  // RFC 6455, section 4.2.1; its version is the connection's to answer.
  void CheckUpgrade(error_code& error) {
    constexpr size_t kKeyLength = 24;
    const auto key = request.Header("Sec-WebSocket-Key");
    if (!key || key->size() != kKeyLength || !key->ends_with("==")) {
      return Fail("an upgrade without a Sec-WebSocket-Key of 16 bytes", error);
    }
    if (chunked() || content_length().value_or(0) > 0) Fail("an upgrade with a body", error);
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/,
                         error_code& /*error*/) override {}
  size_t on_body_impl(string_view body, error_code& /*error*/) override {
    request.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t /*size*/, string_view /*extensions*/,
                            error_code& /*error*/) override {}
  size_t on_chunk_body_impl(std::uint64_t /*remain*/, string_view body,
                            error_code& error) override {
    return on_body_impl(body, error);
  }
  void on_finish_impl(error_code& /*error*/) override {}

  bool head_done_ = false;
  bool host_ = false;
  bool length_ = false;
  bool web_socket_ = false;
};

}  // namespace

class RequestParser::Impl {
 public:
  explicit Impl(Limits limits) : limits_(limits) { reader.emplace(limits_); }
  void Reset() { reader.emplace(limits_); }
  Progress Parse(std::string_view& bytes);

  // Beast's parsers are good for one message each.
  std::optional<RequestReader> reader;

 private:
  std::optional<Progress> Put(std::string_view& bytes);
  Progress ProgressOf(error_code error);

  const Limits limits_;
};

RequestParser::Progress RequestParser::Impl::Parse(std::string_view& bytes) {
  // Empty lines before a request are passed over (RFC 9112, section 2.2).
  while (!reader->got_some() && bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  if (!reader->got_some() && bytes == "\r") return Progress::kNeedMore;
  while (!bytes.empty()) {
    const std::optional<Progress> progress = Put(bytes);
    if (progress) return *progress;
  }
  return Progress::kNeedMore;
}

// Nothing when there may be more to take.
std::optional<RequestParser::Progress> RequestParser::Impl::Put(std::string_view& bytes) {
  const bool in_head = !reader->is_header_done();
  error_code error;
  const size_t used = reader->put({bytes.data(), bytes.size()}, error);
  bytes.remove_prefix(used);
  if (in_head) {
    reader->head_bytes += used;
    const size_t unread = error == http::error::need_more ? bytes.size() : 0;
    if (reader->head_bytes + unread > limits_.max_head_bytes) return Progress::kHeadTooLong;
  }
  if (error) return ProgressOf(error);
  if (reader->is_done()) return Progress::kDone;
  return in_head ? std::make_optional(Progress::kHead) : std::nullopt;
}

RequestParser::Progress RequestParser::Impl::ProgressOf(error_code error) {
  if (error == http::error::need_more) return Progress::kNeedMore;
  if (error == http::error::header_limit) return Progress::kHeadTooLong;
  if (error == http::error::body_limit) return Progress::kBodyTooLong;
  if (reader->problem.empty()) reader->problem = error.message();
  return Progress::kMalformed;
}

RequestParser::RequestParser(Limits limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::~RequestParser() = default;

RequestParser::Progress RequestParser::Parse(std::string_view& bytes) {
  return impl_->Parse(bytes);
}
void RequestParser::Reset() { impl_->Reset(); }
bool RequestParser::started() const { return impl_->reader->got_some(); }
const std::string& RequestParser::problem() const { return impl_->reader->problem; }
bool RequestParser::keep_alive() const { return impl_->reader->keep_alive(); }
bool RequestParser::is_old() const { return impl_->reader->old; }
bool RequestParser::expects_continue() const { return impl_->reader->expects_continue; }
Request& RequestParser::request() { return impl_->reader->request; }

}  // namespace muster::net::server
