#include "app/ctl/table.h"

#include <sstream>

#include "app/ctl/io.h"
#include "gtest/gtest.h"

namespace muster::app::ctl {
namespace {

std::string Print(const Table& table) {
  std::ostringstream out;
  table.Print(out);
  return out.str();
}

TEST(Table, AlignsItsColumns) {
  Table table({"ID", "WHO"}, 10);

  table.AddRow({"long-id", "a"});
  table.AddRow({"b", "someone"});

  EXPECT_EQ(Print(table), "ID       WHO\nlong-id  a\nb        someone\n");
}

TEST(Table, KeepsTheFirstRowsAndCountsTheOthers) {
  Table table({"ID"}, 1);

  table.AddRow({"a"});
  EXPECT_FALSE(table.HasRoom());
  table.AddRow({"b"});
  table.CountRow();

  EXPECT_EQ(Print(table), "ID\na\n(2 more; --rows shows more of them, --json all)\n");
}

TEST(Table, PrintsNothingWithoutRows) { EXPECT_EQ(Print(Table({"ID"}, 10)), ""); }

TEST(JoinSome, CountsWhatItLeavesOut) {
  EXPECT_EQ(JoinSome({}, 2), "");
  EXPECT_EQ(JoinSome({"a", "b"}, 2), "a, b");
  EXPECT_EQ(JoinSome({"a", "b", "c"}, 2), "a, b and 1 more");
}

TEST(WithCommas, SetsOneEveryThreeDigits) {
  EXPECT_EQ(WithCommas(0), "0");
  EXPECT_EQ(WithCommas(999), "999");
  EXPECT_EQ(WithCommas(10'000), "10,000");
  EXPECT_EQ(WithCommas(-123'456), "-123,456");
  EXPECT_EQ(WithCommas(1'234'567), "1,234,567");
}

}  // namespace
}  // namespace muster::app::ctl
