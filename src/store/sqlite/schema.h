#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "store/sqlite/connection.h"

namespace muster::store::sqlite {

// Sets up the connection that writes, checks the file, and makes the tables when it is empty. The
// file grows to `max_bytes` at most. DATA_LOSS when it is damaged or no database,
// FAILED_PRECONDITION when it is another program's, or was written by a newer lobby.
absl::Status PrepareDatabase(Connection& connection, int64_t max_bytes);

// Sets up a connection that only reads.
absl::Status PrepareReader(Connection& connection);

}  // namespace muster::store::sqlite
