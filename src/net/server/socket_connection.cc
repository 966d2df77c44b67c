#include "net/server/socket_connection.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/detached.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/http/empty_body.hpp"
#include "boost/beast/http/message.hpp"
#include "boost/beast/websocket.hpp"
#include "net/server/socket_queue.h"

namespace muster::net::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

// A frame's head and a short text go out in one piece; most sockets have little to say.
constexpr size_t kWriteBuffer = 1024;
// A longer message's memory is not kept for the next one.
constexpr size_t kKeptBuffer = 4096;

// For a peer to shake hands, at the beginning and at the end, and to close its side.
constexpr std::chrono::milliseconds kHandshakeTime{2000};

// Tells whether there were more than `limit` events within any second.
class RateMeter {
 public:
  explicit RateMeter(size_t limit) : limit_(limit) {}

  // Whether one more, now, is within the limit.
  bool Allow(base::MonotonicTime now) {
    if (limit_ == 0) return true;
    if (times_.size() < limit_) {
      times_.push_back(now);
      return true;
    }
    base::MonotonicTime& oldest = times_[next_];
    if (now - oldest < std::chrono::seconds(1)) return false;
    oldest = now;
    next_ = (next_ + 1) % limit_;
    return true;
  }

 private:
  const size_t limit_;
  // Of the last events, a ring.
  std::vector<base::MonotonicTime> times_;
  size_t next_ = 0;
};

// The request as Beast wants it: it reads no more of it than this.
beast::http::request<beast::http::empty_body> UpgradeRequest(const std::string& key) {
  beast::http::request<beast::http::empty_body> request(beast::http::verb::get, "/", 11);
  request.set(beast::http::field::host, "host");
  request.set(beast::http::field::connection, "upgrade");
  request.set(beast::http::field::upgrade, "websocket");
  request.set(beast::http::field::sec_websocket_version, "13");
  request.set(beast::http::field::sec_websocket_key, key);
  return request;
}

// Owned by its coroutines: one reads to the end, one sends while there is something to send.
class SocketConnection final : public Connection,
                               public SocketQueue::Sender,
                               public std::enable_shared_from_this<SocketConnection> {
 public:
  SocketConnection(Serving& serving, std::shared_ptr<IoThread> thread, Socket socket,
                   Admission::Ticket ticket, std::unique_ptr<WebSocketHandler> handler);
  ~SocketConnection() override;

  // The first parameter keeps the connection as long as anything of it runs.
  static Task<> Run(std::shared_ptr<SocketConnection> self, std::string key);

  void Drain() override;
  void Cut() override;
  void CheckDeadlines(base::MonotonicTime now) override;
  void OnQueued() override;

 private:
  static Task<> SendQueued(std::shared_ptr<SocketConnection> self);
  Task<bool> Open(const std::string& key);
  Task<> Read();
  Task<> Send(const SocketQueue::Item& item, error_code& error);
  // Hands the message that was read to the handler, if it may be.
  void Take();
  // Counts a message or a control frame; closes the connection when there are too many.
  bool WithinRate();
  base::MonotonicTime WriteDeadline() const {
    return base::Clock::System().MonotonicNow() + serving_.options.write_timeout;
  }

  Serving& serving_;
  const std::shared_ptr<IoThread> thread_;
  const Admission::Ticket ticket_;
  const std::unique_ptr<WebSocketHandler> handler_;
  const std::shared_ptr<SocketQueue> queue_;

  websocket::stream<Socket, false> stream_;
  beast::flat_buffer message_;
  RateMeter rate_;
  // The handshake has gone out: frames may follow.
  bool opened_ = false;
  // Nothing that comes is of interest any more.
  bool deaf_ = false;
  // Of the frame that is being sent.
  base::MonotonicTime write_deadline_ = base::MonotonicTime::max();
  // Of the handshake, of the opening one and of the closing one; unset while it is open.
  base::MonotonicTime handshake_deadline_ = base::MonotonicTime::max();
};

SocketConnection::SocketConnection(Serving& serving, std::shared_ptr<IoThread> thread,
                                   Socket socket, Admission::Ticket ticket,
                                   std::unique_ptr<WebSocketHandler> handler)
    : serving_(serving),
      thread_(std::move(thread)),
      ticket_(std::move(ticket)),
      handler_(std::move(handler)),
      queue_(std::make_shared<SocketQueue>(thread_, serving.options.max_socket_queue, this)),
      stream_(std::move(socket)),
      rate_(serving.options.max_socket_messages_per_second) {
  const HttpServer::Options& options = serving.options;
  stream_.set_option(websocket::stream_base::timeout{.handshake_timeout = options.write_timeout,
                                                     .idle_timeout = options.socket_idle_timeout,
                                                     .keep_alive_pings = true});
  stream_.set_option(websocket::stream_base::decorator([](websocket::response_type& response) {
    response.set(beast::http::field::server, "muster");
  }));
  stream_.read_message_max(options.max_socket_message_bytes);
  stream_.write_buffer_bytes(kWriteBuffer);
  stream_.auto_fragment(false);
  stream_.control_callback([this](websocket::frame_type, beast::string_view) { WithinRate(); });
  thread_->Add(this);
}

