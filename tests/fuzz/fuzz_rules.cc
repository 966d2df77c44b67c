#include <cstddef>
#include <cstdint>
#include <string_view>

#include "match/pairs/pair_rules.h"
#include "match/rules_json.h"
#include "tests/fuzz/fuzz_check.h"

// Rules of any bytes are refused with INVALID_ARGUMENT and a short message, or make sense.
namespace muster::match {
namespace {

// A status travels in a header of 8 KiB at most.
constexpr size_t kMaxMessageBytes = 512;

void CheckRefusal(const absl::Status& status) {
  FUZZ_CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  FUZZ_CHECK(status.message().substr(0, 7) == "rules: ");
  FUZZ_CHECK(status.message().size() <= kMaxMessageBytes);
  for (const char c : status.message()) FUZZ_CHECK(c >= ' ' && c <= '~');
}

void CheckRange(int64_t min, int64_t max, int64_t limit) {
  FUZZ_CHECK(1 <= min);
  FUZZ_CHECK(min <= max);
  FUZZ_CHECK(max <= limit);
}

void CheckRules(std::string_view text) {
  const LogicOptions options;
  const absl::StatusOr<nlohmann::json> json = ParseRulesJson(text, options);
  if (!json.ok()) CheckRefusal(json.status());
  const absl::StatusOr<pairs::PairRules> rules = pairs::ParsePairRules(text, options);
  if (!rules.ok()) return CheckRefusal(rules.status());
  FUZZ_CHECK(json.ok());
  CheckRange(rules->min_tickets, rules->max_tickets, options.max_stream_tickets);
  if (!rules->alliance) return;
  CheckRange(rules->alliance->min_teams, rules->alliance->max_teams, rules->max_tickets);
  CheckRange(rules->alliance->min_players, rules->alliance->max_players, rules->max_tickets);
}

}  // namespace
}  // namespace muster::match

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  muster::match::CheckRules({reinterpret_cast<const char*>(data), size});
  return 0;
}
