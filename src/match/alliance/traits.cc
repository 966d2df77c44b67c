#include "match/alliance/traits.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace muster::match::alliance {
namespace {

// Differ from ticket to ticket, or are nobody's business but the logic's.
constexpr std::array<std::string_view, 5> kLeftAside = {
    "blocked_players", "blocked_players_detail", "latencies", "match_attempt", "member_attributes"};
// Read, but never compared as they are.
constexpr std::array<std::string_view, 5> kComparedElsewhere = {
    "client_version", "new_session_only", "role", "server_name", "sub_game_mode"};
constexpr std::string_view kCrossPlatform = "cross_platform";
constexpr std::string_view kCurrentPlatform = "current_platform";

// One kind of facet each, in the upper half of the number; plain attributes use their name instead.
constexpr uint64_t kServerFacet = 0xffffffff;
constexpr uint64_t kVersionFacet = 0xfffffffe;
constexpr uint64_t kOptionFacets = 0xf0000000;

template <size_t N>
bool Contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <typename T>
void SortOnce(std::vector<T>* values) {
  std::sort(values->begin(), values->end());
  values->erase(std::unique(values->begin(), values->end()), values->end());
}

bool Meet(const std::vector<Symbol>& a, const std::vector<Symbol>& b) {
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() && right != b.end()) {
    if (*left == *right) return true;
    *left < *right ? ++left : ++right;
  }
  return false;
}

bool Includes(const std::vector<Symbol>& outer, const std::vector<Symbol>& inner) {
  return std::includes(outer.begin(), outer.end(), inner.begin(), inner.end());
}

bool IsBlankText(const Value& value) { return value.text() != nullptr && value.text()->empty(); }

bool IsBlank(const Value* value) {
  return value == nullptr || value->is_null() || IsBlankText(*value);
}

// Calls `each` for the values of an attribute; a scalar is a list of one.
template <typename Each>
void ForEachValue(const Value& value, const Each& each) {
  if (value.list() == nullptr) return each(value);
  for (const Value& item : *value.list()) each(item);
}

Object WithoutLeftAside(const Object& attributes) {
  std::vector<Object::Entry> kept;
  for (const Object::Entry& entry : attributes) {
    if (!Contains(kLeftAside, entry.first)) kept.push_back(entry);
  }
  return Object(std::move(kept));
}

uint64_t Facet(uint64_t kind, Symbol value) { return kind << 32 | value; }

}  // namespace

std::string OptionText(const Value& value) {
  if (value.is_null()) return "<nil>";
  if (value.text() != nullptr) return *value.text();
  if (value.bool_value() != nullptr) return *value.bool_value() ? "true" : "false";
  if (value.number() == nullptr) return "";
  std::array<char, 400> text{};
  const auto scientific = std::to_chars(text.data(), text.data() + text.size(), *value.number(),
                                        std::chars_format::scientific);
  std::string shortest(text.data(), scientific.ptr);
  const size_t mark = shortest.find('e');
  if (mark == std::string::npos) return shortest;
  int exponent = 0;
  const size_t digits = mark + (shortest[mark + 1] == '+' ? 2 : 1);
  std::from_chars(shortest.data() + digits, shortest.data() + shortest.size(), exponent);
  if (exponent < -4 || exponent > 5) return shortest;
  const auto fixed = std::to_chars(text.data(), text.data() + text.size(), *value.number(),
                                   std::chars_format::fixed);
  return std::string(text.data(), fixed.ptr);
}

TraitsTable::TraitsTable(const Ruleset& rules, bool any_all_common, bool empty_options_count)
    : rules_(rules),
      any_all_common_(any_all_common),
      compares_cross_platform_(!rules.options.empty() ||
                               (rules.has_options && empty_options_count)) {
  for (size_t i = 0; i < rules.options.size(); ++i) {
    const MatchOption& option = rules.options[i];
    if (option.type == OptionType::kAny && any_all_common) common_options_.push_back(i);
    if (option.name == kCrossPlatform && option.type == OptionType::kAny) platform_option_ = i;
  }
}

TraitsId TraitsTable::Intern(const Object& attributes) {
  const bool whole = std::none_of(attributes.begin(), attributes.end(), [](const auto& entry) {
    return Contains(kLeftAside, entry.first);
  });
  if (!whole) return Intern(WithoutLeftAside(attributes));
  const auto found = ids_.find(attributes);
  if (found != ids_.end()) return found->second;
  const auto id = static_cast<TraitsId>(traits_.size());
  traits_.push_back(Read(attributes));
  ids_.emplace(attributes, id);
  return id;
}

