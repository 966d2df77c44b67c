#include "rpc/answer_codec.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "rpc/ticket_codec.h"
#include "rpc/wire.h"

namespace muster::rpc {
namespace {

// The three Team messages of the contract have the same fields.
using TeamFields = pb::Match_Team;

using Tickets = std::vector<match::TicketIndex>;
using Updates = std::vector<match::PlayerUpdate>;

Tickets TicketsOf(const match::Match& match) {
  Tickets tickets;
  size_t count = 0;
  for (const match::Team& team : match.teams) count += team.tickets.size();
  tickets.reserve(count);
  for (const match::Team& team : match.teams) {
    tickets.insert(tickets.end(), team.tickets.begin(), team.tickets.end());
  }
  return tickets;
}

Tickets TicketsOf(const match::BackfillProposal& proposal) {
  Tickets tickets;
  for (const match::TeamAddition& addition : proposal.additions) {
    tickets.insert(tickets.end(), addition.tickets.begin(), addition.tickets.end());
  }
  return tickets;
}

absl::Status CheckUpdates(const Updates& updates, const Tickets& tickets,
                          const TicketStore& store) {
  const absl::flat_hash_set<match::TicketIndex> held(tickets.begin(), tickets.end());
  TicketNames names;
  const match::PlayerUpdate* before = nullptr;
  for (const match::PlayerUpdate& update : updates) {
    if (!held.contains(update.ticket)) {
      return absl::InternalError("the match logic updated a player of a ticket it did not place");
    }
    // Updates of one ticket follow each other.
    if (before == nullptr || before->ticket != update.ticket) {
      ScanTicket(store.Wire(update.ticket), &names);
    }
    if (update.player >= names.identity.player_ids.size()) {
      return absl::InternalError("the match logic updated a player whom the ticket does not have");
    }
    before = &update;
  }
  return absl::OkStatus();
}

Echo EchoOf(Tickets tickets, const Updates& updates, const TicketStore& store) {
  Echo echo{std::move(tickets)};
  if (updates.empty()) return echo;
  std::vector<const match::PlayerUpdate*> ordered;
  ordered.reserve(updates.size());
  for (const match::PlayerUpdate& update : updates) ordered.push_back(&update);
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto* a, const auto* b) {
    return std::tie(a->ticket, a->player) < std::tie(b->ticket, b->player);
  });
  for (auto first = ordered.begin(); first != ordered.end();) {
    const match::TicketIndex ticket = (*first)->ticket;
    const auto last = std::find_if(first, ordered.end(),
                                   [&](const auto* update) { return update->ticket != ticket; });
    echo.rebuilt[ticket] = store.Field(UpdatePlayers(store.Wire(ticket), std::span(first, last)));
    first = last;
  }
  return echo;
}

// Wire bytes of a team's members: players first, then their parties.
class TeamMembers {
 public:
  explicit TeamMembers(const TicketStore& store) : store_(store) {}

  void Add(match::TicketIndex ticket) {
    ScanTicket(store_.Wire(ticket), &names_);
    players_ += static_cast<int64_t>(names_.identity.player_ids.size());
    std::string party;
    AppendField(&party, pb::Party::kPartyIdFieldNumber, names_.party_session_id);
    for (const std::string_view id : names_.identity.player_ids) {
      AppendField(&users_, TeamFields::kUserIdsFieldNumber, id);
      AppendField(&party, pb::Party::kUserIdsFieldNumber, id);
    }
    AppendField(&parties_, TeamFields::kPartiesFieldNumber, party);
  }

  int64_t players() const { return players_; }

  std::string Bytes() && {
    users_ += parties_;
    return std::move(users_);
  }

 private:
  const TicketStore& store_;
  TicketNames names_;
  int64_t players_ = 0;
  std::string users_;
  std::string parties_;
};

std::string EncodeTeam(const std::string& id, const std::vector<match::TicketIndex>& tickets,
                       const TicketStore& store, int64_t* players) {
  TeamMembers members(store);
  for (const match::TicketIndex ticket : tickets) members.Add(ticket);
  *players += members.players();
  std::string bytes = std::move(members).Bytes();
  AppendField(&bytes, TeamFields::kTeamIdFieldNumber, id);
  return bytes;
}

// Everything of a match but tickets and teams.
void AppendFacts(const match::Match& match, std::string* out) {
  for (const std::string& region : match.region_preferences) {
    AppendField(out, pb::Match::kRegionPreferencesFieldNumber, region);
  }
  const bool plain = match.attributes.empty() && !match.backfill && match.server_name.empty() &&
                     match.client_version.empty();
  // Most matches have nothing else to say, and a message made for that is a third of the encoding.
  if (plain) return AppendField(out, pb::Match::kMatchAttributesFieldNumber, "");
  MessageArena arena;
  auto& facts = *arena.New<pb::Match>();
  EncodeStruct(match.attributes, facts.mutable_match_attributes());
  facts.set_backfill(match.backfill);
  facts.set_server_name(match.server_name);
  facts.set_client_version(match.client_version);
  AppendMessage(out, facts);
}

