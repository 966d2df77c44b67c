#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rpc/client/client_options.h"
#include "rpc/client/wire_ticket.h"

namespace muster::rpc::client {

struct EnrichedTicket {
  std::string id;
  // Its ticket_attributes as JSON text.
  std::string attributes_json;
  // The whole ticket in proto JSON, one line.
  std::string json;
};

struct TeamResult {
  std::string id;
  std::vector<std::string> user_ids;
  // The players of each ticket, as the server lists them.
  std::vector<std::vector<std::string>> parties;
  // Of those players who have one; see MakeMatchesCall.
  std::vector<double> ratings;
};

struct MatchResult {
  std::vector<std::string> ticket_ids;
  std::vector<TeamResult> teams;
  std::vector<std::string> regions;
  bool backfill = false;
  // The whole MatchResponse in proto JSON, one line; empty unless it was asked for.
  std::string json;
};

struct ProposalResult {
  std::string id;
  std::string backfill_ticket_id;
  std::string session_id;
  std::vector<std::string> added_ticket_ids;
  std::vector<TeamResult> teams;
  // The whole BackfillResponse in proto JSON, one line; empty unless it was asked for.
  std::string json;
};

// Hands out tickets one by one, then nothing. An error cancels the call and becomes its result.
using TicketSource = std::function<absl::StatusOr<std::optional<WireTicket>>()>;

struct MakeMatchesCall {
  // The ruleset as JSON text; empty: the Rules message is left out.
  std::string rules;
  TicketSource tickets;
  std::function<void(MatchResult)> on_match;
  // Fill MatchResult::json, which takes longer than all else.
  bool want_json = false;
  // The players' attribute to fill TeamResult::ratings from; empty: none.
  std::string rating_attribute;
};

struct BackfillCall {
  std::string rules;
  // All of them are sent before the first ticket.
  TicketSource backfill_tickets;
  TicketSource tickets;
  std::function<void(ProposalResult)> on_proposal;
  bool want_json = false;
};

// Calls a server of the match-function contract. Every call blocks until its end and returns what
// the server answered, or its error; UNAVAILABLE when there is no server, DEADLINE_EXCEEDED past
// the deadline. Answers that do not print as JSON are INTERNAL. Thread-safe.
class MatchFunctionClient {
 public:
  explicit MatchFunctionClient(ClientOptions options);
  ~MatchFunctionClient();

  absl::StatusOr<std::vector<std::string>> GetStatCodes(std::string_view rules);
  absl::StatusOr<bool> ValidateTicket(const WireTicket& ticket, std::string_view rules);
  absl::StatusOr<EnrichedTicket> EnrichTicket(const WireTicket& ticket, std::string_view rules);

  // The sources are called on a thread of their own while answers arrive on the caller's; when the
  // server ends early, the call still waits for a source that is busy.
  absl::Status MakeMatches(const MakeMatchesCall& call);
  absl::Status BackfillMatches(const BackfillCall& call);

 private:
  struct Connection;

  const ClientOptions options_;
  const std::unique_ptr<Connection> connection_;
};

}  // namespace muster::rpc::client