// However it ends: what is queued has nobody to call from here on.
SocketConnection::~SocketConnection() {
  queue_->End();
  thread_->Remove(this);
}

Task<> SocketConnection::Run(std::shared_ptr<SocketConnection> self, std::string key) {
  const bool opened = co_await self->Open(key);
  if (!opened) co_return;
  self->opened_ = true;
  ++self->serving_.web_sockets;
  self->handler_->OnOpen(self->queue_);
  // Those that were drained before they were open were not told.
  if (self->thread_->draining()) self->Drain();
  co_await self->Read();
  self->queue_->End();
  self->Cut();
  --self->serving_.web_sockets;
  self->handler_->OnClose();
}

Task<bool> SocketConnection::Open(const std::string& key) {
  error_code error;
  const auto request = UpgradeRequest(key);
  co_await stream_.async_accept(request, Into(error));
  co_return !error && !deaf_;
}

Task<> SocketConnection::Read() {
  for (;;) {
    error_code error;
    co_await stream_.async_read(message_, Into(error));
    if (error == websocket::error::message_too_big) {
      serving_.CountRefusal(Refusal::kSocketMessageTooLong);
    }
    if (error) co_return;
    if (!deaf_) Take();
    message_.clear();
    if (message_.capacity() > kKeptBuffer) message_.shrink_to_fit();
  }
}

void SocketConnection::Take() {
  if (!stream_.got_text()) {
    deaf_ = true;
    queue_->Close(CloseCode::kUnsupportedData, "only text is understood");
    return;
  }
  if (!WithinRate()) return;
  const auto bytes = message_.cdata();
  handler_->OnMessage({static_cast<const char*>(bytes.data()), bytes.size()});
}

bool SocketConnection::WithinRate() {
  if (deaf_ || rate_.Allow(base::Clock::System().MonotonicNow())) return !deaf_;
  deaf_ = true;
  serving_.CountRefusal(Refusal::kSocketTooManyMessages);
  queue_->Close(CloseCode::kPolicyViolation, "too many messages a second");
  return false;
}

void SocketConnection::OnQueued() {
  asio::co_spawn(thread_->executor(), SendQueued(shared_from_this()), asio::detached);
}

Task<> SocketConnection::SendQueued(std::shared_ptr<SocketConnection> self) {
  error_code error;
  while (!error) {
    const SocketQueue::Item item = self->queue_->Take();
    if (item.text == nullptr && !item.closing) co_return;
    co_await self->Send(item, error);
  }
}

Task<> SocketConnection::Send(const SocketQueue::Item& item, error_code& error) {
  if (item.text != nullptr) {
    write_deadline_ = WriteDeadline();
    co_await stream_.async_write(asio::buffer(*item.text), Into(error));
    write_deadline_ = base::MonotonicTime::max();
    co_return;
  }
  if (item.closing->overflow) serving_.CountRefusal(Refusal::kSocketQueueFull);
  const websocket::close_reason reason(static_cast<websocket::close_code>(item.closing->code),
                                       item.closing->reason);
  co_await stream_.async_close(reason, Into(error));
}

void SocketConnection::Drain() {
  if (opened_) queue_->Close(CloseCode::kGoingAway, "the server stops");
}

void SocketConnection::Cut() {
  deaf_ = true;
  error_code ignored;
  beast::get_lowest_layer(stream_).close(ignored);
}

void SocketConnection::CheckDeadlines(base::MonotonicTime now) {
  if (now >= write_deadline_) {
    write_deadline_ = base::MonotonicTime::max();
    serving_.CountRefusal(Refusal::kSocketQueueFull);
    Cut();
  }
  if (stream_.is_open()) {
    handshake_deadline_ = base::MonotonicTime::max();
  } else if (handshake_deadline_ == base::MonotonicTime::max()) {
    handshake_deadline_ = now + std::min(kHandshakeTime, serving_.options.write_timeout);
  } else if (now >= handshake_deadline_) {
    // Unlike a close it lets what waits for the peer's end go on, and tell why the socket ended.
    deaf_ = true;
    error_code ignored;
    beast::get_lowest_layer(stream_).shutdown(Socket::shutdown_both, ignored);
  }
}

}  // namespace

void ServeSocket(Serving& serving, std::shared_ptr<IoThread> thread, Socket socket,
                 Admission::Ticket ticket, Upgrade upgrade) {
  const Executor executor = thread->executor();
  const auto connection = std::make_shared<SocketConnection>(
      serving, std::move(thread), std::move(socket), std::move(ticket), std::move(upgrade.handler));
  asio::co_spawn(executor, SocketConnection::Run(connection, std::move(upgrade.key)),
                 asio::detached);
}

}  // namespace muster::net::server
