#include "base/byte_arena.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace muster::base {
namespace {

TEST(ByteArena, AppendJoinsHeadAndTail) {
  ByteArena arena;

  EXPECT_EQ(arena.Append("head", "-tail"), "head-tail");
  EXPECT_EQ(arena.Append("", ""), "");
}

TEST(ByteArena, AppendCopies) {
  ByteArena arena;
  std::string source = "before";

  const std::string_view copy = arena.Append(source, "");
  source = "after!";

  EXPECT_EQ(copy, "before");
}

TEST(ByteArena, ConsecutiveAppendsLieNextToEachOther) {
  ByteArena arena;

  const std::string_view first = arena.Append("first", "");
  const std::string_view second = arena.Append("second", "");

  EXPECT_EQ(first.data() + first.size(), second.data());
}

TEST(ByteArena, AddressesNeverMove) {
  ByteArena arena;
  std::vector<std::string_view> copies;

  for (int i = 0; i < 10'000; ++i) copies.push_back(arena.Append("item ", std::to_string(i)));

  for (int i = 0; i < 10'000; ++i) EXPECT_EQ(copies[i], "item " + std::to_string(i));
}

TEST(ByteArena, UndoUsesTheRoomAgain) {
  ByteArena arena;
  const std::string_view kept = arena.Append("kept", "");
  const std::string_view undone = arena.Append("undone", "");

  arena.Undo(undone);
  const std::string_view next = arena.Append("next", "");

  EXPECT_EQ(next.data(), undone.data());
  EXPECT_EQ(kept, "kept");
}

TEST(ByteArena, UndoOfALongStringUsesItsChunkAgain) {
  ByteArena arena;
  const std::string text(ByteArena::kLargestChunkBytes + 1, 'x');
  arena.Undo(arena.Append(text, ""));
  const size_t before = arena.allocated_bytes();

  arena.Append(text, "");

  EXPECT_EQ(arena.allocated_bytes(), before);
}

TEST(ByteArena, UndoOfAnEmptyAppendChangesNothing) {
  ByteArena arena;
  arena.Undo(arena.Append("", ""));

  EXPECT_EQ(arena.Append("text", ""), "text");
}

TEST(ByteArena, AllocatesNothingBeforeTheFirstByte) {
  ByteArena arena;
  EXPECT_EQ(arena.allocated_bytes(), 0u);

  arena.Append("x", "");

  EXPECT_EQ(arena.allocated_bytes(), ByteArena::kFirstChunkBytes);
}

TEST(ByteArena, ALongStringGetsAChunkOfItsOwnSize) {
  ByteArena arena;
  const std::string text(10 * ByteArena::kLargestChunkBytes, 'x');

  EXPECT_EQ(arena.Append(text, "y"), text + "y");

  EXPECT_EQ(arena.allocated_bytes(), text.size() + 1);
}

TEST(ByteArena, WastesLessThanALargestChunkAndAStringAChunk) {
  ByteArena arena;
  constexpr size_t kStrings = 10'000;
  const std::string text(150, 'x');

  for (size_t i = 0; i < kStrings; ++i) arena.Append(text, "");

  const size_t used = kStrings * text.size();
  EXPECT_GE(arena.allocated_bytes(), used);
  EXPECT_LE(arena.allocated_bytes(), used + used / 100 + ByteArena::kLargestChunkBytes);
}

}  // namespace
}  // namespace muster::base
