#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "auth/key_set.h"
#include "base/clock.h"
#include "base/http.h"
#include "base/mutex.h"

namespace muster::auth {

// An issuer's key set, kept fresh by a thread: fetched at the start and every `fetch_interval`.
// While that fails the last good one serves on, and it is tried again with a growing pause.
// Thread-safe; nobody but the thread waits for the issuer.
class JwksKeys {
 public:
  struct Options {
    // http or https; answered with 200 and a key set of at most 1 MiB.
    std::string url;
    // Of one fetch.
    std::chrono::milliseconds timeout{5000};
    // How long a key that the issuer withdrew may serve on.
    std::chrono::milliseconds fetch_interval{3'600'000};
    // The least time between a fetch and one that an unknown key causes: anybody can name one.
    std::chrono::milliseconds refetch_pause{10'000};
    // Between attempts while they fail: the first pause, doubled up to the last one.
    std::chrono::milliseconds first_retry{500};
    std::chrono::milliseconds last_retry{30'000};
  };

  struct Snapshot {
    // Null until loaded.
    std::shared_ptr<const KeySet> keys;
    // Another one whenever the keys are others.
    uint64_t version = 0;
  };

  // Told on the thread when fetching began to fail, with its error, and when it works again.
  using OnChange = std::function<void(const absl::Status& status)>;

  // Starts fetching. `sender`, used by the thread alone, and `clock` outlive the object.
  JwksKeys(Options options, base::HttpSender& sender, const base::Clock& clock, OnChange on_change);
  // Ends a fetch that is under way.
  ~JwksKeys();
  JwksKeys(const JwksKeys&) = delete;
  JwksKeys& operator=(const JwksKeys&) = delete;

  Snapshot Current() const;

  // A token names a key that is not known: the set is fetched soon, unless that was tried lately.
  void NoteUnknownKey();

  // OK once there are keys, also while they cannot be fetched anew; else UNAVAILABLE saying why.
  absl::Status Ready() const;

 private:
  void Run();
  void Fetch();
  // Fetches and keeps the keys.
  absl::Status Load();
  // Notes how a fetch went, and when the next one is due.
  void Note(const absl::Status& status);
  // Until the next fetch is due, or wanted, or the end.
  void Sleep();

  const Options options_;
  base::HttpSender& sender_;
  const base::Clock& clock_;
  const OnChange on_change_;
  std::stop_source stop_;

  // Of the thread: the last good answer, when to fetch next, and the pause while fetching fails.
  std::string last_answer_;
  base::MonotonicTime due_;
  std::chrono::milliseconds retry_pause_{0};

  mutable base::Mutex mu_;
  base::CondVar wake_;
  Snapshot current_ ABSL_GUARDED_BY(mu_);
  // Why there are no keys, as long as there are none.
  std::string problem_ ABSL_GUARDED_BY(mu_);
  bool wanted_ ABSL_GUARDED_BY(mu_) = false;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  // Before that no unknown key causes a fetch.
  base::MonotonicTime refetch_from_ ABSL_GUARDED_BY(mu_);

  std::thread thread_;
};

}  // namespace muster::auth
