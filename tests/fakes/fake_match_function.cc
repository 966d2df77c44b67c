#include "tests/fakes/fake_match_function.h"

#include <vector>

#include "base/strings.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/server_builder.h"

namespace muster::fakes {
namespace pb = ::accelbyte::matchmaking::matchfunction;

class FakeMatchFunction::Service final : public pb::MatchFunction::Service {
 public:
  explicit Service(Behaviour behaviour) : behaviour_(behaviour) {}

  grpc::Status GetStatCodes(grpc::ServerContext* context, const pb::GetStatCodesRequest* request,
                            pb::StatCodesResponse* response) override {
    Remember(*context);
    if (request->rules().json() == "bad") {
      return {grpc::StatusCode::INVALID_ARGUMENT, "rules: bad"};
    }
    response->add_codes("mmr");
    return grpc::Status::OK;
  }

  grpc::Status ValidateTicket(grpc::ServerContext* context,
                              const pb::ValidateTicketRequest* request,
                              pb::ValidateTicketResponse* response) override {
    Remember(*context);
    response->set_valid_ticket(request->ticket().players_size() > 0);
    return grpc::Status::OK;
  }

  grpc::Status EnrichTicket(grpc::ServerContext*, const pb::EnrichTicketRequest* request,
                            pb::EnrichTicketResponse* response) override {
    *response->mutable_ticket() = request->ticket();
    auto& fields = *response->mutable_ticket()->mutable_ticket_attributes()->mutable_fields();
    fields["seen"].set_bool_value(true);
    return grpc::Status::OK;
  }

  grpc::Status MakeMatches(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<pb::MatchResponse, pb::MakeMatchesRequest>* stream) override {
    pb::MakeMatchesRequest request;
    std::vector<pb::Ticket> tickets;
    size_t sent = 0;
    while (stream->Read(&request)) {
      if (behaviour_ == Behaviour::kBreaks) return Broken();
      if (!request.has_ticket()) continue;
      tickets.push_back(request.ticket());
      if (tickets.size() - sent < 2) continue;
      Send({tickets[sent], tickets[sent + 1]}, stream);
      sent += 2;
    }
    if (behaviour_ == Behaviour::kReturnsTwice) Send({tickets.at(0)}, stream);
    if (behaviour_ == Behaviour::kInvents) Send({Invented()}, stream);
    return grpc::Status::OK;
  }

  grpc::Status BackfillMatches(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<pb::BackfillResponse, pb::BackfillMakeMatchesRequest>* stream)
      override {
    pb::BackfillMakeMatchesRequest request;
    std::vector<pb::BackfillTicket> sessions;
    size_t used = 0;
    while (stream->Read(&request)) {
      if (behaviour_ == Behaviour::kBreaks) return Broken();
      if (request.has_backfill_ticket()) sessions.push_back(request.backfill_ticket());
      if (!request.has_ticket() || used == sessions.size()) continue;
      pb::BackfillResponse response;
      pb::BackfillProposal& proposal = *response.mutable_backfill_proposal();
      proposal.set_backfill_ticket_id(sessions[used].ticket_id());
      proposal.set_match_session_id(sessions[used++].match_session_id());
      const bool invents = behaviour_ == Behaviour::kInvents;
      *proposal.add_added_tickets() = invents ? Invented() : request.ticket();
      stream->Write(response);
    }
    return grpc::Status::OK;
  }

  std::string last_authorization() const {
    base::MutexLock lock(&mu_);
    return last_authorization_;
  }

 private:
  static grpc::Status Broken() { return {grpc::StatusCode::UNAVAILABLE, "broken"}; }

  static pb::Ticket Invented() {
    pb::Ticket ticket;
    ticket.set_ticket_id("invented");
    return ticket;
  }

  static void Send(const std::vector<pb::Ticket>& tickets,
                   grpc::ServerReaderWriter<pb::MatchResponse, pb::MakeMatchesRequest>* stream) {
    pb::MatchResponse response;
    pb::Match::Team& team = *response.mutable_match()->add_teams();
    for (const pb::Ticket& ticket : tickets) {
      *response.mutable_match()->add_tickets() = ticket;
      pb::Party& party = *team.add_parties();
      for (const auto& player : ticket.players()) {
        team.add_user_ids(player.player_id());
        party.add_user_ids(player.player_id());
      }
    }
    response.mutable_match()->add_region_preferences("us-east-2");
    stream->Write(response);
  }

  void Remember(const grpc::ServerContext& context) {
    const auto found = context.client_metadata().find("authorization");
    base::MutexLock lock(&mu_);
    last_authorization_ = found == context.client_metadata().end()
                              ? ""
                              : std::string(found->second.data(), found->second.size());
  }

  const Behaviour behaviour_;
  mutable base::Mutex mu_;
  std::string last_authorization_ ABSL_GUARDED_BY(mu_);
};

FakeMatchFunction::FakeMatchFunction(Behaviour behaviour)
    : service_(std::make_unique<Service>(behaviour)) {
  grpc::EnableDefaultHealthCheckService(true);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  address_ = base::StrCat("127.0.0.1:", port);
}

FakeMatchFunction::~FakeMatchFunction() { server_->Shutdown(std::chrono::system_clock::now()); }

std::string FakeMatchFunction::last_authorization() const { return service_->last_authorization(); }

void FakeMatchFunction::SetServing(bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(serving);
}

}  // namespace muster::fakes
