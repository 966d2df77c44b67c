#include "tests/http/edge_fixture.h"

#include <chrono>
#include <stdexcept>
#include <utility>

#include "absl/strings/match.h"
#include "auth/server_token.h"
#include "base/strings.h"
#include "lobby/records.h"

namespace muster::http {
namespace {

using net::server::Request;

constexpr std::string_view kServerKey = "a key of thirty-two bytes, or so";
// Far above what any answer needs.
constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::hours kLong{1};

}  // namespace

std::string Answer::Header(std::string_view name) const {
  for (const base::HttpHeader& header : headers) {
    if (absl::EqualsIgnoreCase(header.name, base::ToAbsl(name))) return header.value;
  }
  return "";
}

void AnswerSink::Send(net::server::Response response) {
  Put({.status = response.status,
       .content_type = std::move(response.content_type),
       .body = std::move(response.body),
       .headers = std::move(response.headers)});
}

void AnswerSink::Accept(std::unique_ptr<net::server::WebSocketHandler> handler) {
  Put({.status = 101, .socket = std::move(handler)});
}

void AnswerSink::Put(Answer answer) {
  base::MutexLock lock(&mu_);
  if (answer_) throw std::logic_error("a call was answered twice");
  answer_ = std::move(answer);
  came_.Signal();
}

Answer AnswerSink::Await() {
  base::MutexLock lock(&mu_);
  while (!answer_) {
    if (came_.WaitFor(&mu_, kPatience)) return {};
  }
  return *std::exchange(answer_, Answer());
}

Edge::Edge(const Options& options)
    : store_(clock_, options.max_pending),
      metrics_(registry_, {"too_slow"}),
      tracer_({.seed = 1}, &spans_),
      log_sink_(std::make_shared<fakes::RecordingLog>()),
      log_(telemetry::LogLevel::kDebug, clock_, {{telemetry::LogFormat::kJson, {log_sink_}}}),
      observer_{log_, metrics_, tracer_, clock_, options.log_calls},
      addresses_(options.addresses),
      limiter_(options.rate, clock_),
      callers_({.admin_token = kAdminToken,
                .server_of_token =
                    [](std::string_view token) { return auth::ServerOfToken(kServerKey, token); }},
               authorizer_),
      workers_(std::make_unique<base::WorkerPool>(options.workers)),
      requests_(options.requests, {store_, bus_, servers_, *workers_, clock_}, {1, 2}),
      request_api_(requests_, addresses_, clock_),
      server_api_({store_, bus_, *workers_, addresses_, [this] { return view_; }}),
      health_api_({{"store", [this] { return store_.Check(); }},
                   {"authorizer", [this] { return authorizer_.Ready(); }}},
                  *workers_),
      hub_(options.sockets, {requests_, store_, bus_, addresses_, metrics_}) {
  std::vector<Route> routes;
  for (const auto& some :
       {health_api_.Routes(), request_api_.Routes(), server_api_.Routes(), hub_.Routes()}) {
    routes.insert(routes.end(), some.begin(), some.end());
  }
  router_.emplace(std::move(routes), callers_, limiter_, observer_);
}

// Calls under way end before what they use does.
Edge::~Edge() { workers_.reset(); }

Answer Edge::Call(std::string_view method, std::string_view target, std::string_view authorization,
                  std::vector<base::HttpHeader> headers) {
  const size_t query = target.find('?');
  Request request{.method = std::string(method), .path = std::string(target.substr(0, query))};
  if (query != std::string_view::npos) request.query = target.substr(query + 1);
  request.headers = std::move(headers);
  request.peer = "198.51.100.7";
  if (!authorization.empty()) {
    request.headers.push_back({"Authorization", std::string(authorization)});
  }
  return Call(std::move(request));
}

Answer Edge::Call(Request request) { return Begin(std::move(request))->Await(); }

std::shared_ptr<AnswerSink> Edge::Begin(Request request) {
  auto sink = std::make_shared<AnswerSink>();
  router_->Handle(std::move(request), net::server::Reply(sink));
  return sink;
}

Answer Edge::Upgrade(std::string_view authorization) {
  return Call(
      {.method = "GET",
       .path = "/v1/ws",
       .headers = {{"Host", "play.example:3000"}, {"Authorization", std::string(authorization)}},
       .wants_web_socket = true});
}

std::string Edge::Admin() { return base::StrCat("Bearer ", kAdminToken); }

std::string Edge::ServerToken(std::string_view server_id) {
  return base::StrCat("Bearer ", auth::MintServerToken(kServerKey, server_id));
}

lobby::Request Edge::Put(lobby::Request request) {
  if (request.id.empty()) request.id = base::StrCat("id-of-", request.client_id);
  if (request.created_at == base::Timestamp()) request.created_at = clock_.Now();
  request.changed_at = clock_.Now();
  if (request.expires_at == base::Timestamp()) request.expires_at = clock_.Now() + kLong;
  return store_.WriteRequest(request).value();
}

void Edge::Put(const lobby::GameServer& server) {
  const auto lease = store_.AcquireLease("test", kLong).value();
  const absl::Status status = store_.Commit(lease.value(), {.servers = {server}}).status();
  if (!status.ok()) throw std::runtime_error(status.ToString());
  store_.ReleaseLease(*lease).IgnoreError();
}

lobby::Request Edge::Find(const std::string& client_id) {
  return store_.FindRequest(client_id).value().value_or(lobby::Request());
}

void Edge::Publish(const lobby::Request& request) {
  bus_.Publish(lobby::kRequestsChannel, lobby::EncodeRequest(request));
}

lobby::Place PlaceOnServer1() {
  return {.server_id = "server1", .port = 45677, .control_url = "http://container1:3000"};
}

lobby::Request DoneRequest() {
  return {.client_id = "alice", .state = lobby::RequestState::kDone, .place = PlaceOnServer1()};
}

}  // namespace muster::http
