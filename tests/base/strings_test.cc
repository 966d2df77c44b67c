#include "base/strings.h"

#include "absl/container/flat_hash_set.h"
#include "gtest/gtest.h"

namespace muster::base {
namespace {

TEST(Strings, StrCatTakesEveryKindOfTextAndNumbers) {
  const std::string text = "text";
  const std::string_view view = "view";

  EXPECT_EQ(StrCat(text, " ", view, " ", 7, " ", size_t{8}, " ", int64_t{-9}), "text view 7 8 -9");
}

TEST(Strings, StrCatOfNothingIsEmpty) { EXPECT_EQ(StrCat(), ""); }

TEST(Strings, JoinHostPortPutsBracketsAroundIpv6) {
  EXPECT_EQ(JoinHostPort("127.0.0.1", 80), "127.0.0.1:80");
  EXPECT_EQ(JoinHostPort("localhost", 0), "localhost:0");
  EXPECT_EQ(JoinHostPort("::1", 80), "[::1]:80");
  EXPECT_EQ(JoinHostPort("[::1]", 80), "[::1]:80");
}

TEST(Strings, BridgesKeepZeroBytes) {
  const std::string_view text("a\0b", 3);

  EXPECT_EQ(FromAbsl(ToAbsl(text)), text);
  EXPECT_EQ(StrCat(text, "c"), std::string("a\0bc", 4));
}

TEST(Strings, ASetOfStringsIsSearchedByViews) {
  const absl::flat_hash_set<std::string, StringHash, StringEq> names = {"alice"};

  EXPECT_TRUE(names.contains(std::string_view("alice")));
  EXPECT_TRUE(names.contains(std::string("alice")));
  EXPECT_TRUE(names.contains("alice"));
  EXPECT_FALSE(names.contains(std::string_view("bob")));
}

}  // namespace
}  // namespace muster::base
