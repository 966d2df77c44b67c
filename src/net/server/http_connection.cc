#include "net/server/http_connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/detached.hpp"
#include "boost/asio/write.hpp"
#include "net/server/response_text.h"
#include "net/server/socket_connection.h"

namespace muster::net::server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Progress = RequestParser::Progress;

// For a client to read our last words and close; what it sends meanwhile is bounded too.
constexpr std::chrono::milliseconds kLingerTime{1000};
constexpr size_t kLingerBytes = size_t{1} << 20;
// Turning away must not become a way to hold connections.
constexpr size_t kMaxTurnedAway = 256;
// Space for a chunk's head beside what a head may have.
constexpr size_t kInputBytesBesideHead = 1024;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool WouldBlock(const error_code& error) {
  return error == asio::error::would_block || error == asio::error::try_again;
}

}  // namespace

// Where a reply goes: to the connection, if it still waits for it.
class HttpConnection::Exchange final : public Reply::Sink,
                                       public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(std::shared_ptr<IoThread> thread, HttpConnection* connection)
      : thread_(std::move(thread)), connection_(connection) {}

  void Send(Response response) override {
    if (thread_->IsCurrent()) return Deliver(std::move(response));
    thread_->Post([self = shared_from_this(), response = std::move(response)]() mutable {
      self->Deliver(std::move(response));
    });
  }
  void Accept(std::unique_ptr<WebSocketHandler> handler) override {
    if (thread_->IsCurrent()) return Deliver(std::move(handler));
    thread_->Post([self = shared_from_this(), handler = std::move(handler)]() mutable {
      self->Deliver(std::move(handler));
    });
  }

  // On the connection's thread: it has ended.
  void Detach() { connection_ = nullptr; }

 private:
  void Deliver(Response response) {
    if (connection_ != nullptr) connection_->OnSend(std::move(response));
  }
  void Deliver(std::unique_ptr<WebSocketHandler> handler) {
    if (connection_ != nullptr) connection_->OnAccept(std::move(handler));
  }

  const std::shared_ptr<IoThread> thread_;
  // Touched on its thread only.
  HttpConnection* connection_;
};

void HttpConnection::Serve(Serving& serving, std::shared_ptr<IoThread> thread, Socket socket,
                           Admission::Ticket ticket) {
  const Executor executor = thread->executor();
  auto connection = std::make_unique<HttpConnection>(serving, std::move(thread), std::move(socket),
                                                     std::move(ticket));
  asio::co_spawn(executor, Run(std::move(connection)), asio::detached);
}

void HttpConnection::TurnAway(Serving& serving, std::shared_ptr<IoThread> thread, Socket socket) {
  serving.CountRefusal(Refusal::kTooManyConnections);
  if (serving.turned_away >= kMaxTurnedAway) return;
  const Executor executor = thread->executor();
  auto connection =
      std::make_unique<HttpConnection>(serving, std::move(thread), std::move(socket), std::nullopt);
  asio::co_spawn(executor, RunTurnAway(std::move(connection)), asio::detached);
}

HttpConnection::HttpConnection(Serving& serving, std::shared_ptr<IoThread> thread, Socket socket,
                               std::optional<Admission::Ticket> ticket)
    : serving_(serving),
      thread_(std::move(thread)),
      socket_(std::move(socket)),
      ticket_(std::move(ticket)),
      input_(serving.options.max_head_bytes + kInputBytesBesideHead),
      parser_({.max_head_bytes = serving.options.max_head_bytes,
               .max_body_bytes = serving.options.max_body_bytes}),
      reply_signal_(socket_.get_executor(), base::MonotonicTime::max()) {
  thread_->Add(this);
}

HttpConnection::~HttpConnection() {
  if (exchange_ != nullptr) exchange_->Detach();
  thread_->Remove(this);
}

Task<> HttpConnection::Run(std::unique_ptr<HttpConnection> connection) {
  HttpConnection& self = *connection;
  // GCC 12 takes a co_await behind `&&` even when what stands before it is false: none stands
  // there.
  for (bool goes_on = true; goes_on;) {
    goes_on = co_await self.ReadRequest();
    if (goes_on) goes_on = co_await self.AnswerRequest();
  }
  if (self.web_socket_ != nullptr && !self.cut_) {
    ServeSocket(self.serving_, self.thread_, std::move(self.socket_), *std::move(self.ticket_),
                {std::move(self.asked_.key), std::move(self.web_socket_)});
    co_return;
  }
  if (self.refusal_) co_await self.Refuse();
  co_await self.Linger();
}

