#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "app/ctl/io.h"
#include "base/mutex.h"

namespace muster::app::ctl {

// One line on a terminal that says how far a long stream is; nothing elsewhere, and nothing in the
// first second. Thread-safe.
class Progress {
 public:
  // For example ("tickets sent", "matches"). `io` outlives this object.
  Progress(const Io& io, std::string sent_name, std::string received_name);
  // Wipes the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void CountSent();
  void CountReceived();

 private:
  void MaybePrint();

  const Io& io_;
  const std::string sent_name_;
  const std::string received_name_;
  std::atomic<int64_t> sent_ = 0;
  std::atomic<int64_t> received_ = 0;

  base::Mutex mu_;
  base::MonotonicTime next_print_ ABSL_GUARDED_BY(mu_);
  bool printed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace muster::app::ctl
