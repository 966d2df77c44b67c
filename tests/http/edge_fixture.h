#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "base/worker_pool.h"
#include "http/callers.h"
#include "http/health_api.h"
#include "http/request_api.h"
#include "http/router.h"
#include "http/server_api.h"
#include "http/socket_hub.h"
#include "tests/fakes/fake_authorizer.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_event_bus.h"
#include "tests/fakes/fake_game_server_client.h"
#include "tests/fakes/memory_store.h"
#include "tests/fakes/recording_sinks.h"

namespace muster::http {

// What a caller got.
struct Answer {
  // 101: a WebSocket; 0: none came.
  int status = 0;
  std::string content_type;
  std::string body;
  std::vector<base::HttpHeader> headers;
  std::unique_ptr<net::server::WebSocketHandler> socket;

  // "" when there is none.
  std::string Header(std::string_view name) const;
};

// Where an answer goes. Thread-safe.
class AnswerSink final : public net::server::Reply::Sink {
 public:
  void Send(net::server::Response response) override;
  void Accept(std::unique_ptr<net::server::WebSocketHandler> handler) override;
  // Waits for it, for much longer than any takes.
  Answer Await();

 private:
  void Put(Answer answer);

  base::Mutex mu_;
  base::CondVar came_;
  std::optional<Answer> answer_ ABSL_GUARDED_BY(mu_);
};

inline constexpr char kAdminToken[] = "an administrator's token";

// All calls of a lobby over fakes, without sockets. Players show their id as `Authorization`.
class Edge {
 public:
  struct Options {
    Addresses::Options addresses;
    // No limit, unless a test is about it.
    RateLimiter::Options rate{.per_second = 0};
    lobby::Requests::Options requests;
    SocketHub::Options sockets;
    base::WorkerPool::Options workers{.threads = 1};
    int64_t max_pending = 100'000;
    bool log_calls = true;
  };

  Edge() : Edge(Options()) {}
  explicit Edge(const Options& options);
  ~Edge();
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;

  // A call of `target`, a path with or without a query. Empty `authorization`: nobody is shown.
  Answer Call(std::string_view method, std::string_view target, std::string_view authorization,
              std::vector<base::HttpHeader> headers = {});
  Answer Call(net::server::Request request);
  // The same without waiting for the answer.
  std::shared_ptr<AnswerSink> Begin(net::server::Request request);
  // The upgrade to a WebSocket.
  Answer Upgrade(std::string_view authorization);

  // `Authorization` of an administrator, and of a game server.
  static std::string Admin();
  static std::string ServerToken(std::string_view server_id);

  // What the fleet would write. A request gets its revision.
  lobby::Request Put(lobby::Request request);
  void Put(const lobby::GameServer& server);
  // The record; one without an id when there is none.
  lobby::Request Find(const std::string& client_id);
  // As the fleet does when it changed a record.
  void Publish(const lobby::Request& request);

  fakes::FakeClock& clock() { return clock_; }
  fakes::MemoryStore& store() { return store_; }
  fakes::FakeEventBus& bus() { return bus_; }
  fakes::FakeGameServerClient& servers() { return servers_; }
  fakes::FakeAuthorizer& authorizer() { return authorizer_; }
  lobby::FleetView& view() { return view_; }
  const telemetry::MetricRegistry& registry() const { return registry_; }
  const fakes::RecordingLog& log() const { return *log_sink_; }
  const fakes::RecordingSpans& spans() const { return spans_; }
  Router& router() { return *router_; }

 private:
  fakes::FakeClock clock_;
  fakes::MemoryStore store_;
  fakes::FakeEventBus bus_;
  fakes::FakeGameServerClient servers_;
  fakes::FakeAuthorizer authorizer_;
  lobby::FleetView view_;
  telemetry::MetricRegistry registry_{"app"};
  telemetry::LobbyMetrics metrics_;
  fakes::RecordingSpans spans_;
  telemetry::Tracer tracer_;
  std::shared_ptr<fakes::RecordingLog> log_sink_;
  telemetry::Logger log_;
  const Observer observer_;
  const Addresses addresses_;
  RateLimiter limiter_;
  const Callers callers_;
  std::unique_ptr<base::WorkerPool> workers_;
  lobby::Requests requests_;
  RequestApi request_api_;
  ServerApi server_api_;
  HealthApi health_api_;
  SocketHub hub_;
  std::optional<Router> router_;
};

// A request of alice that is done, on `server1` whose game answers at port 45677 and whose
// reservations at http://container1:3000.
lobby::Request DoneRequest();
// A place on that server.
lobby::Place PlaceOnServer1();

}  // namespace muster::http