Task<> HttpConnection::RunTurnAway(std::unique_ptr<HttpConnection> connection) {
  HttpConnection& self = *connection;
  ++self.serving_.turned_away;
  co_await self.Send(Unavailable("too many connections"));
  co_await self.Linger();
  --self.serving_.turned_away;
}

std::chrono::milliseconds HttpConnection::TimeoutOf(State state) const {
  const HttpServer::Options& options = serving_.options;
  switch (state) {
    case State::kIdle:
      return options.idle_timeout;
    case State::kReadingHead:
      return options.head_timeout;
    case State::kReadingBody:
      return options.body_timeout;
    case State::kWriting:
      return options.write_timeout;
    case State::kLingering:
      return kLingerTime;
    case State::kHandling:
      break;
  }
  return std::chrono::milliseconds::max();
}

void HttpConnection::Enter(State state) {
  state_ = state;
  deadline_ = state == State::kHandling ? base::MonotonicTime::max()
                                        : base::Clock::System().MonotonicNow() + TimeoutOf(state);
}

void HttpConnection::CheckDeadlines(base::MonotonicTime now) {
  if (now < deadline_) return;
  deadline_ = base::MonotonicTime::max();
  if (state_ == State::kReadingHead || state_ == State::kReadingBody) {
    // The reader goes on from here and says so.
    timed_out_ = true;
    error_code ignored;
    socket_.cancel(ignored);
    return;
  }
  if (state_ == State::kWriting) serving_.CountRefusal(Refusal::kTooSlow);
  Cut();
}

void HttpConnection::Drain() {
  if (state_ == State::kIdle) Cut();
}

void HttpConnection::Cut() {
  cut_ = true;
  error_code ignored;
  socket_.close(ignored);
  reply_signal_.cancel();
}

Task<bool> HttpConnection::ReadRequest() {
  if (thread_->draining()) co_return false;
  parser_.Reset();
  input_.Shrink();
  Enter(State::kIdle);
  for (;;) {
    const std::optional<bool> whole = ParseRequest();
    if (whole) co_return *whole;
    if (std::exchange(say_continue_, false)) {
      const bool said = co_await Write(asio::buffer(kContinue), {});
      if (!said) co_return false;
    }
    const asio::mutable_buffer room = input_.Room();
    if (room.size() == 0) {
      // The head of a chunk, or what follows the last one.
      refusal_ = Refusal::kHeadTooLong;
      co_return false;
    }
    error_code error;
    const size_t bytes = co_await socket_.async_read_some(room, Into(error));
    if (!OnRead(error, bytes)) co_return false;
  }
}

std::optional<bool> HttpConnection::ParseRequest() {
  std::string_view bytes = input_.unread();
  Progress progress = parser_.Parse(bytes);
  if (progress == Progress::kHead) {
    Enter(State::kReadingBody);
    progress = parser_.Parse(bytes);
    say_continue_ = progress == Progress::kNeedMore && parser_.expects_continue() && bytes.empty();
  }
  input_.ConsumeTo(bytes.size());
  switch (progress) {
    case Progress::kNeedMore:
    case Progress::kHead:
      if (state_ == State::kIdle && parser_.started()) Enter(State::kReadingHead);
      return std::nullopt;
    case Progress::kDone:
      return true;
    case Progress::kMalformed:
      refusal_ = Refusal::kMalformed;
      return false;
    case Progress::kHeadTooLong:
      refusal_ = Refusal::kHeadTooLong;
      return false;
    case Progress::kBodyTooLong:
      refusal_ = Refusal::kBodyTooLong;
      return false;
  }
  return false;
}

bool HttpConnection::OnRead(const error_code& error, size_t bytes) {
  if (cut_) return false;
  if (timed_out_) {
    refusal_ = Refusal::kTooSlow;
    return false;
  }
  if (error) return false;
  input_.Commit(bytes);
  return true;
}

Task<bool> HttpConnection::AnswerRequest() {
  // The peer may have been cut while its request was on its way here.
  if (cut_) co_return false;
  NoteAsked();
  if (asked_.wants_web_socket && !asked_.version_known) {
    Response response = PlainResponse(426, "only version 13 of WebSocket is spoken");
    response.headers.push_back({"Sec-WebSocket-Version", "13"});
    co_return co_await Send(std::move(response));
  }
  CallHandler();
  if (!replied()) co_await AwaitReply();
  if (cut_ || web_socket_ != nullptr) co_return false;
  co_return co_await Send(*std::exchange(response_, std::nullopt));
}

