#include "bench/bare_server.h"

#include <deque>
#include <optional>
#include <string_view>
#include <utility>

#include "base/mutex.h"
#include "bench/bare_tick.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/server_builder.h"
#include "match_function.grpc.pb.h"

namespace muster::bench {
namespace {

namespace pb = ::accelbyte::matchmaking::matchfunction;

constexpr int kMaxMessageBytes = 4 << 20;
// As ours: past this many answers waiting the stream is not read.
constexpr size_t kMaxPendingWrites = 64;

template <typename Message>
bool Parse(grpc::ByteBuffer* bytes, Message* message) {
  return grpc::SerializationTraits<Message>::Deserialize(bytes, message).ok();
}

template <typename Message>
grpc::ByteBuffer Serialize(const Message& message) {
  grpc::ByteBuffer bytes;
  bool own = false;
  grpc::SerializationTraits<Message>::Serialize(message, &bytes, &own);
  return bytes;
}

// The same fields as ours fills for tickets of bench_tickets.h, so that both send the same
// messages; but without a thought, from constants.
pb::MatchResponse MatchOf(pb::Ticket* first, pb::Ticket* second) {
  constexpr std::string_view kTeamId = "0123456789abcdef0123456789abcdef";
  pb::MatchResponse response;
  pb::Match* const match = response.mutable_match();
  pb::Match::Team* const team = match->add_teams();
  for (pb::Ticket* const ticket : {first, second}) {
    pb::Party* const party = team->add_parties();
    party->set_party_id(ticket->party_session_id());
    for (const pb::Ticket::PlayerData& player : ticket->players()) {
      team->add_user_ids(player.player_id());
      party->add_user_ids(player.player_id());
    }
    match->add_tickets()->Swap(ticket);
  }
  team->set_team_id(std::string(kTeamId));
  for (const auto& [region, ms] : match->tickets(0).latencies()) {
    match->add_region_preferences(region);
  }
  google::protobuf::Struct assignment;
  (*assignment.mutable_fields())["small-team-1"]
      .mutable_list_value()
      ->add_values()
      ->set_string_value(std::string(kTeamId));
  *(*match->mutable_match_attributes()->mutable_fields())["assignment"].mutable_struct_value() =
      assignment;
  return response;
}

// One MakeMatches stream.
class PairsReactor final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  PairsReactor() { StartRead(&frame_); }

  void OnReadDone(bool ok) override {
    pb::MakeMatchesRequest request;
    if (ok && !Parse(&frame_, &request)) ok = false;
    base::MutexLock lock(&mu_);
    if (!ok) {
      input_done_ = true;
      MaybeFinish();
      return;
    }
    if (request.has_ticket()) Take(request.mutable_ticket());
    reading_ = answers_.size() < kMaxPendingWrites;
    if (reading_) StartRead(&frame_);
  }

  void OnWriteDone(bool ok) override {
    base::MutexLock lock(&mu_);
    answers_.pop_front();
    if (!ok) answers_.clear();
    if (!answers_.empty()) StartWrite(&answers_.front());
    if (!reading_ && !input_done_) {
      reading_ = true;
      StartRead(&frame_);
    }
    MaybeFinish();
  }

  void OnDone() override { delete this; }

 private:
  void Take(pb::Ticket* ticket) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (!std::exchange(one_waits_, !one_waits_)) {
      waiting_.Swap(ticket);
      return;
    }
    answers_.push_back(Serialize(MatchOf(&waiting_, ticket)));
    if (answers_.size() == 1) StartWrite(&answers_.front());
  }

  void MaybeFinish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (input_done_ && answers_.empty() && !std::exchange(finished_, true)) Finish({});
  }

  // Belongs to the read that is under way.
  grpc::ByteBuffer frame_;

  base::Mutex mu_;
  pb::Ticket waiting_ ABSL_GUARDED_BY(mu_);
  bool one_waits_ ABSL_GUARDED_BY(mu_) = false;
  bool reading_ ABSL_GUARDED_BY(mu_) = true;
  bool input_done_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
  // The first one is being written.
  std::deque<grpc::ByteBuffer> answers_ ABSL_GUARDED_BY(mu_);
};

class RefusingReactor final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  RefusingReactor() { Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "bare server")); }
  void OnDone() override { delete this; }
};

using RawService = pb::MatchFunction::WithRawCallbackMethod_GetStatCodes<
    pb::MatchFunction::WithRawCallbackMethod_ValidateTicket<
        pb::MatchFunction::WithRawCallbackMethod_EnrichTicket<
            pb::MatchFunction::WithRawCallbackMethod_MakeMatches<
                pb::MatchFunction::WithRawCallbackMethod_BackfillMatches<
                    pb::MatchFunction::Service>>>>>;

class BareService final : public RawService {
 public:
  grpc::ServerUnaryReactor* GetStatCodes(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override {
    pb::GetStatCodesRequest message;
    return Answer(context, request, &message, pb::StatCodesResponse(), response);
  }

  grpc::ServerUnaryReactor* ValidateTicket(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override {
    pb::ValidateTicketRequest message;
    pb::ValidateTicketResponse answer;
    answer.set_valid_ticket(true);
    return Answer(context, request, &message, answer, response);
  }

  grpc::ServerUnaryReactor* EnrichTicket(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override {
    grpc::ByteBuffer copy(*request);
    pb::EnrichTicketRequest message;
    pb::EnrichTicketResponse answer;
    if (Parse(&copy, &message)) answer.mutable_ticket()->Swap(message.mutable_ticket());
    return Answer(context, request, &message, answer, response);
  }

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* MakeMatches(
      grpc::CallbackServerContext* context) override {
    if (const std::optional<AnswerPlan> plan = PlanOf(*context)) return StartBareTick(*plan);
    return new PairsReactor;
  }

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* BackfillMatches(
      grpc::CallbackServerContext*) override {
    return new RefusingReactor;
  }

 private:
  template <typename Request, typename Response>
  static grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* bytes, Request* request,
                                          const Response& answer, grpc::ByteBuffer* response) {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    grpc::ByteBuffer copy(*bytes);
    const bool parsed = Parse(&copy, request);
    *response = Serialize(answer);
    reactor->Finish(parsed ? grpc::Status::OK
                           : grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "does not parse"));
    return reactor;
  }
};

class Running final : public BareServer {
 public:
  int Listen() {
    int port = 0;
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    return port;
  }
  void Wait() override { server_->Wait(); }

 private:
  BareService service_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

std::unique_ptr<BareServer> BareServer::Start(int* port) {
  auto server = std::make_unique<Running>();
  *port = server->Listen();
  if (*port == 0) return nullptr;
  return server;
}

}  // namespace muster::bench
