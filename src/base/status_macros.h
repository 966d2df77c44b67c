#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the current function when `expr` (an absl::Status) is not OK.
#define MUSTER_RETURN_IF_ERROR(expr)                                \
  do {                                                              \
    if (absl::Status muster_status = (expr); !muster_status.ok()) { \
      return muster_status;                                         \
    }                                                               \
  } while (false)

#define MUSTER_CONCAT_INNER(a, b) a##b
#define MUSTER_CONCAT(a, b) MUSTER_CONCAT_INNER(a, b)

// Evaluates `expr` (an absl::StatusOr<T>); returns its error, or assigns its value to `lhs`.
//
//   MUSTER_ASSIGN_OR_RETURN(const int port, ParsePort(text));
#define MUSTER_ASSIGN_OR_RETURN(lhs, expr) \
  MUSTER_ASSIGN_OR_RETURN_IMPL(MUSTER_CONCAT(muster_statusor_, __LINE__), lhs, expr)

// NOLINTBEGIN(bugprone-macro-parentheses): one argument is a name, the other a declaration.
#define MUSTER_ASSIGN_OR_RETURN_IMPL(statusor, lhs, expr)  \
  auto statusor = (expr);                                  \
  if (!statusor.ok()) return std::move(statusor).status(); \
  lhs = *std::move(statusor)
// NOLINTEND(bugprone-macro-parentheses)
