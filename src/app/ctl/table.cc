#include "app/ctl/table.h"

#include <algorithm>
#include <ostream>

#include "absl/strings/str_join.h"
#include "app/ctl/io.h"
#include "base/strings.h"

namespace muster::app::ctl {
namespace {

void PrintRow(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
              std::ostream& out) {
  std::string line;
  for (size_t column = 0; column < cells.size(); ++column) {
    if (column > 0) line += "  ";
    line += cells[column];
    if (column + 1 < cells.size()) line.append(widths[column] - cells[column].size(), ' ');
  }
  // An empty last cell leaves no spaces behind.
  line.erase(line.find_last_not_of(' ') + 1);
  out << line << "\n";
}

}  // namespace

void Table::AddRow(std::vector<std::string> cells) {
  if (HasRoom()) {
    rows_.push_back(std::move(cells));
  } else {
    CountRow();
  }
}

void Table::Print(std::ostream& out) const {
  if (!rows_.empty()) {
    std::vector<size_t> widths;
    for (const std::string& title : header_) widths.push_back(title.size());
    for (const auto& row : rows_) {
      for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    PrintRow(header_, widths, out);
    for (const auto& row : rows_) PrintRow(row, widths, out);
  }
  if (hidden_ > 0) {
    out << "(" << WithCommas(static_cast<int64_t>(hidden_))
        << " more; --rows shows more of them, --json all)\n";
  }
}

std::string JoinSome(const std::vector<std::string>& items, size_t max_items) {
  const size_t shown = std::min(items.size(), max_items);
  const auto end = items.begin() + static_cast<std::ptrdiff_t>(shown);
  std::string text = absl::StrJoin(items.begin(), end, ", ");
  if (shown < items.size()) text += base::StrCat(" and ", items.size() - shown, " more");
  return text;
}

}  // namespace muster::app::ctl
