#include "match/rules_json.h"

#include <limits>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/strings.h"

namespace muster::match {
namespace {

using nlohmann::json;

// Longest piece of a bad value that an error repeats.
constexpr size_t kMaxShownBytes = 64;

std::string Shown(const json& value) {
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > kMaxShownBytes) text = text.substr(0, kMaxShownBytes) + "...";
  return text;
}

// What the parser itself lets pass: keys that stand twice, and depth. Keeps the first problem.
class StructureCheck {
 public:
  explicit StructureCheck(int max_depth) : max_depth_(max_depth) {}

  bool OnEvent(json::parse_event_t event, const json& parsed) {
    switch (event) {
      case json::parse_event_t::object_start:
        keys_.emplace_back();
        Enter();
        break;
      case json::parse_event_t::array_start:
        Enter();
        break;
      case json::parse_event_t::object_end:
        keys_.pop_back();
        --depth_;
        break;
      case json::parse_event_t::array_end:
        --depth_;
        break;
      case json::parse_event_t::key:
        OnKey(parsed);
        break;
      case json::parse_event_t::value:
        break;
    }
    return true;
  }

  const absl::Status& status() const { return status_; }

 private:
  void Enter() {
    if (++depth_ > max_depth_ && status_.ok()) {
      status_ = absl::InvalidArgumentError(
          base::StrCat("rules: nested deeper than ", max_depth_, " levels"));
    }
  }

  void OnKey(const json& key) {
    if (keys_.back().insert(key.get_ref<const std::string&>()).second || !status_.ok()) return;
    status_ = absl::InvalidArgumentError(
        base::StrCat("rules: key ", Shown(key), " stands twice in one object"));
  }

  const int max_depth_;
  int depth_ = 0;
  std::vector<absl::flat_hash_set<std::string>> keys_;
  absl::Status status_;
};

absl::Status NotValidJson(size_t byte, std::string_view text) {
  if (byte > text.size())
    return absl::InvalidArgumentError("rules: not valid json: it ends too early");
  return absl::InvalidArgumentError(
      base::StrCat("rules: not valid json at byte ", byte, " of ", text.size()));
}

// The library speaks by exceptions; they end here. Their texts repeat the input, of any length.
absl::StatusOr<json> ParseChecked(std::string_view text, StructureCheck& check) {
  // The library takes a zero byte for the end and would ignore what follows.
  const size_t zero = text.find('\0');
  if (zero != std::string_view::npos) return NotValidJson(zero + 1, text);
  try {
    return json::parse(text, [&check](int, json::parse_event_t event, json& parsed) {
      return check.OnEvent(event, parsed);
    });
  } catch (const json::parse_error& error) {
    return NotValidJson(error.byte, text);
  } catch (const json::out_of_range&) {
    return absl::InvalidArgumentError("rules: not valid json: number out of range");
  } catch (const json::exception& error) {
    return absl::InvalidArgumentError(base::StrCat("rules: not valid json: error ", error.id));
  }
}

}  // namespace

absl::StatusOr<json> ParseRulesJson(std::string_view text, const LogicOptions& options) {
  if (text.empty()) return json();
  if (text.size() > options.max_rules_bytes) {
    return absl::InvalidArgumentError(base::StrCat("rules: ", text.size(), " bytes, more than ",
                                                   options.max_rules_bytes, " allowed"));
  }
  StructureCheck check(options.max_rules_depth);
  absl::StatusOr<json> parsed = ParseChecked(text, check);
  if (!check.status().ok()) return check.status();
  if (parsed.ok() && !parsed->is_object() && !parsed->is_null()) {
    return absl::InvalidArgumentError(base::StrCat("rules: ", Shown(*parsed), " is not an object"));
  }
  return parsed;
}

std::string RulesReader::Name(std::string_view key) const {
  return path_.empty() ? std::string(key) : base::StrCat(path_, ".", key);
}

const json& RulesReader::Member(std::string_view key) const {
  static const json null;
  const auto found = object_.find(key);
  return found == object_.end() ? null : *found;
}

absl::Status RulesReader::WrongType(std::string_view key, std::string_view wanted) const {
  return absl::InvalidArgumentError(
      base::StrCat("rules: ", Name(key), " ", Shown(Member(key)), " is not ", wanted));
}

absl::StatusOr<int64_t> RulesReader::Count(std::string_view key) const {
  const json& member = Member(key);
  if (member.is_null()) return 0;
  if (!member.is_number_integer()) return WrongType(key, "a whole number");
  if (member.is_number_unsigned()) {
    const uint64_t value = member.get<uint64_t>();
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return WrongType(key, "a number that fits into 63 bits");
    }
    return static_cast<int64_t>(value);
  }
  const int64_t value = member.get<int64_t>();
  if (value < 0) return WrongType(key, "0 or more");
  return value;
}

absl::StatusOr<bool> RulesReader::Bool(std::string_view key) const {
  const json& member = Member(key);
  if (member.is_null()) return false;
  if (!member.is_boolean()) return WrongType(key, "true or false");
  return member.get<bool>();
}

absl::StatusOr<RulesReader> RulesReader::Child(std::string_view key) const {
  const json& member = Member(key);
  if (!member.is_null() && !member.is_object()) return WrongType(key, "an object");
  return RulesReader(member, Name(key));
}

}  // namespace muster::match
