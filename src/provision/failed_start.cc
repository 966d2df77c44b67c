#include "provision/failed_start.h"

#include <chrono>

#include "base/stop_wait.h"

namespace muster::provision {
namespace {

constexpr std::chrono::milliseconds kPause{250};
constexpr int kLooks = 4;

bool MayStillCome(const absl::Status& error) {
  return absl::IsCancelled(error) || absl::IsDeadlineExceeded(error) || absl::IsUnavailable(error);
}

}  // namespace

absl::Status FailedStart(const absl::Status& error, const std::function<absl::Status()>& remove) {
  const int looks = MayStillCome(error) ? kLooks : 1;
  for (int look = 0; look < looks; ++look) {
    if (look > 0 && !base::WaitUnlessStopped(kPause, {})) break;
    // What an engine keeps because it does not answer, List finds.
    if (!remove().ok()) break;
  }
  const bool named = !absl::IsAborted(error) && !absl::IsFailedPrecondition(error);
  return named ? error : absl::InternalError(error.message());
}

}  // namespace muster::provision