Traits TraitsTable::Read(const Object& attributes) {
  Traits traits;
  traits.attributes = attributes;
  if (!rules_.ignore_plain_attributes) ReadPlain(attributes, &traits);
  const Value* const server = attributes.Find("server_name");
  if (!IsBlank(server)) traits.server_name = SymbolOf(*server);
  const Value* const version = attributes.Find("client_version");
  if (!IsBlank(version)) traits.client_version = SymbolOf(*version);
  ReadOptions(attributes, &traits);
  if (platform_option_) ReadPlatforms(attributes, &traits);
  if (!rules_.sub_game_modes.empty()) ReadModes(attributes, &traits);
  return traits;
}

bool TraitsTable::IsOption(std::string_view name) const {
  return std::any_of(rules_.options.begin(), rules_.options.end(),
                     [&](const MatchOption& option) { return option.name == name; });
}

bool TraitsTable::ComparesPlain(std::string_view name) const {
  if (Contains(kComparedElsewhere, name) || IsOption(name)) return false;
  if (name == kCrossPlatform) return compares_cross_platform_;
  return name != kCurrentPlatform || rules_.profile != Profile::kHosted;
}

void TraitsTable::ReadPlain(const Object& attributes, Traits* traits) {
  for (const auto& [name, value] : attributes) {
    if (!ComparesPlain(name)) continue;
    traits->plain.emplace_back(SymbolOf(Value(name)),
                               IsBlankText(value) ? kBlank : SymbolOf(value));
  }
  std::sort(traits->plain.begin(), traits->plain.end());
}

void TraitsTable::ReadOptions(const Object& attributes, Traits* traits) {
  for (const MatchOption& option : rules_.options) {
    OptionValues& read = traits->options.emplace_back();
    const Value* const value = attributes.Find(option.name);
    if (value == nullptr || option.type == OptionType::kDisable) continue;
    read.carried = true;
    if (option.name == kCrossPlatform && !rules_.platform_groups.empty()) {
      read.values = read.texts = PlatformSymbols(value);
      continue;
    }
    ForEachValue(*value, [&](const Value& item) {
      read.values.push_back(SymbolOf(item));
      const std::string text = OptionText(item);
      read.texts.push_back(text.empty() ? read.values.back() : SymbolOf(Value(text)));
    });
    SortOnce(&read.values);
    SortOnce(&read.texts);
  }
}

std::vector<Symbol> TraitsTable::PlatformSymbols(const Value* value) {
  std::vector<Symbol> symbols;
  if (value == nullptr) return symbols;
  ForEachValue(*value, [&](const Value& item) {
    const std::string name = OptionText(item);
    if (name.empty()) return;
    const auto group = std::find_if(rules_.platform_groups.begin(), rules_.platform_groups.end(),
                                    [&](const PlatformGroup& g) { return g.name == name; });
    if (group == rules_.platform_groups.end()) return symbols.push_back(SymbolOf(Value(name)));
    for (const std::string& platform : group->platforms)
      symbols.push_back(SymbolOf(Value(platform)));
  });
  SortOnce(&symbols);
  return symbols;
}

void TraitsTable::ReadPlatforms(const Object& attributes, Traits* traits) {
  traits->current_platforms = PlatformSymbols(attributes.Find(kCurrentPlatform));
  traits->wanted_platforms = PlatformSymbols(attributes.Find(kCrossPlatform));
}

void TraitsTable::ReadModes(const Object& attributes, Traits* traits) {
  const auto add = [&](const Value& wanted) {
    for (size_t i = 0; i < rules_.sub_game_modes.size(); ++i) {
      const auto mode = static_cast<uint16_t>(i);
      if (wanted.text() == nullptr || *wanted.text() != rules_.sub_game_modes[i].name) continue;
      if (std::find(traits->modes.begin(), traits->modes.end(), mode) == traits->modes.end()) {
        traits->modes.push_back(mode);
      }
    }
  };
  const Value* const wanted = attributes.Find("sub_game_mode");
  const bool names_none = IsBlank(wanted) || (wanted->list() != nullptr && wanted->list()->empty());
  if (!names_none) return ForEachValue(*wanted, add);
  for (const SubGameMode& mode : rules_.sub_game_modes) add(Value(mode.name));
}

Symbol TraitsTable::SymbolOf(const Value& value) {
  if (value.is_null()) return kNull;
  const auto [found, added] = symbols_.try_emplace(value, next_symbol_);
  if (added) ++next_symbol_;
  return found->second;
}

