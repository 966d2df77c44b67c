#include "match/admission.h"

#include <algorithm>

namespace muster::match {
namespace {

bool Contains(const std::vector<std::string_view>& ids, size_t count, std::string_view id) {
  return std::find(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count), id) !=
         ids.begin() + static_cast<std::ptrdiff_t>(count);
}

}  // namespace

std::optional<LeftOut> Admission::Admit(const TicketIdentity& ticket) {
  if (IsOtherPool(ticket.match_pool)) return LeftOut::kOtherPool;
  if (ticket.player_ids.empty()) return LeftOut::kNoPlayers;
  if (!ticket.ticket_id.empty() && ticket_ids_.contains(ticket.ticket_id)) {
    return LeftOut::kTicketSeen;
  }
  if (const std::optional<LeftOut> refused = TakePlayers(ticket)) return refused;
  if (!ticket.ticket_id.empty()) ticket_ids_.insert(ticket.ticket_id);
  latest_chose_pool_ = !pool_.has_value();
  if (!pool_) pool_ = std::string(ticket.match_pool);
  return std::nullopt;
}

void Admission::Forget(const TicketIdentity& ticket) {
  if (latest_chose_pool_) pool_.reset();
  ticket_ids_.erase(ticket.ticket_id);
  for (const std::string_view id : ticket.player_ids) player_ids_.erase(id);
}

std::optional<LeftOut> Admission::AdmitBackfill(std::string_view id, std::string_view match_pool) {
  if (IsOtherPool(match_pool)) return LeftOut::kOtherPool;
  if (!id.empty() && !backfill_ids_.emplace(id).second) return LeftOut::kTicketSeen;
  if (!pool_) pool_ = std::string(match_pool);
  return std::nullopt;
}

// Takes all players or none.
std::optional<LeftOut> Admission::TakePlayers(const TicketIdentity& ticket) {
  for (size_t i = 0; i < ticket.player_ids.size(); ++i) {
    const std::string_view id = ticket.player_ids[i];
    if (!id.empty() && player_ids_.insert(id).second) continue;
    const LeftOut reason = id.empty()                           ? LeftOut::kEmptyPlayerId
                           : Contains(ticket.player_ids, i, id) ? LeftOut::kRepeatedPlayer
                                                                : LeftOut::kPlayerSeen;
    for (size_t taken = 0; taken < i; ++taken) player_ids_.erase(ticket.player_ids[taken]);
    return reason;
  }
  return std::nullopt;
}

}  // namespace muster::match
