#include <fstream>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/strings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/match/alliance/rules_page.h"
#include "tests/match/alliance/ruleset_text.h"
#include "tests/support/status_matchers.h"

// The tables of docs/rules.md list what there is: every key with its type and range, the variables
// of the process, and no others.
namespace muster::match::alliance {
namespace {

using base::StrCat;
using nlohmann::json;
using support::StatusIs;
using testing::HasSubstr;
using testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// A row of the table of keys.
struct Key {
  // For example `matching_rule[].attribute`.
  std::string path;
  std::string type;
  std::string default_value;
  std::string range;

  // The path in a ruleset with one entry in each list: `matching_rule[0].attribute`.
  std::string Name() const { return absl::StrReplaceAll(path, {{"[]", "[0]"}}); }
  // The key alone.
  std::string Word() const {
    const size_t dot = path.rfind('.');
    return absl::StrReplaceAll(dot == std::string::npos ? path : path.substr(dot + 1),
                               {{"[]", ""}});
  }
  // A ruleset that has this key alone.
  std::string RulesWith(const json& value) const;
};

std::string Key::RulesWith(const json& value) const {
  std::string pointer = "/" + Name();
  pointer = absl::StrReplaceAll(pointer, {{".", "/"}, {"[", "/"}, {"]", ""}});
  // Places of a list are made as a list only where the pointer is new.
  json rules;
  rules[json::json_pointer(pointer)] = value;
  return rules.dump();
}

std::vector<Key> KeysOfPage() {
  std::vector<Key> keys;
  for (const PageRow& row : ReadPageTable("## Every key")) {
    EXPECT_THAT(row, SizeIs(5));
    if (row.size() == 5) keys.push_back({row[0], row[1], row[2], row[3]});
  }
  return keys;
}

std::set<std::string> Words(const std::vector<Key>& keys) {
  std::set<std::string> words;
  for (const Key& key : keys) {
    // Entries of a map: their names are the studio's.
    if (key.Word() != "NAME") words.insert(key.Word());
  }
  return words;
}

bool IsWord(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_';
  });
}

// All texts of the parser's source that are one word: keys, because messages are longer.
std::set<std::string> WordsOfParser() {
  std::ifstream file(MUSTER_SOURCE_DIR "/src/match/alliance/ruleset_parser.cc");
  EXPECT_TRUE(file.good());
  std::set<std::string> words;
  for (std::string line; std::getline(file, line);) {
    if (absl::StartsWith(line, "#include")) continue;
    const std::vector<std::string> parts = absl::StrSplit(line, '"');
    for (size_t i = 1; i < parts.size(); i += 2) {
      if (IsWord(parts[i])) words.insert(parts[i]);
    }
  }
  return words;
}

TEST(RulesPageKeys, AreThoseThatTheParserKnows) { EXPECT_EQ(Words(KeysOfPage()), WordsOfParser()); }

TEST(RulesPageKeys, HaveTheTypesThatTheParserWants) {
  for (const Key& key : KeysOfPage()) {
    const json wrong = key.type == "list" ? json::object() : json::array();
    const char* article = key.type == "object" ? "an " : key.type == "true or false" ? "" : "a ";

    EXPECT_THAT(ParseHosted(key.RulesWith(wrong)),
                StatusIs(kInvalid, HasSubstr(StrCat(key.Name(), " ", wrong.dump(), " is not ",
                                                    article, key.type))))
        << key.RulesWith(wrong);
  }
}

TEST(RulesPageKeys, HaveTheRangesThatTheParserWants) {
  size_t numbers = 0;
  for (const Key& key : KeysOfPage()) {
    if (!absl::StartsWith(key.range, "0 to ")) continue;
    ++numbers;

    EXPECT_THAT(ParseHosted(key.RulesWith(-1)),
                StatusIs(kInvalid, HasSubstr(StrCat(key.Name(), " -1 is not from ", key.range))));
  }
  EXPECT_GE(numbers, 20u);
}

TEST(RulesPageKeys, HaveTheWordsThatTheParserWants) {
  size_t lists = 0;
  for (const Key& key : KeysOfPage()) {
    if (key.type != "text" || !absl::StrContains(key.range, " or ")) continue;
    ++lists;
    // With an alliance: this one is looked at later than the others.
    json rules = json::parse(key.RulesWith("?"));
    rules.update(json::parse(With("")));

    EXPECT_THAT(ParseHosted(rules.dump()),
                StatusIs(kInvalid, HasSubstr(StrCat(key.Name(), " \"?\" is not ", key.range))));
  }
  EXPECT_EQ(lists, 6u);
}

TEST(RulesPageVariables, HaveTheDefaultsOfTheTemplate) {
  std::ifstream file(MUSTER_SOURCE_DIR "/.env.template");
  std::set<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.insert(line);

  const std::vector<PageRow> rows = ReadPageTable("## Switches of the process");

  EXPECT_GE(rows.size(), 8u);
  for (const PageRow& row : rows) {
    const std::string value = row.at(1) == "-" ? "" : row.at(1);
    EXPECT_TRUE(lines.contains(row.at(0) + "=" + value)) << row.at(0);
  }
}

}  // namespace
}  // namespace muster::match::alliance
