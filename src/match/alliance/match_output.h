#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "match/alliance/legality.h"
#include "match/logic_options.h"
#include "match/match.h"

namespace muster::match::alliance {

// What answers repeat of tickets and the matcher does not need: kept only for tickets that have it.
class TicketNotes {
 public:
  // `keep_user_ids`: answers name players by their id.
  explicit TicketNotes(bool keep_user_ids) : keep_user_ids_(keep_user_ids) {}

  void Add(Slot slot, const Ticket& ticket);

  bool any() const { return !notes_.empty(); }
  // The texts of the ticket's attribute `blocked_players`, as they came.
  const List& BlockedPlayers(Slot slot) const;
  // Empty unless ids are kept.
  const std::vector<std::string>& UserIds(Slot slot) const;

 private:
  struct Note {
    List blocked_players;
    std::vector<std::string> user_ids;
  };
  const bool keep_user_ids_;
  absl::flat_hash_map<Slot, Note> notes_;
};

// Turns compositions into matches: ids, regions, attributes, roles. What it refers to outlives it.
// Not thread-safe.
class MatchOutput {
 public:
  MatchOutput(const Legality& legality, const TicketNotes& notes, const LogicOptions& options,
              base::IdSeed seed)
      : legality_(legality),
        notes_(notes),
        default_regions_(options.default_regions),
        any_all_common_(options.any_options_all_common),
        ids_(seed) {}

  Match Make(const Composition& match);

 private:
  using Slots = std::vector<Slot>;

  std::vector<std::string> Regions(const Composition& match, const Slots& tickets) const;
  Object Attributes(const Composition& match, const Slots& tickets) const;
  void AddRoles(const Composition& match, Match* out) const;

  const Legality& legality_;
  const TicketNotes& notes_;
  const std::vector<std::string>& default_regions_;
  const bool any_all_common_;
  base::IdGenerator ids_;
  Slots tickets_;
};

// The values that an option of a match has chosen, of the values that its tickets list (null: a
// ticket that lacks the option), in the order they are first seen: all of them for `all` and
// `unique`; those that every ticket lists for `any`, or with `all_common` off those that two list.
// A text or number instead of a list when it is one value and the last ticket had no list; null
// when nothing is chosen.
Value ChosenValues(const std::vector<const Value*>& listed, OptionType type, bool all_common);

// Whether an attribute that no rule names is shown on a match.
bool IsShownAsItIs(std::string_view name, Profile profile);

}  // namespace muster::match::alliance
