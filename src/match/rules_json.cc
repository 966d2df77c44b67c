#include "match/rules_json.h"

#include <algorithm>
#include <limits>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace muster::match {
namespace {

using nlohmann::json;

// Longest piece of a bad value that an error repeats.
constexpr size_t kMaxShownBytes = 64;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

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
  // It would skip a byte-order mark.
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) return NotValidJson(1, text);
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

const json& Null() {
  static const json null;
  return null;
}

constexpr auto kMaxInteger = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());

// Longer words are quoted, which cuts them.
constexpr size_t kMaxPlainWord = 64;

bool IsPlainWord(std::string_view key) {
  return !key.empty() && key.size() <= kMaxPlainWord &&
         std::all_of(key.begin(), key.end(),
                     [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

std::string EntryName(std::string_view list, size_t index) {
  return base::StrCat(list, "[", index, "]");
}

absl::Status WrongEntry(std::string_view list, size_t index, const json& entry,
                        std::string_view wanted) {
  return absl::InvalidArgumentError(
      base::StrCat("rules: ", EntryName(list, index), " ", Shown(entry), " is not ", wanted));
}

absl::Status TooLong(std::string_view list, size_t size, size_t limit) {
  return absl::InvalidArgumentError(
      base::StrCat("rules: ", list, " has ", size, " entries, more than ", limit, " allowed"));
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

std::string Shown(const json& value) {
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > kMaxShownBytes) text = text.substr(0, kMaxShownBytes) + "...";
  return text;
}

std::string MemberName(std::string_view path, std::string_view key) {
  if (!IsPlainWord(key)) return base::StrCat(path, "[", Shown(json(key)), "]");
  return path.empty() ? std::string(key) : base::StrCat(path, ".", key);
}

absl::StatusOr<const json*> RulesReader::Find(std::string_view key) const {
  const auto exact = object_->find(key);
  if (exact != object_->end()) return exact->is_null() ? nullptr : &*exact;
  if (keys_ == KeyMatch::kExact || !object_->is_object()) return nullptr;
  const json* found = nullptr;
  std::string found_as;
  for (const auto& [name, value] : object_->items()) {
    if (value.is_null() || !absl::EqualsIgnoreCase(name, base::ToAbsl(key))) continue;
    if (found != nullptr) {
      return absl::InvalidArgumentError(base::StrCat("rules: ", Name(found_as), " and ", Name(name),
                                                     " both stand for ", Name(key)));
    }
    found = &value;
    found_as = name;
  }
  return found;
}

absl::Status RulesReader::WrongType(std::string_view key, std::string_view wanted) const {
  return absl::InvalidArgumentError(
      base::StrCat("rules: ", Name(key), " ", ShownValue(key), " is not ", wanted));
}

std::string RulesReader::ShownValue(std::string_view key) const {
  const absl::StatusOr<const json*> member = Find(key);
  return member.ok() && *member != nullptr ? Shown(**member) : "null";
}

bool RulesReader::Given(std::string_view key) const {
  const absl::StatusOr<const json*> member = Find(key);
  return !member.ok() || *member != nullptr;
}

std::vector<std::string> RulesReader::Keys() const {
  std::vector<std::string> keys;
  for (const auto& [name, value] : object_->items()) {
    if (!value.is_null()) keys.push_back(name);
  }
  return keys;
}

absl::StatusOr<int64_t> RulesReader::Integer(std::string_view key) const {
  MUSTER_ASSIGN_OR_RETURN(const json* member, Find(key));
  if (member == nullptr) return 0;
  if (!member->is_number_integer()) return WrongType(key, "a whole number");
  if (member->is_number_unsigned() && member->get<uint64_t>() > kMaxInteger) {
    return WrongType(key, "a number that fits into 63 bits");
  }
  return member->get<int64_t>();
}

absl::StatusOr<int64_t> RulesReader::Count(std::string_view key) const {
  MUSTER_ASSIGN_OR_RETURN(const int64_t value, Integer(key));
  if (value < 0) return WrongType(key, "0 or more");
  return value;
}

absl::StatusOr<double> RulesReader::Number(std::string_view key) const {
  MUSTER_ASSIGN_OR_RETURN(const json* member, Find(key));
  if (member == nullptr) return 0;
  if (!member->is_number()) return WrongType(key, "a number");
  return member->get<double>();
}

absl::StatusOr<bool> RulesReader::Bool(std::string_view key) const {
  MUSTER_ASSIGN_OR_RETURN(const json* member, Find(key));
  if (member == nullptr) return false;
  if (!member->is_boolean()) return WrongType(key, "true or false");
  return member->get<bool>();
}

absl::StatusOr<std::string> RulesReader::Text(std::string_view key) const {
  MUSTER_ASSIGN_OR_RETURN(const json* member, Find(key));
  if (member == nullptr) return std::string();
  if (!member->is_string()) return WrongType(key, "a text");
  return member->get<std::string>();
}

absl::StatusOr<RulesReader> RulesReader::Child(std::string_view key) const {
  MUSTER_ASSIGN_OR_RETURN(const json* member, Find(key));
  if (member == nullptr) return RulesReader(Null(), Name(key), keys_);
  if (!member->is_object()) return WrongType(key, "an object");
  return RulesReader(*member, Name(key), keys_);
}

absl::StatusOr<const json*> RulesReader::FindList(std::string_view key, size_t limit) const {
  MUSTER_ASSIGN_OR_RETURN(const json* member, Find(key));
  if (member == nullptr) return &Null();
  if (!member->is_array()) return WrongType(key, "a list");
  if (member->size() > limit) return TooLong(Name(key), member->size(), limit);
  return member;
}

absl::StatusOr<std::vector<std::string>> RulesReader::Texts(std::string_view key,
                                                            size_t limit) const {
  MUSTER_ASSIGN_OR_RETURN(const json* list, FindList(key, limit));
  std::vector<std::string> texts;
  for (const json& entry : *list) {
    if (!entry.is_string()) return WrongEntry(Name(key), texts.size(), entry, "a text");
    texts.push_back(entry.get<std::string>());
  }
  return texts;
}

absl::StatusOr<std::vector<RulesReader>> RulesReader::Entries(const json& list,
                                                              const std::string& name) const {
  std::vector<RulesReader> readers;
  for (const json& entry : list) {
    const size_t index = readers.size();
    if (!entry.is_object() && !entry.is_null()) return WrongEntry(name, index, entry, "an object");
    readers.emplace_back(entry, EntryName(name, index), keys_);
  }
  return readers;
}

absl::StatusOr<std::vector<RulesReader>> RulesReader::Children(std::string_view key,
                                                               size_t limit) const {
  MUSTER_ASSIGN_OR_RETURN(const json* list, FindList(key, limit));
  return Entries(*list, Name(key));
}

absl::StatusOr<std::vector<std::vector<RulesReader>>> RulesReader::ChildLists(std::string_view key,
                                                                              size_t limit) const {
  MUSTER_ASSIGN_OR_RETURN(const json* lists, FindList(key, limit));
  std::vector<std::vector<RulesReader>> readers;
  for (const json& list : *lists) {
    const size_t index = readers.size();
    if (!list.is_array() && !list.is_null()) return WrongEntry(Name(key), index, list, "a list");
    const std::string name = EntryName(Name(key), index);
    if (list.size() > limit) return TooLong(name, list.size(), limit);
    MUSTER_ASSIGN_OR_RETURN(std::vector<RulesReader> entries, Entries(list, name));
    readers.push_back(std::move(entries));
  }
  return readers;
}

}  // namespace muster::match
