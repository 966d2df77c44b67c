#include "app/ctl/progress.h"

#include <ostream>
#include <utility>

namespace muster::app::ctl {
namespace {

constexpr std::chrono::milliseconds kFirst(1000);
constexpr std::chrono::milliseconds kInterval(200);
// Back to the first column, and wipe the line.
constexpr char kWipe[] = "\r\x1b[K";

}  // namespace

Progress::Progress(const Io& io, std::string sent_name, std::string received_name)
    : io_(io),
      sent_name_(std::move(sent_name)),
      received_name_(std::move(received_name)),
      next_print_(io.clock.MonotonicNow() + kFirst) {}

Progress::~Progress() {
  base::MutexLock lock(&mu_);
  if (printed_) io_.err << kWipe << std::flush;
}

void Progress::CountSent() {
  sent_.fetch_add(1, std::memory_order_relaxed);
  MaybePrint();
}

void Progress::CountReceived() {
  received_.fetch_add(1, std::memory_order_relaxed);
  MaybePrint();
}

void Progress::MaybePrint() {
  if (!io_.err_is_terminal) return;
  base::MutexLock lock(&mu_);
  const base::MonotonicTime now = io_.clock.MonotonicNow();
  if (now < next_print_) return;
  next_print_ = now + kInterval;
  printed_ = true;
  io_.err << kWipe << WithCommas(sent_.load(std::memory_order_relaxed)) << " " << sent_name_ << ", "
          << WithCommas(received_.load(std::memory_order_relaxed)) << " " << received_name_
          << std::flush;
}

}  // namespace muster::app::ctl
