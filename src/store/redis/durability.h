#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "store/redis/redis_connection.h"

namespace muster::store::redis {

// Settings of a server with which it may lose what was written, each with what follows from it.
// Empty also when it tells nobody its settings, as hosts of such servers often have it.
absl::StatusOr<std::vector<std::string>> DurabilityProblems(const RedisConnection::Options& server);

}  // namespace muster::store::redis
