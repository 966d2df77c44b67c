#include "rpc/client/match_function_client.h"

#include <unordered_map>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "google/protobuf/util/json_util.h"
#include "match_function.grpc.pb.h"
#include "rpc/client/connection.h"
#include "rpc/client/duplex.h"

namespace muster::rpc::client {
namespace {

namespace pb = ::accelbyte::matchmaking::matchfunction;

// For the unary requests and for the parameters of a stream.
template <typename Message>
void SetRules(std::string_view rules, Message* message) {
  if (!rules.empty()) message->mutable_rules()->set_json(std::string(rules));
}

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message) {
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json);
  if (!status.ok()) {
    return absl::InternalError(
        base::StrCat("the server's answer does not print as JSON: ", status.ToString()));
  }
  return json;
}

template <typename Teams>
std::vector<TeamResult> ToTeams(const Teams& teams) {
  std::vector<TeamResult> results;
  for (const auto& team : teams) {
    TeamResult& result = results.emplace_back();
    result.id = team.team_id();
    result.user_ids = {team.user_ids().begin(), team.user_ids().end()};
    for (const pb::Party& party : team.parties()) {
      result.parties.emplace_back(party.user_ids().begin(), party.user_ids().end());
    }
  }
  return results;
}

void FillRatings(const pb::Match& match, const std::string& attribute,
                 std::vector<TeamResult>* teams) {
  if (attribute.empty()) return;
  std::unordered_map<std::string_view, double> ratings;
  for (const pb::Ticket& ticket : match.tickets()) {
    for (const pb::Ticket_PlayerData& player : ticket.players()) {
      const auto& fields = player.attributes().fields();
      const auto found = fields.find(attribute);
      if (found == fields.end() || !found->second.has_number_value()) continue;
      ratings[player.player_id()] = found->second.number_value();
    }
  }
  for (TeamResult& team : *teams) {
    for (const std::string& id : team.user_ids) {
      const auto found = ratings.find(id);
      if (found != ratings.end()) team.ratings.push_back(found->second);
    }
  }
}

absl::StatusOr<MatchResult> ToResult(const pb::MatchResponse& response,
                                     const MakeMatchesCall& call) {
  const pb::Match& match = response.match();
  MatchResult result;
  for (const pb::Ticket& ticket : match.tickets()) result.ticket_ids.push_back(ticket.ticket_id());
  result.teams = ToTeams(match.teams());
  FillRatings(match, call.rating_attribute, &result.teams);
  result.regions = {match.region_preferences().begin(), match.region_preferences().end()};
  result.backfill = match.backfill();
  if (call.want_json) {
    MUSTER_ASSIGN_OR_RETURN(result.json, ToJson(response));
  }
  return result;
}

absl::StatusOr<ProposalResult> ToResult(const pb::BackfillResponse& response, bool want_json) {
  const pb::BackfillProposal& proposal = response.backfill_proposal();
  ProposalResult result;
  result.id = proposal.proposal_id();
  result.backfill_ticket_id = proposal.backfill_ticket_id();
  result.session_id = proposal.match_session_id();
  for (const pb::Ticket& ticket : proposal.added_tickets()) {
    result.added_ticket_ids.push_back(ticket.ticket_id());
  }
  result.teams = ToTeams(proposal.proposed_teams());
  if (want_json) {
    MUSTER_ASSIGN_OR_RETURN(result.json, ToJson(response));
  }
  return result;
}

// Takes the next ticket of `source` and parses it into the message that `field` picks. False when
// there is none; `field` is then not called.
template <typename PickField>
absl::StatusOr<bool> TakeTicket(const TicketSource& source, const PickField& field) {
  MUSTER_ASSIGN_OR_RETURN(const std::optional<WireTicket> ticket, source());
  if (!ticket.has_value()) return false;
  if (!field()->ParseFromString(ticket->bytes)) {
    return absl::InvalidArgumentError(base::StrCat("ticket ", ticket->id, " does not parse"));
  }
  return true;
}

}  // namespace

struct MatchFunctionClient::Connection {
  explicit Connection(const ClientOptions& options)
      : stub(pb::MatchFunction::NewStub(OpenChannel(options))) {}

  const std::unique_ptr<pb::MatchFunction::Stub> stub;
};

MatchFunctionClient::MatchFunctionClient(ClientOptions options)
    : options_(std::move(options)), connection_(std::make_unique<Connection>(options_)) {}

