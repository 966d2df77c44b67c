#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "base/worker_pool.h"
#include "lobby/event_bus.h"
#include "lobby/game_server_client.h"
#include "lobby/request.h"
#include "lobby/store.h"

namespace muster::lobby {

// What players ask of their requests. Thread-safe. `done` is called once, on a worker, on a thread
// of the client, or on the caller's.
class Requests {
 public:
  struct Options {
    // How long a record stays when nobody asks for it.
    std::chrono::milliseconds record_ttl{3'600'000};
    // Of the look whether a slot is still held.
    std::chrono::milliseconds call_timeout{5'000};
    int request_attempts = 3;
  };
  // Everything outlives the object.
  struct Ports {
    Store& store;
    EventBus& bus;
    GameServerClient& game_servers;
    // Blocking calls of the store run there.
    base::WorkerPool& workers;
    const base::Clock& clock;
  };
  // Errors: INVALID_ARGUMENT (the client id), NOT_FOUND, RESOURCE_EXHAUSTED (too many requests or
  // calls wait), ABORTED (others kept changing the record), UNAVAILABLE (the store).
  using Done = std::function<void(absl::StatusOr<Request>)>;

  // `seed`: of the ids of requests.
  Requests(const Options& options, Ports ports, base::IdSeed seed);

  // A client's ask, repeated until it has a place: begins a request when there is none, when the
  // last one failed and attempts are left or its retry_at has come, and when the slot it had is
  // gone. Gives the record as it is then: done, and the slot was looked up just now; failed: no
  // attempt is left before retry_at; else it waits. While the game server does not answer the look,
  // the record is given as in_progress and stays done. A cancelled one is given as it is until its
  // slot has been given back. An ask prolongs the record's life, with a write when half of it is
  // over.
  void Ask(std::string client_id, Done done);

  // The record, with this id unless `id` is empty.
  void Find(std::string client_id, std::string id, Done done);

  // Ends the request, which gives its slot back. `id` as for Find. One that failed or was cancelled
  // stays as it is: to cancel must not be a way around the pause after failures.
  void Cancel(std::string client_id, std::string id, Done done);

 private:
  using Work = std::function<absl::StatusOr<Request>()>;

  // Gives `done` what `work` returns on a worker.
  void Run(Done done, Work work);
  // What Ask does in the store; a done request is yet to be looked up.
  absl::StatusOr<Request> AskStore(const std::string& client_id);
  absl::StatusOr<Request> Begin(const std::string& client_id, const Request* replaced);
  // The same for a done request whose slot is gone.
  absl::StatusOr<Request> BeginAgain(const Request& lost);
  // Writes a change of state, and tells of it.
  absl::StatusOr<Request> Write(const Request& request);
  absl::StatusOr<Request> Prolong(Request request);
  absl::StatusOr<Request> FindInStore(const std::string& client_id, const std::string& id);
  absl::StatusOr<Request> CancelInStore(const std::string& client_id, const std::string& id);
  void LookUp(Request request, Done done);
  std::string NewId();

  const Options options_;
  const Ports ports_;
  base::Mutex mu_;
  base::IdGenerator ids_ ABSL_GUARDED_BY(mu_);
};

}  // namespace muster::lobby
