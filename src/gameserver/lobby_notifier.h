#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "base/http.h"
#include "base/mutex.h"
#include "gameserver/json_log.h"

namespace muster::gameserver {

// Tells the lobby that this server's occupancy changed, so that it asks anew at once. Only a hint:
// the lobby looks from time to time anyway, so a call that fails is counted, not repeated.
// Thread-safe.
//
// Format: POST {lobby_url}/v1/servers/{server_id}/changed, `Authorization: Bearer {token}`, no
// body; 2xx is success.
class LobbyNotifier {
 public:
  struct Options {
    // Without a final slash.
    std::string lobby_url;
    std::string server_id;
    std::string token;
    std::chrono::milliseconds timeout{2000};
    // Between two calls, so that a crowd of players is a few calls.
    std::chrono::milliseconds pause{50};
  };
  struct Counts {
    uint64_t sent = 0;
    uint64_t failed = 0;
  };

  // `log` hears when the lobby stops answering and when it is back.
  LobbyNotifier(Options options, base::HttpSender& sender, JsonLog& log);
  ~LobbyNotifier();

  // Never waits. Changes before the call has gone out are one with it; one during the call is told
  // by the next.
  void NotifyChanged();
  Counts counts() const;

 private:
  void Run(const std::stop_token& stop);
  // False when stopped.
  bool WaitForChange(const std::stop_token& stop);
  void Tell(const std::stop_token& stop);

  const Options options_;
  const base::HttpRequest request_;
  base::HttpSender& sender_;
  JsonLog& log_;
  mutable base::Mutex mu_;
  base::CondVar changed_;
  bool is_due_ ABSL_GUARDED_BY(mu_) = false;
  Counts counts_ ABSL_GUARDED_BY(mu_);
  // The thread's own.
  bool failing_ = false;
  std::jthread thread_;
};

}  // namespace muster::gameserver
