#include "tests/match/alliance/rules_page.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"

namespace muster::match::alliance {
namespace {

constexpr char kFence[] = "```";
constexpr char kSetting[] = "with ";

std::vector<std::string> ReadLines() {
  std::ifstream file(MUSTER_SOURCE_DIR "/docs/rules.md");
  EXPECT_TRUE(file.good());
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

void AddLine(const std::string& line, PageTick* tick) {
  absl::string_view rest = line;
  if (absl::ConsumePrefix(&rest, kSetting)) {
    tick->settings.push_back(absl::StrSplit(rest, absl::MaxSplits('=', 1)));
    return;
  }
  nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) {
    tick->expected.push_back(line);
    return;
  }
  (object.contains("session") ? tick->sessions : tick->tickets).push_back(std::move(object));
}

// What the block that begins in this line holds; `line` is then its last one.
std::vector<std::string> TakeBlock(const std::vector<std::string>& lines, size_t* line) {
  std::vector<std::string> block;
  while (++*line < lines.size() && lines[*line] != kFence) block.push_back(lines[*line]);
  return block;
}

}  // namespace

bool PageTick::Mentions(std::string_view text) const {
  return std::any_of(expected.begin(), expected.end(), [text](const std::string& line) {
    return line.find(text) != std::string::npos;
  });
}

std::ostream& operator<<(std::ostream& out, const PageExample& example) {
  return out << "Line" << example.line;
}

std::vector<PageExample> ReadPageExamples() {
  const std::vector<std::string> lines = ReadLines();
  std::vector<PageExample> examples;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i] == "```json") {
      PageExample& example = examples.emplace_back();
      example.line = static_cast<int>(i) + 1;
      for (const std::string& line : TakeBlock(lines, &i)) example.rules += line + "\n";
    } else if (lines[i] == "```text" && !examples.empty()) {
      PageTick& tick = examples.back().ticks.emplace_back();
      for (const std::string& line : TakeBlock(lines, &i)) AddLine(line, &tick);
    }
  }
  return examples;
}

std::vector<PageRow> ReadPageTable(std::string_view heading) {
  const std::vector<std::string> lines = ReadLines();
  std::vector<PageRow> rows;
  auto line = std::find(lines.begin(), lines.end(), heading);
  EXPECT_NE(line, lines.end()) << heading;
  while (line != lines.end() && line->rfind("| ---", 0) != 0) ++line;
  for (; line != lines.end() && line->rfind("| ", 0) == 0; ++line) {
    PageRow row;
    for (const absl::string_view cell : absl::StrSplit(*line, " | ")) {
      const absl::string_view text = absl::StripSuffix(absl::StripPrefix(cell, "| "), " |");
      row.push_back(absl::StrReplaceAll(text, {{"`", ""}}));
    }
    rows.push_back(std::move(row));
  }
  if (!rows.empty()) rows.erase(rows.begin());
  return rows;
}

}  // namespace muster::match::alliance