bool TraitsTable::PlainFits(const Traits& oldest, const Traits& other) const {
  auto theirs = other.plain.begin();
  for (const auto& [name, value] : oldest.plain) {
    while (theirs != other.plain.end() && theirs->first < name) ++theirs;
    const bool carried = theirs != other.plain.end() && theirs->first == name;
    if (value == kBlank) continue;
    if (value != (carried ? theirs->second : kNull)) return false;
  }
  return true;
}

bool TraitsTable::OptionsFit(const Traits& oldest, const Traits& other) const {
  for (size_t i = 0; i < rules_.options.size(); ++i) {
    const OptionValues& wanted = oldest.options[i];
    if (!wanted.carried) continue;
    if (!other.options[i].carried) return false;
    if (rules_.options[i].type == OptionType::kAny &&
        !Meet(wanted.values, other.options[i].values)) {
      return false;
    }
  }
  return true;
}

bool TraitsTable::UsesPlatforms(const Traits& oldest) const {
  return platform_option_.has_value() && oldest.options[*platform_option_].carried &&
         !oldest.current_platforms.empty();
}

bool TraitsTable::PlatformsFit(const Traits& oldest, const Traits& other) const {
  if (!UsesPlatforms(oldest)) return true;
  return !other.current_platforms.empty() &&
         Includes(other.wanted_platforms, oldest.current_platforms) &&
         Includes(oldest.wanted_platforms, other.current_platforms);
}

bool TraitsTable::ServerFits(const Traits& session, const Traits& ticket) const {
  const auto mentions = [&session](std::string_view name) {
    return session.attributes.Find(name) != nullptr;
  };
  return (session.server_name == ticket.server_name || !mentions("server_name")) &&
         (session.client_version == ticket.client_version || !mentions("client_version"));
}

bool TraitsTable::PlainAgree(const Traits& a, const Traits& b) const {
  if (a.server_name != b.server_name || a.client_version != b.client_version) return false;
  auto other = b.plain.begin();
  for (const auto& [name, value] : a.plain) {
    while (other != b.plain.end() && other->first < name) ++other;
    if (other == b.plain.end()) break;
    const bool carried = other->first == name && other->second != kBlank && value != kBlank;
    if (carried && other->second != value) return false;
  }
  return true;
}

bool TraitsTable::OptionsAgree(const Traits& a, const Traits& b) const {
  for (size_t i = 0; i < rules_.options.size(); ++i) {
    const OptionValues& left = a.options[i];
    const OptionValues& right = b.options[i];
    switch (rules_.options[i].type) {
      case OptionType::kDisable:
        break;
      case OptionType::kAny:
        if (left.carried != right.carried) return false;
        break;
      case OptionType::kAll:
        if (left.carried != right.carried || left.values != right.values) return false;
        break;
      case OptionType::kUnique:
        if (Meet(left.texts, right.texts)) return false;
        break;
    }
  }
  return !any_all_common_ || !UsesPlatforms(a) || !UsesPlatforms(b) || PlatformsFit(a, b);
}

std::vector<std::vector<uint64_t>> TraitsTable::RequiredFacets(const Traits& traits,
                                                               bool is_oldest) const {
  std::vector<std::vector<uint64_t>> required = {{Facet(kServerFacet, traits.server_name)},
                                                 {Facet(kVersionFacet, traits.client_version)}};
  for (const auto& [name, value] : traits.plain) {
    if (is_oldest && value != kNull && value != kBlank) required.push_back({Facet(name, value)});
  }
  for (size_t i = 0; i < rules_.options.size(); ++i) {
    const OptionValues& wanted = traits.options[i];
    const OptionType type = rules_.options[i].type;
    if (!wanted.carried || type == OptionType::kUnique || type == OptionType::kDisable) continue;
    std::vector<uint64_t>& any_of = required.emplace_back();
    for (const Symbol value : wanted.values) any_of.push_back(Facet(kOptionFacets + i, value));
    if (type == OptionType::kAll && any_of.size() > 1) any_of.resize(1);
    if (any_of.empty() && type == OptionType::kAll) required.pop_back();
  }
  return required;
}

std::vector<uint64_t> TraitsTable::Facets(const Traits& traits) const {
  std::vector<uint64_t> facets = {Facet(kServerFacet, traits.server_name),
                                  Facet(kVersionFacet, traits.client_version)};
  for (const auto& [name, value] : traits.plain) facets.push_back(Facet(name, value));
  for (size_t i = 0; i < rules_.options.size(); ++i) {
    for (const Symbol value : traits.options[i].values) {
      facets.push_back(Facet(kOptionFacets + i, value));
    }
  }
  return facets;
}

}  // namespace muster::match::alliance
