#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nlohmann/json.hpp"

// docs/rules.md as tests read it. Every ```json block of the page is a ruleset; the ```text blocks
// after it tell ticks under it, line by line:
//
//   with MATCH_PROFILE=hosted                              a variable of the process
//   {"ticket":"ann","age_ms":9,"mmr":1500}                 a ticket; see TicketOf
//   {"session":"s","teams":[["cid"],[]]}                   a running session; see SessionOf
//   match: ann | bob                                       anything else is what comes out
namespace muster::match::alliance {

// One tick.
struct PageTick {
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<nlohmann::json> tickets;
  std::vector<nlohmann::json> sessions;
  std::vector<std::string> expected;

  // Whether some line that is expected holds the text.
  bool Mentions(std::string_view text) const;
};

// A ruleset and ticks under it; none when the page does not say what comes out.
struct PageExample {
  // Of the page, where the ruleset begins.
  int line = 0;
  std::string rules;
  std::vector<PageTick> ticks;
};
std::ostream& operator<<(std::ostream& out, const PageExample& example);

// A row of a table, without the marks for code.
using PageRow = std::vector<std::string>;

// In the order of the page. Fail the current test when the page cannot be read.
std::vector<PageExample> ReadPageExamples();
// The rows of the table under the heading, its head left out.
std::vector<PageRow> ReadPageTable(std::string_view heading);

}  // namespace muster::match::alliance