MatchFunctionClient::~MatchFunctionClient() = default;

absl::StatusOr<std::vector<std::string>> MatchFunctionClient::GetStatCodes(std::string_view rules) {
  grpc::ClientContext context;
  PrepareContext(options_, &context);
  pb::GetStatCodesRequest request;
  SetRules(rules, &request);
  pb::StatCodesResponse response;
  MUSTER_RETURN_IF_ERROR(
      FromGrpcStatus(connection_->stub->GetStatCodes(&context, request, &response)));
  return std::vector<std::string>(response.codes().begin(), response.codes().end());
}

absl::StatusOr<bool> MatchFunctionClient::ValidateTicket(const WireTicket& ticket,
                                                         std::string_view rules) {
  grpc::ClientContext context;
  PrepareContext(options_, &context);
  pb::ValidateTicketRequest request;
  request.mutable_ticket()->ParseFromString(ticket.bytes);
  SetRules(rules, &request);
  pb::ValidateTicketResponse response;
  MUSTER_RETURN_IF_ERROR(
      FromGrpcStatus(connection_->stub->ValidateTicket(&context, request, &response)));
  return response.valid_ticket();
}

absl::StatusOr<EnrichedTicket> MatchFunctionClient::EnrichTicket(const WireTicket& ticket,
                                                                 std::string_view rules) {
  grpc::ClientContext context;
  PrepareContext(options_, &context);
  pb::EnrichTicketRequest request;
  request.mutable_ticket()->ParseFromString(ticket.bytes);
  SetRules(rules, &request);
  pb::EnrichTicketResponse response;
  MUSTER_RETURN_IF_ERROR(
      FromGrpcStatus(connection_->stub->EnrichTicket(&context, request, &response)));
  EnrichedTicket enriched;
  enriched.id = response.ticket().ticket_id();
  MUSTER_ASSIGN_OR_RETURN(enriched.attributes_json, ToJson(response.ticket().ticket_attributes()));
  MUSTER_ASSIGN_OR_RETURN(enriched.json, ToJson(response.ticket()));
  return enriched;
}

absl::Status MatchFunctionClient::MakeMatches(const MakeMatchesCall& call) {
  grpc::ClientContext context;
  PrepareContext(options_, &context);
  const auto stream = connection_->stub->MakeMatches(&context);
  bool started = false;
  const auto next = [&](pb::MakeMatchesRequest* frame) -> absl::StatusOr<bool> {
    if (!std::exchange(started, true)) {
      SetRules(call.rules, frame->mutable_parameters());
      return true;
    }
    return TakeTicket(call.tickets, [frame] { return frame->mutable_ticket(); });
  };
  const auto take = [&call](const pb::MatchResponse& response) -> absl::Status {
    MUSTER_ASSIGN_OR_RETURN(MatchResult result, ToResult(response, call));
    call.on_match(std::move(result));
    return absl::OkStatus();
  };
  return RunDuplex<pb::MakeMatchesRequest, pb::MatchResponse>(&context, stream.get(), next, take);
}

absl::Status MatchFunctionClient::BackfillMatches(const BackfillCall& call) {
  grpc::ClientContext context;
  PrepareContext(options_, &context);
  const auto stream = connection_->stub->BackfillMatches(&context);
  bool started = false;
  const auto next = [&](pb::BackfillMakeMatchesRequest* frame) -> absl::StatusOr<bool> {
    if (!std::exchange(started, true)) {
      SetRules(call.rules, frame->mutable_parameters());
      return true;
    }
    MUSTER_ASSIGN_OR_RETURN(const bool backfill, TakeTicket(call.backfill_tickets, [frame] {
                              return frame->mutable_backfill_ticket();
                            }));
    if (backfill) return true;
    return TakeTicket(call.tickets, [frame] { return frame->mutable_ticket(); });
  };
  const auto take = [&call](const pb::BackfillResponse& response) -> absl::Status {
    MUSTER_ASSIGN_OR_RETURN(ProposalResult result, ToResult(response, call.want_json));
    call.on_proposal(std::move(result));
    return absl::OkStatus();
  };
  return RunDuplex<pb::BackfillMakeMatchesRequest, pb::BackfillResponse>(&context, stream.get(),
                                                                         next, take);
}

}  // namespace muster::rpc::client
