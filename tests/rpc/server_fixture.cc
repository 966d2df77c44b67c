#include "tests/rpc/server_fixture.h"

#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

#include "base/mutex.h"
#include "base/strings.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/impl/codegen/client_unary_call.h"
#include "grpcpp/security/credentials.h"
#include "match/logic_registry.h"
#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"
#include "rpc/wire.h"

namespace muster::rpc {
namespace {

using grpc::internal::RpcMethod;
// Far above what anything awaited needs.
constexpr std::chrono::seconds kPatience{60};

bool Agrees(const prometheus::ClientMetric& series,
            const std::map<std::string, std::string>& wanted) {
  if (series.label.size() != wanted.size()) return false;
  for (const auto& label : series.label) {
    const auto found = wanted.find(label.name);
    if (found == wanted.end() || found->second != label.value) return false;
  }
  return true;
}

double ValueOf(prometheus::MetricType type, const prometheus::ClientMetric& series) {
  switch (type) {
    case prometheus::MetricType::Gauge:
      return series.gauge.value;
    case prometheus::MetricType::Histogram:
      return static_cast<double>(series.histogram.sample_count);
    default:
      return series.counter.value;
  }
}

// Sends everything, half-closes and reads everything. Answers are read while there is more to send,
// by a thread of their own, or a full window would stop both ends.
template <typename Response, typename Answer, typename TakeAnswer>
Outcome<Answer> RunStream(RawStream& stream, const std::vector<std::string>& frames,
                          const TakeAnswer& take) {
  std::thread writer([&] {
    for (const std::string& frame : frames) {
      if (!stream.Send(frame)) return;
    }
    stream.HalfClose();
  });
  Outcome<Answer> outcome;
  Response response;
  while (const std::optional<std::string> bytes = stream.Read()) {
    EXPECT_TRUE(response.ParseFromString(*bytes));
    outcome.answers.push_back(take(response));
  }
  writer.join();
  outcome.status = stream.Finish();
  return outcome;
}

}  // namespace

pb::Ticket TicketOf(const std::string& id, const std::vector<std::string>& players) {
  pb::Ticket ticket;
  ticket.set_ticket_id(id);
  for (const std::string& player : players) ticket.add_players()->set_player_id(player);
  if (players.empty()) ticket.add_players()->set_player_id(id + "-player");
  return ticket;
}

pb::Ticket BigTicket(const std::string& id, size_t bytes) {
  pb::Ticket ticket = TicketOf(id);
  ticket.set_namespace_(std::string(bytes, 'n'));
  return ticket;
}

pb::BackfillTicket BackfillOf(const std::string& id, const std::vector<std::string>& users) {
  pb::BackfillTicket ticket;
  ticket.set_ticket_id(id);
  ticket.set_match_session_id(id + "-session");
  pb::BackfillTicket_Team* const team = ticket.mutable_partial_match()->add_teams();
  team->set_team_id(id + "-team");
  for (const std::string& user : users) team->add_user_ids(user);
  return ticket;
}

pb::MakeMatchesRequest Parameters(const std::string& rules) {
  pb::MakeMatchesRequest request;
  request.mutable_parameters();
  if (!rules.empty()) request.mutable_parameters()->mutable_rules()->set_json(rules);
  return request;
}

pb::MakeMatchesRequest Frame(const pb::Ticket& ticket) {
  pb::MakeMatchesRequest request;
  *request.mutable_ticket() = ticket;
  return request;
}

pb::BackfillMakeMatchesRequest BackfillParameters(const std::string& rules) {
  pb::BackfillMakeMatchesRequest request;
  request.mutable_parameters();
  if (!rules.empty()) request.mutable_parameters()->mutable_rules()->set_json(rules);
  return request;
}

pb::BackfillMakeMatchesRequest BackfillFrame(const pb::Ticket& ticket) {
  pb::BackfillMakeMatchesRequest request;
  *request.mutable_ticket() = ticket;
  return request;
}

pb::BackfillMakeMatchesRequest BackfillFrame(const pb::BackfillTicket& ticket) {
  pb::BackfillMakeMatchesRequest request;
  *request.mutable_backfill_ticket() = ticket;
  return request;
}

std::vector<std::string> TicketIdsOf(const pb::Match& match) {
  std::vector<std::string> ids;
  for (const pb::Ticket& ticket : match.tickets()) ids.push_back(ticket.ticket_id());
  return ids;
}

ServerFixture::ServerFixture()
    : logic_(match::BuiltInLogics().Find("pairs").value()),
      access_metrics_(registry_, auth::VerdictNames()) {
  options_.address = "127.0.0.1";
  options_.port = 0;
  options_.id_seed = {1, 2};
  options_.match_workers = 2;
  options_.drain_delay = std::chrono::milliseconds(0);
  options_.drain_grace = std::chrono::milliseconds(5000);
}

ServerFixture::~ServerFixture() { Stop(); }

Server& ServerFixture::server() {
  if (server_ == nullptr) {
    auto started = Server::Start(options_, logic_, Parts());
    if (!started.ok()) throw std::runtime_error(started.status().ToString());
    server_ = *std::move(started);
  }
  return *server_;
}

Server::Parts ServerFixture::Parts() {
  if (log_ == nullptr) {
    using Outputs = std::vector<telemetry::Logger::Output>;
    log_ = std::make_unique<telemetry::Logger>(log_options_.level, *clock_,
                                               Outputs{{log_options_.format, {logged_}}});
  }
  return {*log_, match_metrics_, access_metrics_, &call_metrics_, tracer_, access_, *clock_};
}

void ServerFixture::Stop() {
  channel_.reset();
  if (server_ != nullptr) server_->Stop();
  server_.reset();
}

std::shared_ptr<grpc::Channel> ServerFixture::NewChannel() {
  grpc::ChannelArguments arguments = channel_arguments_;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(server().address(), grpc::InsecureChannelCredentials(),
                                   arguments);
}

std::shared_ptr<grpc::Channel> ServerFixture::channel() {
  if (channel_ == nullptr) channel_ = NewChannel();
  return channel_;
}

std::unique_ptr<RawStream> ServerFixture::Open(std::string_view method) {
  return std::make_unique<RawStream>(channel(), method, headers_);
}

std::unique_ptr<RawStream> ServerFixture::OpenMatches(const std::string& rules) {
  auto stream = Open("MakeMatches");
  stream->Send(Parameters(rules));
  return stream;
}

std::unique_ptr<RawStream> ServerFixture::OpenBackfill(const std::string& rules) {
  auto stream = Open("BackfillMatches");
  stream->Send(BackfillParameters(rules));
  return stream;
}

absl::Status ServerFixture::Call(std::string_view method, std::string_view request,
                                 std::string* response) {
  grpc::ClientContext context;
  context.set_deadline(CallDeadline());
  for (const auto& [name, value] : headers_) context.AddMetadata(name, value);
  const std::string path = PathOf(method);
  grpc::ByteBuffer answer;
  const grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
      channel().get(), RpcMethod(path.c_str(), RpcMethod::NORMAL_RPC), &context, ToBuffer(request),
      &answer);
  if (status.ok() && response != nullptr) *response = BytesOf(answer);
  return FromGrpc(status);
}

