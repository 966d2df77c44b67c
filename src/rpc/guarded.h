#pragma once

#include <exception>

#include "absl/status/status.h"
#include "base/strings.h"

namespace muster::rpc {

// Calls `function`, which runs a studio's code and returns an absl::Status; an exception that
// escapes it becomes INTERNAL, so that a fault in one logic ends one call and not the server.
template <typename Function>
absl::Status Guarded(const Function& function) {
  try {
    return function();
  } catch (const std::exception& error) {
    return absl::InternalError(base::StrCat("the match logic failed: ", error.what()));
  } catch (...) {
    return absl::InternalError("the match logic failed");
  }
}

}  // namespace muster::rpc
