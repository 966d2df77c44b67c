#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>

#include "match/alliance/alliance_logic.h"
#include "match/alliance/alliance_match_run.h"
#include "match/alliance/ruleset_parser.h"
#include "tests/fuzz/fuzz_check.h"

// A ruleset up to the first line break, then bytes that say what the tickets and sessions are like:
// whatever they are, what comes out is legal and nothing is used twice.
namespace muster::match::alliance {
namespace {

constexpr base::Timestamp kNow{std::chrono::milliseconds(1'700'000'000'500)};
constexpr int kMostTickets = 40;

// Decisions, taken from the input one by one; 0 when it has ended.
class Bytes {
 public:
  explicit Bytes(std::string_view data) : data_(data) {}

  bool empty() const { return data_.empty(); }
  // Less than `limit`, which is at most 256.
  int Next(int limit) {
    if (data_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(data_.front());
    data_.remove_prefix(1);
    return byte % limit;
  }

 private:
  std::string_view data_;
};

Value MakeValue(Bytes* bytes, int depth = 0) {
  switch (bytes->Next(8)) {
    case 0:
      return {};
    case 1:
      return bytes->Next(2) == 0;
    case 2:
      return bytes->Next(4) - 1;
    case 3:
      return std::string(static_cast<size_t>(bytes->Next(3)), '1');
    case 4:
      return depth > 1 ? Value() : Value(Object({{"x", MakeValue(bytes, depth + 1)}}));
    case 5:
    case 6: {
      List list;
      for (int left = depth > 1 ? 0 : bytes->Next(4); left > 0; --left) {
        list.push_back(MakeValue(bytes, depth + 1));
      }
      return list;
    }
    default:
      return std::string(1, static_cast<char>('a' + bytes->Next(4)));
  }
}

std::string MakeUser(Bytes* bytes) { return "u" + std::to_string(bytes->Next(100)); }

Object MakeAttributes(Bytes* bytes) {
  constexpr const char* kNames[] = {"maps",
                                    "mode",
                                    "m",
                                    "server_name",
                                    "client_version",
                                    "cross_platform",
                                    "sub_game_mode",
                                    "current_platform",
                                    "new_session_only",
                                    "blocked_players"};
  Object attributes;
  for (int left = bytes->Next(4); left > 0; --left) {
    const char* const name = kNames[bytes->Next(std::size(kNames))];
    if (std::string_view(name) == "blocked_players") {
      attributes.Set(name, List{MakeUser(bytes), MakeValue(bytes)});
    } else {
      attributes.Set(name, MakeValue(bytes));
    }
  }
  return attributes;
}

Ticket MakeTicket(Bytes* bytes, int number) {
  Ticket ticket;
  ticket.id = "t" + std::to_string(number);
  if (bytes->Next(8) != 0) {
    ticket.created_at = kNow - std::chrono::milliseconds(bytes->Next(256) * 100 - 200);
  }
  for (int left = bytes->Next(6); left > 0; --left) {
    Player player{MakeUser(bytes), {}};
    player.attributes.Set("mmr", bytes->Next(256) * 4);
    if (bytes->Next(3) == 0) player.attributes.Set("role", MakeValue(bytes));
    ticket.players.push_back(std::move(player));
  }
  ticket.attributes = MakeAttributes(bytes);
  for (const char* const region : {"ap", "eu", "us"}) {
    if (bytes->Next(2) == 0) ticket.latencies.push_back({region, bytes->Next(256)});
  }
  if (bytes->Next(8) == 0) ticket.priority = bytes->Next(3) - 1;
  if (bytes->Next(8) == 0) ticket.excluded_sessions = {"s0"};
  return ticket;
}

BackfillTicket MakeSession(Bytes* bytes, int number) {
  BackfillTicket session;
  session.id = "b" + std::to_string(number);
  session.session_id = "s" + std::to_string(number);
  session.created_at = kNow - std::chrono::milliseconds(bytes->Next(256) * 100);
  for (int teams = bytes->Next(4); teams > 0; --teams) {
    SessionTeam& team = session.teams.emplace_back();
    for (int users = bytes->Next(4); users > 0; --users) team.user_ids.push_back(MakeUser(bytes));
  }
  for (int left = bytes->Next(3); left > 0; --left) {
    session.tickets.push_back(MakeTicket(bytes, 100 + left));
  }
  session.attributes = MakeAttributes(bytes);
  if (bytes->Next(2) == 0) session.region_preferences = {"eu"};
  return session;
}

class Sink final : public MatchSink, public ProposalSink {
 public:
  void Emit(Match match) override { matches.push_back(std::move(match)); }
  void Emit(BackfillProposal proposal) override { proposals.push_back(std::move(proposal)); }
  void OutOfTime(size_t /*count*/) override { FUZZ_CHECK(false); }