absl::Status ServerFixture::Call(std::string_view method,
                                 const google::protobuf::MessageLite& request,
                                 google::protobuf::MessageLite* response) {
  std::string bytes;
  absl::Status status = Call(method, request.SerializeAsString(), &bytes);
  EXPECT_TRUE(response->ParseFromString(bytes));
  return status;
}

Matches ServerFixture::MakeMatches(const std::vector<pb::Ticket>& tickets,
                                   const std::string& rules) {
  std::vector<std::string> frames = {Parameters(rules).SerializeAsString()};
  for (const pb::Ticket& ticket : tickets) frames.push_back(Frame(ticket).SerializeAsString());
  return RunStream<pb::MatchResponse, pb::Match>(*Open("MakeMatches"), frames,
                                                 [](const auto& answer) { return answer.match(); });
}

Proposals ServerFixture::Backfill(const std::vector<pb::BackfillMakeMatchesRequest>& frames,
                                  const std::string& rules) {
  std::vector<std::string> all = {BackfillParameters(rules).SerializeAsString()};
  for (const auto& frame : frames) all.push_back(frame.SerializeAsString());
  return RunStream<pb::BackfillResponse, pb::BackfillProposal>(
      *Open("BackfillMatches"), all, [](const auto& answer) { return answer.backfill_proposal(); });
}

absl::Status ServerFixture::StatusOf(std::string_view method,
                                     const std::vector<std::string>& frames) {
  const auto stream = Open(method);
  for (const std::string& frame : frames) {
    if (!stream->Send(frame)) return stream->Finish();
  }
  return stream->Close();
}

double ServerFixture::Metric(const std::string& name, const Labels& labels) {
  for (const prometheus::MetricFamily& family : registry_.collectable()->Collect()) {
    if (family.name != "test_" + name && family.name != name) continue;
    for (const prometheus::ClientMetric& series : family.metric) {
      if (Agrees(series, labels)) return ValueOf(family.type, series);
    }
  }
  return 0;
}

double ServerFixture::LimitsReached(const std::string& limit) {
  return Metric("limits_reached_total", {{"limit", limit}});
}

double ServerFixture::TicketsReceived() {
  return Metric("tickets_received_total", {{"method", "MakeMatches"}});
}

void ServerFixture::AwaitTickets(double tickets) {
  Await("tickets have come in", [&] { return TicketsReceived() >= tickets; });
}

double ServerFixture::LeftOut(const std::string& reason) {
  return Metric("tickets_left_out_total", {{"method", "MakeMatches"}, {"reason", reason}});
}

void ServerFixture::Await(std::string_view what, const std::function<bool()>& condition) {
  base::Mutex mu;
  base::CondVar never;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "waited in vain: " << what;
      return;
    }
    base::MutexLock lock(&mu);
    never.WaitFor(&mu, std::chrono::milliseconds(1));
  }
}

void ServerFixture::AwaitAtRest() {
  Await("no stream is open", [this] { return Metric("streams") == 0; });
  Await("nothing is buffered", [this] { return Metric("buffered_bytes") == 0; });
}

void ServerFixture::ExpectServes() {
  const Matches matches = MakeMatches({TicketOf("still"), TicketOf("serving")});

  EXPECT_TRUE(matches.status.ok()) << matches.status.ToString();
  EXPECT_EQ(matches.answers.size(), 1u);
}

}  // namespace muster::rpc
