#pragma once

#include <memory>
#include <optional>
#include <string>

#include "net/server/input_buffer.h"
#include "net/server/io_thread.h"
#include "net/server/request_parser.h"
#include "net/server/serving.h"

namespace muster::net::server {

// A connection as long as it speaks HTTP: reads a request, has it answered, sends the answer, reads
// the next. All on `thread`, to which the socket belongs.
class HttpConnection final : public Connection {
 public:
  // Serves a connection to its end; returns at once.
  static void Serve(Serving& serving, std::shared_ptr<IoThread> thread, Socket socket,
                    Admission::Ticket ticket);
  // Tells a client that there is no place for it; returns at once.
  static void TurnAway(Serving& serving, std::shared_ptr<IoThread> thread, Socket socket);

  HttpConnection(Serving& serving, std::shared_ptr<IoThread> thread, Socket socket,
                 std::optional<Admission::Ticket> ticket);
  ~HttpConnection() override;

  void Drain() override;
  void Cut() override;
  void CheckDeadlines(base::MonotonicTime now) override;

 private:
  class Exchange;
  enum class State {
    // Between requests.
    kIdle,
    kReadingHead,
    kReadingBody,
    // The handler owes an answer.
    kHandling,
    kWriting,
    // All is said; what the client still sends is read and dropped, so that it is not told of a
    // broken connection before it has read our last words.
    kLingering,
  };
  // Of the request that is being answered; the handler has the request itself.
  struct Asked {
    bool head_only = false;
    bool keep_alive = false;
    bool wants_web_socket = false;
    // Sec-WebSocket-Key, and whether the version is the one that is spoken.
    std::string key;
    bool version_known = false;
  };

  // The life of a connection; both end with `connection` being gone.
  static Task<> Run(std::unique_ptr<HttpConnection> connection);
  static Task<> RunTurnAway(std::unique_ptr<HttpConnection> connection);

  void Enter(State state);
  std::chrono::milliseconds TimeoutOf(State state) const;

  // False when there is none: the client left, or `refusal_` says what is wrong.
  Task<bool> ReadRequest();
  // Whether the request is whole or refused; it needs more bytes otherwise.
  std::optional<bool> ParseRequest();
  // Whether there is more to parse.
  bool OnRead(const boost::system::error_code& error, size_t bytes);
  // Whether the connection goes on as it is.
  Task<bool> AnswerRequest();
  void NoteAsked();
  void CallHandler();
  Task<> AwaitReply();
  // As AnswerRequest.
  Task<bool> Send(Response response);
  // Whether all was taken.
  Task<bool> Write(boost::asio::const_buffer first, boost::asio::const_buffer second);
  Task<> Refuse();
  Response RefusalResponse() const;
  Task<> Linger();

  // What the reply turns out to be.
  void OnSend(Response response);
  void OnAccept(std::unique_ptr<WebSocketHandler> handler);
  bool replied() const { return response_.has_value() || web_socket_ != nullptr; }

  Serving& serving_;
  const std::shared_ptr<IoThread> thread_;

  Socket socket_;
  // Unset once it went on to be a WebSocket, and for those turned away.
  std::optional<Admission::Ticket> ticket_;
  State state_ = State::kIdle;
  base::MonotonicTime deadline_ = base::MonotonicTime::max();
  // Nothing more is read or said.
  bool cut_ = false;
  bool timed_out_ = false;
  std::optional<Refusal> refusal_;

  InputBuffer input_;
  RequestParser parser_;
  // The client waits for it before it sends its body.
  bool say_continue_ = false;
  Asked asked_;
  // Where the answer to the current request goes.
  std::shared_ptr<Exchange> exchange_;
  bool replied_at_once_ = false;
  std::optional<Response> response_;
  std::unique_ptr<WebSocketHandler> web_socket_;
  // Never expires: cancelled when the answer is there.
  Timer reply_signal_;
  std::string head_;
};

}  // namespace muster::net::server
