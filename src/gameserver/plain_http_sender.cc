#include "gameserver/plain_http_sender.h"

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "boost/asio.hpp"
#include "boost/beast.hpp"
#include "net/url.h"

namespace muster::gameserver {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Result = absl::StatusOr<base::HttpResponse>;

constexpr std::string_view kScheme = "http://";

struct Target {
  // As the Host header has it.
  std::string authority;
  std::string host;
  std::string port;
  std::string path;
};

absl::StatusOr<Target> ParseTarget(std::string_view url) {
  if (!url.starts_with(kScheme)) return absl::InvalidArgumentError("url: it is not http://");
  url.remove_prefix(kScheme.size());
  const size_t end = std::min(url.find('/'), url.size());
  const std::string_view authority = url.substr(0, end);
  const std::optional<std::string> host = net::HostOfAuthority(authority);
  if (!host.has_value()) return absl::InvalidArgumentError("url: it has no host");
  Target target{std::string(authority), *host, "80", std::string(url.substr(end))};
  if (target.path.empty()) target.path = "/";
  if (authority.size() > host->size() + 1) target.port = authority.substr(host->size() + 1);
  if (target.host.front() == '[') target.host = target.host.substr(1, target.host.size() - 2);
  return target;
}

using Message = http::request<http::string_body>;

Message MakeMessage(const base::HttpRequest& request, const Target& target,
                    const std::string& user_agent) {
  Message message;
  message.version(11);
  message.method_string(request.method);
  message.target(target.path);
  message.set(http::field::host, target.authority);
  message.set(http::field::user_agent, user_agent);
  message.set(http::field::connection, "close");
  for (const base::HttpHeader& header : request.headers) message.set(header.name, header.value);
  message.body() = request.body;
  message.prepare_payload();
  return message;
}

absl::Status ToStatus(const beast::system_error& error, const std::string& host) {
  const std::string message = base::StrCat(host, ": ", error.code().message());
  if (error.code() == http::error::body_limit) return absl::ResourceExhaustedError(message);
  return absl::UnavailableError(message);
}

// Throws beast::system_error.
asio::awaitable<base::HttpResponse> Exchange(const Target& target, Message& message,
                                             const base::HttpRequest& request) {
  const auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  const auto endpoints =
      co_await resolver.async_resolve(target.host, target.port, asio::use_awaitable);
  beast::tcp_stream stream(executor);
  co_await stream.async_connect(endpoints, asio::use_awaitable);
  co_await http::async_write(stream, message, asio::use_awaitable);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  if (request.discard_body) {
    // Else an announced length above the limit would be an error.
    parser.body_limit(boost::none);
    co_await http::async_read_header(stream, buffer, parser, asio::use_awaitable);
  } else {
    parser.body_limit(request.max_response_bytes);
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
  }
  base::HttpResponse response{.status = static_cast<int>(parser.get().result_int())};
  if (!request.discard_body) response.body = std::move(parser.get().body());
  co_return response;
}

Result ToResult(const std::exception_ptr& error, base::HttpResponse response,
                const std::string& host) {
  if (error == nullptr) return response;
  try {
    std::rethrow_exception(error);
  } catch (const beast::system_error& caught) {
    return ToStatus(caught, host);
  } catch (const std::exception& caught) {
    return absl::InternalError(base::StrCat(host, ": ", caught.what()));
  }
}

}  // namespace

absl::StatusOr<base::HttpResponse> PlainHttpSender::Send(const base::HttpRequest& request,
                                                         std::stop_token stop) {
  MUSTER_ASSIGN_OR_RETURN(const Target target, ParseTarget(request.url));
  Message message = MakeMessage(request, target, user_agent_);
  std::optional<Result> result;
  asio::io_context context(1);
  asio::co_spawn(context, Exchange(target, message, request),
                 [&](const std::exception_ptr& error, base::HttpResponse response) {
                   result = ToResult(error, std::move(response), target.host);
                 });
  const std::stop_callback cancel(stop, [&context] { context.stop(); });
  context.run_for(request.timeout);
  if (result.has_value()) return *std::move(result);
  if (stop.stop_requested()) return absl::CancelledError(base::StrCat(target.host, ": stopped"));
  return absl::DeadlineExceededError(base::StrCat(target.host, ": no answer in time"));
}

}  // namespace muster::gameserver
