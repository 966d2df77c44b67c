#include "rpc/idle_watch.h"

#include <algorithm>
#include <utility>

namespace muster::rpc {

IdleWatch::IdleWatch(std::chrono::milliseconds silence, const base::Clock& clock)
    : silence_(silence), clock_(clock), thread_([this] { Loop(); }) {}

IdleWatch::~IdleWatch() {
  {
    base::MutexLock lock(&mu_);
    stopping_ = true;
  }
  wake_.SignalAll();
  thread_.join();
}

void IdleWatch::Watch(const std::shared_ptr<Watched>& watched) {
  watched->Moved(clock_.MonotonicNow());
  base::MutexLock lock(&mu_);
  watched_.push_back(watched);
}

void IdleWatch::LookOnce() {
  const base::MonotonicTime now = clock_.MonotonicNow();
  std::vector<std::shared_ptr<Watched>> silent;
  {
    base::MutexLock lock(&mu_);
    const auto look = [&](const std::weak_ptr<Watched>& weak) {
      std::shared_ptr<Watched> watched = weak.lock();
      if (watched == nullptr) return true;
      if (now - watched->last_moved() >= silence_) silent.push_back(std::move(watched));
      return false;
    };
    watched_.erase(std::remove_if(watched_.begin(), watched_.end(), look), watched_.end());
  }
  for (const std::shared_ptr<Watched>& watched : silent) watched->OnSilence();
}

void IdleWatch::Loop() {
  const auto pause =
      std::clamp(silence_ / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(1000));
  while (true) {
    {
      base::MutexLock lock(&mu_);
      if (!stopping_) wake_.WaitFor(&mu_, pause);
      if (stopping_) return;
    }
    LookOnce();
  }
}

}  // namespace muster::rpc
