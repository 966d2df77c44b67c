#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "base/strings.h"
#include "match/alliance/ruleset_checks.h"
#include "match/alliance/ruleset_parser.h"
#include "match/alliance/ruleset_words.h"
#include "match/rules_json.h"

// How the ruleset parser reads: to the end, complaining only then.
namespace muster::match::alliance {

inline constexpr int64_t kMaxInt32 = std::numeric_limits<int32_t>::max();

// Reads members of one object and goes on after a bad one, which counts as absent.
class FieldReader {
 public:
  FieldReader(RulesReader reader, ReadErrors& errors)
      : reader_(std::move(reader)), errors_(&errors) {}

  int64_t Integer(std::string_view key) const { return Keep(reader_.Integer(key)); }
  bool Bool(std::string_view key) const { return Keep(reader_.Bool(key)); }
  std::string Text(std::string_view key) const { return Keep(reader_.Text(key)); }
  bool Given(std::string_view key) const { return reader_.Given(key); }
  std::vector<std::string> Keys() const { return reader_.Keys(); }

  // 0 to 2147483647.
  int32_t Int(std::string_view key) const {
    const int64_t value = Integer(key);
    if (0 <= value && value <= kMaxInt32) return static_cast<int32_t>(value);
    OutOfRange(key, base::StrCat("is not from 0 to ", kMaxInt32));
    return 0;
  }

  double Number(std::string_view key, double max) const {
    const double value = Keep(reader_.Number(key));
    if (0 <= value && value <= max) return value;
    OutOfRange(key, base::StrCat("is not from 0 to ", static_cast<int64_t>(max)));
    return 0;
  }

  std::optional<double> OptionalNumber(std::string_view key, double max) const {
    const double value = Number(key, max);
    return Given(key) ? std::optional<double>(value) : std::nullopt;
  }

  std::optional<bool> OptionalBool(std::string_view key) const {
    const bool value = Bool(key);
    return Given(key) ? std::optional<bool>(value) : std::nullopt;
  }

  // May be empty.
  std::string Name(std::string_view key) const {
    std::string name = Text(key);
    if (CountCharacters(name) > kMaxNameLength) {
      OutOfRange(key, base::StrCat("has more than ", kMaxNameLength, " characters"));
    }
    return name;
  }

  std::string LowerCaseName(std::string_view key) const {
    std::string name = Name(key);
    if (std::any_of(name.begin(), name.end(), [](char c) { return absl::ascii_isupper(c); })) {
      OutOfRange(key, "is not in lower case");
    }
    return name;
  }

  // Nothing when the text is empty.
  template <typename T, size_t N>
  std::optional<T> OneOf(std::string_view key, const Word<T> (&words)[N]) const {
    const std::string text = Text(key);
    const std::optional<T> value = FindWord(words, text);
    if (!value && !text.empty()) OutOfRange(key, base::StrCat("is not ", ListWords(words)));
    return value;
  }

  FieldReader Child(std::string_view key) const {
    absl::StatusOr<RulesReader> child = reader_.Child(key);
    if (child.ok()) return {*std::move(child), *errors_};
    errors_->AddWrongType(child.status());
    static const nlohmann::json nothing;
    return {RulesReader(nothing, ""), *errors_};
  }

  std::vector<FieldReader> Children(std::string_view key) const {
    return Wrap(Keep(reader_.Children(key, kMaxRules)));
  }

  std::vector<std::vector<FieldReader>> ChildLists(std::string_view key) const {
    std::vector<std::vector<FieldReader>> lists;
    for (std::vector<RulesReader>& list : Keep(reader_.ChildLists(key, kMaxRules))) {
      lists.push_back(Wrap(std::move(list)));
    }
    return lists;
  }

  std::vector<std::string> Texts(std::string_view key, size_t limit) const {
    return Keep(reader_.Texts(key, limit));
  }

  void OutOfRange(std::string_view key, std::string_view what) const {
    errors_->AddOutOfRange(
        base::StrCat(reader_.Name(key), " ", reader_.ShownValue(key), " ", what));
  }

  // For what is wrong with a key or a list as a whole.
  void Problem(std::string_view key, std::string_view what) const {
    errors_->AddOutOfRange(base::StrCat(reader_.Name(key), " ", what));
  }

 private:
  template <typename T>
  T Keep(absl::StatusOr<T> read) const {
    if (read.ok()) return *std::move(read);
    errors_->AddWrongType(read.status());
    return T();
  }

  std::vector<FieldReader> Wrap(std::vector<RulesReader> readers) const {
    std::vector<FieldReader> wrapped;
    wrapped.reserve(readers.size());
    for (RulesReader& reader : readers) wrapped.emplace_back(std::move(reader), *errors_);
    return wrapped;
  }

  RulesReader reader_;
  ReadErrors* errors_;
};

}  // namespace muster::match::alliance