// Everything of a proposal but tickets and teams.
pb::BackfillProposal ProposalFacts(const match::BackfillProposal& proposal,
                                   const pb::BackfillTicket& backfill) {
  pb::BackfillProposal facts;
  facts.set_backfill_ticket_id(backfill.ticket_id());
  const int64_t ms = proposal.created_at.time_since_epoch().count();
  facts.mutable_createdat()->set_seconds(ms / 1000);
  facts.mutable_createdat()->set_nanos(static_cast<int32_t>(ms % 1000) * 1'000'000);
  facts.set_proposal_id(proposal.id);
  facts.set_match_pool(backfill.match_pool());
  facts.set_match_session_id(backfill.match_session_id());
  EncodeStruct(proposal.attributes, facts.mutable_attributes());
  return facts;
}

// The session's teams that stay, each with what joins it and with an id, and then the new ones.
std::string ProposedTeams(const match::BackfillProposal& proposal,
                          const pb::BackfillTicket& backfill, const TicketStore& store,
                          int64_t* players) {
  constexpr int kField = pb::BackfillProposal::kProposedTeamsFieldNumber;
  const auto& teams = backfill.partial_match().teams();
  std::vector<std::string> existing(static_cast<size_t>(teams.size()));
  std::string added;
  for (const match::TeamAddition& addition : proposal.additions) {
    if (addition.team == match::TeamAddition::kNewTeam) {
      AppendField(&added, kField,
                  EncodeTeam(addition.new_team_id, addition.tickets, store, players));
      continue;
    }
    TeamMembers members(store);
    for (const match::TicketIndex ticket : addition.tickets) members.Add(ticket);
    *players += members.players();
    existing.at(addition.team) += std::move(members).Bytes();
  }
  for (const match::TeamId& named : proposal.team_ids) {
    AppendField(&existing.at(named.team), TeamFields::kTeamIdFieldNumber, named.id);
  }
  std::string bytes;
  auto dropped = proposal.dropped_teams.begin();
  for (size_t i = 0; i < existing.size(); ++i) {
    if (dropped != proposal.dropped_teams.end() && *dropped == i) {
      ++dropped;
      continue;
    }
    AppendField(&bytes, kField, teams.Get(static_cast<int>(i)).SerializeAsString() + existing[i]);
  }
  return bytes + added;
}

// Wraps tickets and `tail` into field 1 of the response, which is where both responses have their
// answer.
grpc::ByteBuffer Respond(const std::shared_ptr<const TicketStore>& store, Echo echo,
                         std::string tail) {
  static_assert(pb::MatchResponse::kMatchFieldNumber == 1);
  static_assert(pb::BackfillResponse::kBackfillProposalFieldNumber == 1);
  std::string head;
  AppendFieldHeader(&head, 1, store->EchoBytes(echo) + tail.size());
  return TicketStore::Answer(store, head, std::move(echo), std::move(tail));
}

}  // namespace

absl::Status CheckPlayerUpdates(const match::Match& match, const TicketStore& store) {
  if (match.player_updates.empty()) return absl::OkStatus();
  return CheckUpdates(match.player_updates, TicketsOf(match), store);
}

absl::Status CheckPlayerUpdates(const match::BackfillProposal& proposal, const TicketStore& store) {
  if (proposal.player_updates.empty()) return absl::OkStatus();
  return CheckUpdates(proposal.player_updates, TicketsOf(proposal), store);
}

EncodedAnswer EncodeMatch(const match::Match& match,
                          const std::shared_ptr<const TicketStore>& store) {
  EncodedAnswer answer;
  std::string tail;
  for (const match::Team& team : match.teams) {
    AppendField(&tail, pb::Match::kTeamsFieldNumber,
                EncodeTeam(team.id, team.tickets, *store, &answer.players));
  }
  AppendFacts(match, &tail);
  answer.message =
      Respond(store, EchoOf(TicketsOf(match), match.player_updates, *store), std::move(tail));
  return answer;
}

EncodedAnswer EncodeProposal(const match::BackfillProposal& proposal,
                             const std::shared_ptr<const TicketStore>& store,
                             std::string_view backfill_wire) {
  pb::BackfillTicket backfill;
  (void)ParseMessage(backfill_wire, &backfill);
  EncodedAnswer answer;
  std::string tail = ProposedTeams(proposal, backfill, *store, &answer.players);
  AppendMessage(&tail, ProposalFacts(proposal, backfill));
  answer.message =
      Respond(store, EchoOf(TicketsOf(proposal), proposal.player_updates, *store), std::move(tail));
  return answer;
}

}  // namespace muster::rpc
