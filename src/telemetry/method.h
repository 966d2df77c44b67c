#pragma once

#include <cstddef>
#include <string_view>

namespace muster::telemetry {

// Of the calls below, as gRPC names it.
inline constexpr std::string_view kServiceName =
    "accelbyte.matchmaking.matchfunction.MatchFunction";

// The calls of the match function, as values of the label `method`.
enum class Method { kGetStatCodes, kValidateTicket, kEnrichTicket, kMakeMatches, kBackfillMatches };
inline constexpr size_t kMethods = static_cast<size_t>(Method::kBackfillMatches) + 1;

// For example "MakeMatches".
constexpr std::string_view MethodName(Method method) {
  switch (method) {
    case Method::kGetStatCodes:
      return "GetStatCodes";
    case Method::kValidateTicket:
      return "ValidateTicket";
    case Method::kEnrichTicket:
      return "EnrichTicket";
    case Method::kMakeMatches:
      return "MakeMatches";
    case Method::kBackfillMatches:
      return "BackfillMatches";
  }
  return "unknown";
}

constexpr bool IsStream(Method method) {
  return method == Method::kMakeMatches || method == Method::kBackfillMatches;
}

}  // namespace muster::telemetry
