#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"

// Matchers for absl::Status and absl::StatusOr, with the names that later Abseil gives them.
namespace muster::support {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, negation ? "is an error" : "is OK") {
  *result_listener << "which is " << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// EXPECT_THAT(ParsePort("x"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("port")));
MATCHER_P2(StatusIs, code, message_matcher,
           "is " + absl::StatusCodeToString(code) + " with a message that " +
               testing::DescribeMatcher<std::string>(message_matcher)) {
  const absl::Status& status = StatusOf(arg);
  *result_listener << "which is " << status.ToString();
  return status.code() == code && testing::Matches(testing::SafeMatcherCast<std::string>(
                                      message_matcher))(std::string(status.message()));
}

}  // namespace muster::support
