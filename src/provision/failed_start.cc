#include "provision/failed_start.h"

#include <chrono>
#include <thread>

#include "base/stop_wait.h"

namespace muster::provision {
namespace {

constexpr std::chrono::milliseconds kPause{250};
constexpr int kLooks = 4;
// An engine removes a server within one; a lobby that ends waits for this.
constexpr std::chrono::milliseconds kMaxTime{3'000};

bool MayStillCome(const absl::Status& error) {
  return absl::IsCancelled(error) || absl::IsDeadlineExceeded(error) || absl::IsUnavailable(error);
}

}  // namespace

absl::Status FailedStart(const absl::Status& error,
                         const std::function<absl::Status(const std::stop_token& late)>& remove) {
  std::stop_source late;
  const std::jthread deadline([&late](const std::stop_token& done) {
    if (base::WaitUnlessStopped(kMaxTime, done)) late.request_stop();
  });
  const int looks = MayStillCome(error) ? kLooks : 1;
  for (int look = 0; look < looks; ++look) {
    if (look > 0 && !base::WaitUnlessStopped(kPause, late.get_token())) break;
    // What an engine keeps because it does not answer, List finds.
    if (!remove(late.get_token()).ok()) break;
  }
  const bool named = !absl::IsAborted(error) && !absl::IsFailedPrecondition(error);
  return named ? error : absl::InternalError(error.message());
}

}  // namespace muster::provision
