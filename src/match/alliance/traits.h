#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/strings.h"
#include "match/alliance/ruleset.h"
#include "match/value.h"

// What tickets must agree on: attributes, options, platforms, modes, compared as numbers.
namespace muster::match::alliance {

// A value of an attribute; equal values have equal symbols.
using Symbol = uint32_t;
inline constexpr Symbol kBlank = 0;
inline constexpr Symbol kNull = 1;

// Tickets with the same traits are alike in all that this file compares.
using TraitsId = uint32_t;

// An option as one ticket carries it.
struct OptionValues {
  bool carried = false;
  // Sorted, each once. Values of different types differ; lists and objects are equal when all that
  // is in them is.
  std::vector<Symbol> values;
  // The same in text form, in which 1 and "1" are equal.
  std::vector<Symbol> texts;
};

struct Traits {
  // Attributes that are compared as they are, sorted by name. A blank text asks for nothing.
  std::vector<std::pair<Symbol, Symbol>> plain;
  // Blank when missing, null or empty.
  Symbol server_name = kBlank;
  Symbol client_version = kBlank;
  // In the order of Ruleset::options.
  std::vector<OptionValues> options;
  // Where the players are, and where they would play; groups are expanded. Sorted, each once.
  std::vector<Symbol> current_platforms;
  std::vector<Symbol> wanted_platforms;
  // Places in Ruleset::sub_game_modes, in the ticket's order; all of them when it names none, none
  // when it names only unknown ones.
  std::vector<uint16_t> modes;
  // The attributes themselves, those apart that differ from ticket to ticket: blocked players and
  // what no match is to show.
  Object attributes;
};

// Turns attributes into traits, each distinct set once. Grows with the number of distinct sets. Not
// thread-safe while it grows.
class TraitsTable {
 public:
  // `rules` outlives the table. `any_all_common`, `empty_options_count`: see LogicOptions.
  TraitsTable(const Ruleset& rules, bool any_all_common, bool empty_options_count);

  TraitsId Intern(const Object& attributes);
  const Traits& Get(TraitsId id) const { return traits_[id]; }
  size_t size() const { return traits_.size(); }
  // Whether any ticket carried an attribute, those apart that are left aside.
  bool has_attributes() const { return size() > 1 || (size() == 1 && !ids_.contains(Object())); }

  // The next three are legality; ask class Legality. Whether the oldest ticket of a match lets a
  // ticket with traits `other` in, as far as plain attributes (PlainFits), options (OptionsFit) and
  // cross-play (PlatformsFit) go.
  bool PlainFits(const Traits& oldest, const Traits& other) const;
  bool OptionsFit(const Traits& oldest, const Traits& other) const;
  bool PlatformsFit(const Traits& oldest, const Traits& other) const;
  // Legality too: whether a running session lets a ticket in, as far as server and version go.
  // What the session has, the ticket has too, blank for blank; what it does not mention is free.
  bool ServerFits(const Traits& session, const Traits& ticket) const;
  // Whether any two tickets of a match are free of contradictions. Plain attributes: those that
  // both carry are equal, server and version too. Options: both or none carry one, `all` options
  // are equal, `unique` ones disjoint, platforms meet.
  bool PlainAgree(const Traits& a, const Traits& b) const;
  bool OptionsAgree(const Traits& a, const Traits& b) const;

  // Places of the options of which all tickets of a match must share a value.
  const std::vector<size_t>& common_options() const { return common_options_; }

  // Values of which a ticket must carry an equal one to be in a match with a ticket of these
  // traits, where that can be said of single values: numbers that are the same for the same
  // attribute and value. Any of one inner list is enough; each inner list is needed. What only the
  // oldest ticket of a match can ask for counts when `is_oldest`.
  std::vector<std::vector<uint64_t>> RequiredFacets(const Traits& traits, bool is_oldest) const;
  // All such values that a ticket of these traits carries.
  std::vector<uint64_t> Facets(const Traits& traits) const;

 private:
  Traits Read(const Object& attributes);
  void ReadPlain(const Object& attributes, Traits* traits);
  void ReadOptions(const Object& attributes, Traits* traits);
  void ReadPlatforms(const Object& attributes, Traits* traits);
  void ReadModes(const Object& attributes, Traits* traits);
  std::vector<Symbol> PlatformSymbols(const Value* value);
  bool ComparesPlain(std::string_view name) const;
  bool IsOption(std::string_view name) const;
  bool UsesPlatforms(const Traits& oldest) const;

  Symbol SymbolOf(const Value& value);

  const Ruleset& rules_;
  const bool any_all_common_;
  const bool compares_cross_platform_;
  std::vector<size_t> common_options_;
  // The place of the option that decides on cross-play.
  std::optional<size_t> platform_option_;
  Symbol next_symbol_ = kNull + 1;
  absl::flat_hash_map<Value, Symbol> symbols_;
  absl::flat_hash_map<Object, TraitsId> ids_;
  std::vector<Traits> traits_;
};

// The text form of a value of an option: text as it is, `true`, `false`, `<nil>`, a number in its
// shortest decimal form, with an exponent (`1e+06`) when that is below -4 or above 5. Empty for
// lists and objects.
std::string OptionText(const Value& value);

}  // namespace muster::match::alliance
