#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

namespace muster::app::ctl {

// Text in columns for people. Keeps the first `max_rows` rows and counts the others.
class Table {
 public:
  Table(std::vector<std::string> header, size_t max_rows)
      : header_(std::move(header)), max_rows_(max_rows) {}

  // Needs as many cells as the header has.
  void AddRow(std::vector<std::string> cells);

  // Whether AddRow would keep a row; making one that is not kept can be saved with CountRow.
  bool HasRoom() const { return rows_.size() < max_rows_; }
  void CountRow() { ++hidden_; }

  // Nothing at all when there are no rows; a last line says how many are not shown.
  void Print(std::ostream& out) const;

 private:
  const std::vector<std::string> header_;
  const size_t max_rows_;
  std::vector<std::vector<std::string>> rows_;
  size_t hidden_ = 0;
};

// `items` joined by ", "; of more than `max_items` the first, then " and N more".
std::string JoinSome(const std::vector<std::string>& items, size_t max_items);

}  // namespace muster::app::ctl
