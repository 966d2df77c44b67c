#include "gameserver/life.h"

namespace muster::gameserver {

void Life::EndSoon() {
  base::MutexLock lock(&mu_);
  if (!end_at_.has_value()) end_at_ = clock_.MonotonicNow() + options_.close_delay;
}

void Life::Tick(bool in_use) {
  if (const auto why = Verdict(in_use)) on_end_(*why);
}

std::optional<std::string_view> Life::Verdict(bool in_use) {
  base::MutexLock lock(&mu_);
  const base::MonotonicTime now = clock_.MonotonicNow();
  if (in_use) idle_since_ = now;
  if (ended_) return std::nullopt;
  if (end_at_.has_value() && *end_at_ <= now) {
    ended_ = true;
    return "asked to";
  }
  if (options_.idle_exit.count() == 0 || now - idle_since_ < options_.idle_exit) {
    return std::nullopt;
  }
  ended_ = close_();
  if (!ended_) return std::nullopt;
  return "idle";
}

}  // namespace muster::gameserver
