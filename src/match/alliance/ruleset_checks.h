#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "match/alliance/ruleset.h"
#include "match/rules_json.h"

// What a ruleset must be beyond well formed. These are checked in this order, and the first that
// fails is told; `ruleset_parser` has found types and single values in order before.
//
//   1. the alliance: min_number <= max_number, both 1 or more; the same of players a team; then its
//      roles (the vendor's errors 510115 to 510119)
//   2. the same of each alliance_flexing_rule, then of each sub-game mode
//   3. matching rules, then flexing rules, then match options: none without a name or a kind
//   4. blocked_player_option
//   5. regions: initial range <= max
//   6. for each distance rule: no flexing rule of its attribute has a weight or a normalizationMax,
//      and its own normalizationMax, if any, is no less than any reference of the attribute
//
// Not checked: repeated attributes, repeated option names, flexing rules for attributes without a
// matching rule, the order of durations, and whether a match can become larger than a stream.
namespace muster::match::alliance {

// A matching or flexing rule as it is written.
struct RuleDraft {
  std::string attribute;
  std::optional<Criteria> criteria;
  double reference = 0;
  double normalization_max = 0;
  std::optional<double> weight;
  std::optional<bool> for_balancing;
  int64_t duration_s = 0;
};

struct OptionDraft {
  std::string name;
  std::optional<OptionType> type;
};

// A ruleset as it is written: its types and each single value are right, what is missing is 0 or
// empty.
struct RulesetDraft {
  // All but matching rules, flexing rules and options.
  Ruleset rules;
  std::vector<RuleDraft> matching;
  std::vector<RuleDraft> flexing;
  std::vector<OptionDraft> options;
  // Unless it is one of the three, which then stands in `rules`.
  std::optional<std::string> bad_blocked_player_option;
};

// What went wrong while a ruleset was read.
class ReadErrors {
 public:
  void AddWrongType(const absl::Status& status) { wrong_type_.Update(status); }
  // A sentence that begins with the key.
  void AddOutOfRange(std::string what) { out_of_range_.push_back(std::move(what)); }

  // The first wrong type; else INVALID_ARGUMENT with the first values out of range, and how many
  // more there are, in one short message.
  absl::Status status() const;

 private:
  absl::Status wrong_type_;
  std::vector<std::string> out_of_range_;
};

// INVALID_ARGUMENT, naming key and value, for the first of the list above.
absl::Status CheckRuleset(const RulesetDraft& draft);

// One sentence for each thing that has no effect: criteria other than distance, keys of the hosted
// service in the profile core, repeated options, flexing rules for unknown attributes, keys that
// are only read for their type, and matching rules inside of the alliance. At most kMaxRemarks, the
// last of which then counts the rest. `top` is the ruleset that the draft was read from.
inline constexpr size_t kMaxRemarks = 32;
std::vector<std::string> RemarksOn(const RulesReader& top, const RulesetDraft& draft);

}  // namespace muster::match::alliance
