#include "base/status_macros.h"

#include <memory>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace muster::base {
namespace {

using support::IsOk;
using support::StatusIs;

absl::Status Check(const absl::Status& status, bool* reached_the_end) {
  MUSTER_RETURN_IF_ERROR(status);
  *reached_the_end = true;
  return absl::OkStatus();
}

absl::StatusOr<int> Sum(const absl::StatusOr<int>& a, const absl::StatusOr<int>& b) {
  MUSTER_ASSIGN_OR_RETURN(const int x, a);
  MUSTER_ASSIGN_OR_RETURN(const int y, b);
  return x + y;
}

absl::StatusOr<std::unique_ptr<int>> Pass(absl::StatusOr<std::unique_ptr<int>> value) {
  MUSTER_ASSIGN_OR_RETURN(std::unique_ptr<int> taken, std::move(value));
  return taken;
}

TEST(ReturnIfError, GoesOnWhenOk) {
  bool reached_the_end = false;

  EXPECT_THAT(Check(absl::OkStatus(), &reached_the_end), IsOk());

  EXPECT_TRUE(reached_the_end);
}

TEST(ReturnIfError, ReturnsTheError) {
  bool reached_the_end = false;

  EXPECT_THAT(Check(absl::AbortedError("lost"), &reached_the_end),
              StatusIs(absl::StatusCode::kAborted, "lost"));

  EXPECT_FALSE(reached_the_end);
}

TEST(AssignOrReturn, AssignsValues) { EXPECT_EQ(*Sum(1, 2), 3); }

TEST(AssignOrReturn, ReturnsTheFirstError) {
  EXPECT_THAT(Sum(1, absl::NotFoundError("b")), StatusIs(absl::StatusCode::kNotFound, "b"));
  EXPECT_THAT(Sum(absl::NotFoundError("a"), absl::AbortedError("b")),
              StatusIs(absl::StatusCode::kNotFound, "a"));
}

TEST(AssignOrReturn, MovesValuesThatCannotBeCopied) {
  EXPECT_EQ(**Pass(std::make_unique<int>(7)), 7);
}

}  // namespace
}  // namespace muster::base