// The handler takes the request away, so what is needed later is kept.
void HttpConnection::NoteAsked() {
  const Request& request = parser_.request();
  asked_.head_only = request.method == "HEAD";
  asked_.keep_alive = parser_.keep_alive();
  asked_.wants_web_socket = request.wants_web_socket;
  if (!asked_.wants_web_socket) return;
  asked_.key = request.Header("Sec-WebSocket-Key").value_or("");
  asked_.version_known = request.Header("Sec-WebSocket-Version") == "13";
}

void HttpConnection::CallHandler() {
  Enter(State::kHandling);
  // One that nobody else holds serves again. It was let go on this thread, as nobody else answers
  // at once, so that nobody's last look at it is still to come.
  if (exchange_ == nullptr || !std::exchange(replied_at_once_, false) ||
      exchange_.use_count() != 1) {
    if (exchange_ != nullptr) exchange_->Detach();
    exchange_ = std::make_shared<Exchange>(thread_, this);
  }
  parser_.request().peer = ticket_->peer();
  serving_.handler.Handle(std::move(parser_.request()), Reply(exchange_));
  replied_at_once_ = replied();
}

Task<> HttpConnection::AwaitReply() {
  while (!replied() && !cut_) {
    error_code ignored;
    co_await reply_signal_.async_wait(Into(ignored));
  }
}

void HttpConnection::OnSend(Response response) {
  response_ = std::move(response);
  reply_signal_.cancel();
}

void HttpConnection::OnAccept(std::unique_ptr<WebSocketHandler> handler) {
  if (!asked_.wants_web_socket || handler == nullptr) return OnSend(InternalError());
  if (thread_->draining()) return OnSend(Unavailable("the server stops"));
  if (!input_.unread().empty()) {
    // RFC 6455, section 4.1: it must wait for our answer.
    asked_.keep_alive = false;
    return OnSend(PlainResponse(400, "frames before the upgrade"));
  }
  web_socket_ = std::move(handler);
  reply_signal_.cancel();
}

Task<bool> HttpConnection::Send(Response response) {
  if (!IsSendable(response)) response = InternalError();
  const bool keep_alive = asked_.keep_alive && !thread_->draining();
  head_.clear();
  AppendHead(response,
             {.keep_alive = keep_alive, .old_client = parser_.is_old(), .date = thread_->Date()},
             head_);
  const bool with_body = !asked_.head_only && HasBody(response.status);
  const asio::const_buffer body = with_body ? asio::buffer(response.body) : asio::const_buffer();
  const bool sent = co_await Write(asio::buffer(head_), body);
  if (!sent) co_return false;
  co_return keep_alive;
}

Task<bool> HttpConnection::Write(asio::const_buffer first, asio::const_buffer second) {
  std::array<asio::const_buffer, 2> buffers = {first, second};
  error_code error;
  // Mostly all of it is taken at once.
  size_t sent = socket_.write_some(buffers, error);
  if (error && !WouldBlock(error)) co_return false;
  if (sent == asio::buffer_size(buffers)) co_return true;
  const State state = state_;
  for (asio::const_buffer& buffer : buffers) {
    const size_t of_buffer = std::min(sent, buffer.size());
    buffer += of_buffer;
    sent -= of_buffer;
  }
  Enter(State::kWriting);
  co_await asio::async_write(socket_, buffers, Into(error));
  Enter(state);
  co_return !error && !cut_;
}

Task<> HttpConnection::Refuse() {
  serving_.CountRefusal(*refusal_);
  asked_ = {};
  co_await Send(RefusalResponse());
}

Response HttpConnection::RefusalResponse() const {
  const HttpServer::Options& options = serving_.options;
  switch (*refusal_) {
    case Refusal::kHeadTooLong:
      return PlainResponse(
          431, base::StrCat("the head is longer than ", options.max_head_bytes, " bytes"));
    case Refusal::kBodyTooLong:
      return PlainResponse(
          413, base::StrCat("the body is longer than ", options.max_body_bytes, " bytes"));
    case Refusal::kTooSlow:
      return PlainResponse(408, "the request did not come in time");
    default:
      return PlainResponse(400, base::StrCat("malformed request: ", parser_.problem()));
  }
}

Task<> HttpConnection::Linger() {
  if (cut_) co_return;
  error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  Enter(State::kLingering);
  input_.ConsumeTo(0);
  size_t dropped = 0;
  while (!error && !cut_ && dropped < kLingerBytes) {
    dropped += co_await socket_.async_read_some(input_.Room(), Into(error));
  }
}

}  // namespace muster::net::server
