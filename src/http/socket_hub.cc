#include "http/socket_hub.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/stop_wait.h"
#include "http/json_text.h"
#include "http/request_view.h"
#include "lobby/records.h"
#include "nlohmann/json.hpp"

namespace muster::http {
namespace {

using net::server::WebSocket;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::string_view kRequestsTopic = "requests";
// Between two looks at requests that wait: a push may have been lost with whoever was to send it.
constexpr std::chrono::seconds kWaitingLook{5};
// Between attempts to read a store that fails.
constexpr std::chrono::milliseconds kStorePause{500};

std::string Message(std::string_view type, const ordered_json& data) {
  return JsonText({{"type", type}, {"id", 0}, {"data", data}});
}

std::string ErrorMessage(std::string_view detail) { return Message("error", {{"detail", detail}}); }

// The text of a member; "" when it is missing or no text.
std::string TextOf(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

// One WebSocket of a client. The server's handler is a thin end of it, since the hub shares it.
class SocketHub::Session : public std::enable_shared_from_this<Session> {
 public:
  // Given to the server.
  class Handler final : public net::server::WebSocketHandler {
   public:
    explicit Handler(std::shared_ptr<Session> session) : session_(std::move(session)) {}
    // Not in OnClose, which does not come when the handshake fails.
    ~Handler() override { session_->hub_.Leave(session_); }
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;

    void OnOpen(std::shared_ptr<WebSocket> socket) override { session_->Open(std::move(socket)); }
    void OnMessage(std::string_view text) override { session_->Read(text); }
    void OnClose() override {}

   private:
    const std::shared_ptr<Session> session_;
  };

  Session(SocketHub& hub, std::string client_id, std::string host)
      : hub_(hub), client_id_(std::move(client_id)), host_(std::move(host)) {}

  const std::string& client_id() const { return client_id_; }

  // The request that it was shown last has no outcome yet.
  bool waits() const {
    base::MutexLock lock(&mu_);
    return waits_;
  }

  void Show(const lobby::Request& request) {
    base::MutexLock lock(&mu_);
    if (!subscribed_ || request.revision <= shown_revision_) return;
    shown_revision_ = request.revision;
    waits_ = request.state == lobby::RequestState::kCreated ||
             request.state == lobby::RequestState::kInProgress;
    // Under the lock, so that an older one cannot overtake.
    SendLocked(RequestMessage(request, hub_.ports_.addresses.Of(request.place, host_)));
  }

 private:
  void Open(std::shared_ptr<WebSocket> socket) {
    base::MutexLock lock(&mu_);
    socket_ = std::move(socket);
  }

  void Read(std::string_view text) {
    hub_.ports_.metrics.SocketMessage(/*sent=*/false);
    const json message = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!message.is_object()) return Send(ErrorMessage("a message is one JSON object"));
    if (TextOf(message, "type") != "subscribe") {
      return Send(ErrorMessage("the type is none of: subscribe"));
    }
    if (TextOf(message, "topic") != kRequestsTopic) {
      return Send(ErrorMessage("the topic is none of: requests"));
    }
    {
      base::MutexLock lock(&mu_);
      subscribed_ = true;
      // It is shown again what it has seen last, but nothing older.
      shown_revision_ = std::max<int64_t>(0, shown_revision_ - 1);
      SendLocked(Message("subscribed", {{"topic", kRequestsTopic}}));
    }
    hub_.Subscribe(shared_from_this());
  }

  void Send(std::string text) {
    base::MutexLock lock(&mu_);
    SendLocked(std::move(text));
  }
  void SendLocked(std::string text) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    hub_.ports_.metrics.SocketMessage(/*sent=*/true);
    // A reader that is too slow has been cut off.
    if (socket_ != nullptr) socket_->Send(std::make_shared<const std::string>(std::move(text)));
  }

