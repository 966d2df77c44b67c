#include "match/alliance/ruleset.h"

#include <algorithm>

namespace muster::match::alliance {
namespace {

int32_t LargestOf(const AllianceRule& alliance, const std::vector<AllianceFlexingRule>& flexing) {
  int32_t largest = alliance.max_players;
  for (const AllianceFlexingRule& rule : flexing) {
    largest = std::max(largest, rule.alliance.max_players);
  }
  return largest;
}

void AddOnce(const std::string& name, std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

}  // namespace

int32_t Ruleset::LargestTeam() const {
  int32_t largest = LargestOf(alliance, alliance_flexing);
  for (const SubGameMode& mode : sub_game_modes) {
    largest = std::max(largest, LargestOf(mode.alliance, mode.flexing));
  }
  return largest;
}

std::vector<std::string> Ruleset::StatCodes() const {
  std::vector<std::string> codes;
  for (const MatchingRule& rule : matching) AddOnce(rule.attribute, codes);
  for (const FlexingRule& rule : flexing) AddOnce(rule.attribute, codes);
  return codes;
}

}  // namespace muster::match::alliance
