#pragma once

#include "absl/status/status.h"
#include "base/strings.h"
#include "lobby/store.h"

namespace muster::store {

// INVALID_ARGUMENT when the batch is larger than a store takes.
inline absl::Status CheckSize(const lobby::Batch& batch) {
  if (batch.size() <= lobby::Store::kMaxBatchItems) return absl::OkStatus();
  return absl::InvalidArgumentError(
      base::StrCat("batch: ", batch.size(), " items, at most ", lobby::Store::kMaxBatchItems));
}

}  // namespace muster::store