  SocketHub& hub_;
  const std::string client_id_;
  // The client's word for the lobby.
  const std::string host_;
  mutable base::Mutex mu_;
  std::shared_ptr<WebSocket> socket_ ABSL_GUARDED_BY(mu_);
  bool subscribed_ ABSL_GUARDED_BY(mu_) = false;
  bool waits_ ABSL_GUARDED_BY(mu_) = false;
  int64_t shown_revision_ ABSL_GUARDED_BY(mu_) = 0;
};

SocketHub::SocketHub(const Options& options, Ports ports)
    : options_(options),
      ports_(ports),
      subscription_(ports.bus.Subscribe(
          lobby::kRequestsChannel, [this](std::string_view payload) { OnRequestMessage(payload); },
          [this] { OnGap(); })),
      refresher_([this](const std::stop_token& stop) { Refresh(stop); }) {}

SocketHub::~SocketHub() {
  subscription_.reset();
  refresher_.request_stop();
  base::MutexLock lock(&mu_);
  wake_.Signal();
}

std::vector<Route> SocketHub::Routes() {
  return {{"web_socket", "GET", "/v1/ws", Right::kPlayer, ErrorForm::kProblem, true,
           [this](Call call) { Accept(std::move(call)); }}};
}

void SocketHub::Accept(Call call) {
  if (!call.request.wants_web_socket) {
    net::server::Response response = ErrorResponse(426, "this is a WebSocket", ErrorForm::kProblem);
    response.headers.push_back({"Upgrade", "websocket"});
    return call.reply.Send(std::move(response));
  }
  const auto session = std::make_shared<Session>(*this, call.caller.client_id,
                                                 ports_.addresses.CallersHost(call.request));
  if (!Enter(session)) {
    return call.reply.Send(
        ErrorResponse(429, "too many WebSockets of this client", ErrorForm::kProblem));
  }
  call.reply.Accept(std::make_unique<Session::Handler>(session));
}

bool SocketHub::Enter(const std::shared_ptr<Session>& session) {
  base::MutexLock lock(&mu_);
  Sessions& sessions = sessions_[session->client_id()];
  if (sessions.size() >= options_.max_sockets_per_client) return false;
  sessions.push_back(session);
  return true;
}

void SocketHub::Leave(const std::shared_ptr<Session>& session) {
  base::MutexLock lock(&mu_);
  const auto found = sessions_.find(session->client_id());
  if (found == sessions_.end()) return;
  std::erase(found->second, session);
  if (found->second.empty()) sessions_.erase(found);
}

void SocketHub::Subscribe(const std::shared_ptr<Session>& session) {
  ports_.requests.Find(session->client_id(), "",
                       [this, session](const absl::StatusOr<lobby::Request>& request) {
                         if (request.ok()) return session->Show(*request);
                         if (absl::IsNotFound(request.status())) return;
                         base::MutexLock lock(&mu_);
                         stale_.insert(session->client_id());
                         wake_.Signal();
                       });
}

void SocketHub::OnRequestMessage(std::string_view payload) {
  const absl::StatusOr<lobby::Request> request = lobby::DecodeRequest(payload);
  // One of a newer replica, perhaps.
  if (!request.ok()) return;
  Deliver(*request);
}

void SocketHub::Deliver(const lobby::Request& request) {
  Sessions sessions;
  {
    base::MutexLock lock(&mu_);
    const auto found = sessions_.find(request.client_id);
    if (found == sessions_.end()) return;
    sessions = found->second;
  }
  for (const std::shared_ptr<Session>& session : sessions) session->Show(request);
}

void SocketHub::OnGap() {
  base::MutexLock lock(&mu_);
  for (const auto& [client_id, sessions] : sessions_) stale_.insert(client_id);
  wake_.Signal();
}

void SocketHub::Refresh(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    for (const std::string& client_id : AwaitStale(stop)) RefreshClient(client_id, stop);
  }
}

SocketHub::ClientIds SocketHub::AwaitStale(const std::stop_token& stop) {
  base::MutexLock lock(&mu_);
  while (stale_.empty() && !stop.stop_requested()) {
    if (wake_.WaitFor(&mu_, kWaitingLook)) NoteWaiting();
  }
  return std::exchange(stale_, {});
}

void SocketHub::NoteWaiting() {
  for (const auto& [client_id, sessions] : sessions_) {
    const bool waits = std::any_of(sessions.begin(), sessions.end(),
                                   [](const auto& session) { return session->waits(); });
    if (waits) stale_.insert(client_id);
  }
}

void SocketHub::RefreshClient(const std::string& client_id, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto request = ports_.store.FindRequest(client_id);
    if (request.ok() && *request) Deliver(**request);
    if (request.ok()) return;
    // The store, too, comes back some time.
    if (!base::WaitUnlessStopped(kStorePause, stop)) return;
  }
}

}  // namespace muster::http