  std::vector<Match> matches;
  std::vector<BackfillProposal> proposals;
};

void CheckMatch(const Match& match, const CompiledRules& rules, const Legality& legality) {
  const TicketPool& pool = legality.pool();
  Composition read;
  for (const Team& team : match.teams) {
    FUZZ_CHECK(!team.tickets.empty());
    read.teams.emplace_back(team.tickets.begin(), team.tickets.end());
  }
  read.oldest = read.teams.at(0).at(0);
  for (const auto& team : read.teams) {
    for (const Slot slot : team) {
      if (legality.Precedes(slot, read.oldest)) read.oldest = slot;
    }
  }
  if (pool[read.oldest].latency_count > 0) {
    read.terms.region = pool.FindRegion(match.region_preferences.at(0));
  }
  const std::vector<SubGameMode>& modes = rules.rules.sub_game_modes;
  for (size_t i = 0; i < modes.size(); ++i) {
    const Value name = match.attributes.Find("sub_game_mode")->list()->front();
    if (name == Value(modes[i].name)) read.terms.mode = static_cast<uint16_t>(i);
  }
  read.terms.alliance = &rules.alliances.At(pool[read.oldest].age_ms, read.terms.mode);
  FUZZ_CHECK(legality.Check(read) == Obstacle::kNone);
}

void CheckMatches(std::shared_ptr<const CompiledRules> rules, const std::vector<Ticket>& tickets) {
  Sink sink;
  RunContext context;
  context.now = kNow;
  AllianceMatchRun run(rules, context, sink);
  TraitsTable traits(rules->rules, rules->options.any_options_all_common,
                     rules->options.empty_options_count);
  TicketPool pool(rules->rules, rules->flex, &traits, kNow);
  for (const Ticket& ticket : tickets) {
    if (!run.AddTicket(ticket)) pool.Add(ticket);
  }
  run.Finish();
  const Legality legality(rules->rules, rules->flex, pool);
  std::set<TicketIndex> seen;
  for (const Match& match : sink.matches) {
    CheckMatch(match, *rules, legality);
    for (const Team& team : match.teams) {
      for (const TicketIndex index : team.tickets) FUZZ_CHECK(seen.insert(index).second);
    }
  }
}

void CheckBackfill(const MatchLogic& logic, const std::vector<Ticket>& tickets, Bytes* bytes) {
  Sink sink;
  RunContext context;
  context.now = kNow;
  const std::unique_ptr<BackfillRun> run = logic.StartBackfill(context, sink);
  size_t taken = 0;
  for (const Ticket& ticket : tickets) taken += run->AddTicket(ticket) ? 0 : 1;
  std::vector<BackfillTicket> sessions;
  for (int left = bytes->Next(5); left > 0; --left) {
    sessions.push_back(MakeSession(bytes, left));
    run->AddBackfillTicket(sessions.back());
  }
  run->Finish();
  std::set<TicketIndex> seen;
  for (const BackfillProposal& proposal : sink.proposals) {
    FUZZ_CHECK(proposal.backfill < sessions.size());
    for (const TeamAddition& addition : proposal.additions) {
      const bool is_new = addition.team == TeamAddition::kNewTeam;
      FUZZ_CHECK(is_new || addition.team < sessions[proposal.backfill].teams.size());
      for (const TicketIndex index : addition.tickets) {
        FUZZ_CHECK(index < taken && seen.insert(index).second);
      }
    }
  }
}

void CheckInput(std::string_view input) {
  const size_t line = std::min(input.find('\n'), input.size());
  Bytes bytes(input.substr(std::min(line + 1, input.size())));
  LogicOptions options;
  options.profile = bytes.Next(2) == 0 ? Profile::kCore : Profile::kHosted;
  options.prioritize_larger_parties = bytes.Next(4) == 0;
  options.any_options_all_common = bytes.Next(4) != 0;
  options.strategy = bytes.Next(4) == 0 ? Strategy::kQuality : Strategy::kOldestFirst;
  absl::StatusOr<Ruleset> rules = ParseRuleset(input.substr(0, line), options);
  const auto logic = MakeAllianceLogic(input.substr(0, line), options);
  FUZZ_CHECK(rules.ok() == logic.ok());
  if (!rules.ok()) return;
  std::vector<Ticket> tickets;
  const int count = bytes.Next(kMostTickets);
  for (int i = 0; i < count && !bytes.empty(); ++i) tickets.push_back(MakeTicket(&bytes, i));
  for (const Ticket& ticket : tickets) (*logic)->ValidateTicket(ticket);
  CheckMatches(std::make_shared<const CompiledRules>(*std::move(rules), options), tickets);
  CheckBackfill(**logic, tickets, &bytes);
}

}  // namespace
}  // namespace muster::match::alliance

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  muster::match::alliance::CheckInput({reinterpret_cast<const char*>(data), size});
  return 0;
}
