#include "match/alliance/flexing.h"

#include <algorithm>
#include <limits>

namespace muster::match::alliance {
namespace {

constexpr int64_t kMsPerSecond = 1000;
constexpr double kComparesNothing = -1;
// Far above every latency and far below where sums overflow.
constexpr int64_t kUnlimitedMs = std::numeric_limits<int64_t>::max() / 4;

template <typename Rule>
std::vector<int64_t> Durations(const std::vector<Rule>& rules) {
  std::vector<int64_t> durations;
  durations.reserve(rules.size());
  for (const Rule& rule : rules) durations.push_back(rule.duration_s * kMsPerSecond);
  std::sort(durations.begin(), durations.end());
  durations.erase(std::unique(durations.begin(), durations.end()), durations.end());
  return durations;
}

// How many durations are over. Exactly at its end a duration is not.
size_t Passed(const std::vector<int64_t>& durations, int64_t age_ms) {
  const auto first_not = std::lower_bound(durations.begin(), durations.end(), age_ms);
  return static_cast<size_t>(first_not - durations.begin());
}

template <typename Rule>
bool EndsBy(const Rule& rule, int64_t duration_ms) {
  return rule.duration_s * kMsPerSecond <= duration_ms;
}

double ReferenceOf(Criteria criteria, double reference) {
  return criteria == Criteria::kDistance ? reference : kComparesNothing;
}

bool IsFirstOfItsAttribute(const std::vector<MatchingRule>& rules, size_t rule) {
  return std::none_of(rules.begin(), rules.begin() + static_cast<std::ptrdiff_t>(rule),
                      [&](const auto& other) { return other.attribute == rules[rule].attribute; });
}

// The flexing rule that stands for `attribute` once `duration_ms` is over, or null.
const FlexingRule* ActiveRule(const Ruleset& rules, const std::string& attribute,
                              int64_t duration_ms) {
  const FlexingRule* active = nullptr;
  for (const FlexingRule& rule : rules.flexing) {
    if (rule.attribute != attribute || !EndsBy(rule, duration_ms)) continue;
    if (active == nullptr || rule.duration_s >= active->duration_s) active = &rule;
  }
  return active;
}

int64_t AddSaturating(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a > 0 ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
}

}  // namespace

MatchingFlex::MatchingFlex(const Ruleset& rules)
    : rule_count_(rules.matching.size()), durations_(Durations(rules.flexing)) {
  references_.reserve(rule_count_ * (durations_.size() + 1));
  for (const MatchingRule& rule : rules.matching) {
    references_.push_back(ReferenceOf(rule.criteria, rule.reference));
  }
  for (const int64_t duration : durations_) {
    for (size_t i = 0; i < rule_count_; ++i) {
      const MatchingRule& rule = rules.matching[i];
      const FlexingRule* const flexed = IsFirstOfItsAttribute(rules.matching, i)
                                            ? ActiveRule(rules, rule.attribute, duration)
                                            : nullptr;
      references_.push_back(flexed == nullptr ? ReferenceOf(rule.criteria, rule.reference)
                                              : ReferenceOf(flexed->criteria, flexed->reference));
    }
  }
}

Stage MatchingFlex::StageAt(int64_t age_ms) const {
  return durations_.empty() ? Stage{0} : static_cast<Stage>(Passed(durations_, age_ms));
}

bool MatchingFlex::AlwaysCompares(size_t rule) const {
  for (size_t stage = 0; stage <= durations_.size(); ++stage) {
    if (Reference(static_cast<Stage>(stage), rule) < 0) return false;
  }
  return true;
}

AllianceFlex::AllianceFlex(const AllianceRule& base,
                           const std::vector<AllianceFlexingRule>& flexing)
    : durations_(Durations(flexing)), alliances_{base} {
  alliances_.reserve(durations_.size() + 1);
  for (const int64_t duration : durations_) {
    const AllianceFlexingRule* active = nullptr;
    for (const AllianceFlexingRule& rule : flexing) {
      if (!EndsBy(rule, duration)) continue;
      if (active == nullptr || rule.duration_s >= active->duration_s) active = &rule;
    }
    alliances_.push_back(active->alliance);
  }
}

const AllianceRule& AllianceFlex::At(int64_t age_ms) const {
  return alliances_[Passed(durations_, age_ms)];
}

int64_t LatencyLimit(const RegionRule& rule, int64_t age_ms, int64_t best_ms) {
  // The first step lasts from the start to its very end.
  const int64_t steps = age_ms <= 0 ? 0 : (age_ms - 1) / rule.expansion_rate_ms;
  int64_t expansion = 0;
  if (__builtin_mul_overflow(steps, rule.expansion_range_ms, &expansion)) expansion = kUnlimitedMs;
  const int64_t range = std::min(AddSaturating(rule.initial_range_ms, expansion), kUnlimitedMs);
  const int64_t limit = AddSaturating(best_ms, range);
  return rule.max_ms == 0 ? limit : std::min(limit, rule.max_ms);
}

}  // namespace muster::match::alliance
