#include "lobby/request.h"

#include "base/path_id.h"

namespace muster::lobby {

std::string_view RequestStateName(RequestState state) {
  switch (state) {
    case RequestState::kCreated:
      return "created";
    case RequestState::kInProgress:
      return "in_progress";
    case RequestState::kDone:
      return "done";
    case RequestState::kFailed:
      return "failed";
    case RequestState::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

absl::Status CheckClientId(std::string_view client_id) {
  return base::CheckPathId("client id", client_id);
}

}  // namespace muster::lobby
