#pragma once

#include <map>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "lobby/game_server_client.h"

namespace muster::fakes {

// Game servers in memory, by their control URL; each call is answered at once, on the caller's
// thread. A server that is not there does not answer. Thread-safe.
class FakeGameServerClient final : public lobby::GameServerClient {
 public:
  enum class Mood {
    kAnswers,
    // Answers nothing; a slot is given all the same, as by a server whose answers come too late.
    kTakesInSilence,
    kHangs,
    // Keeps the slots it gave: its players are there.
    kKeeps,
    // The same, without an answer.
    kKeepsSilent,
    // Gives slots without an answer; all else is as kAnswers.
    kGivesInSilence,
    // Says no to everybody.
    kRefuses,
    // As kAnswers, but asks for a slot make the call throw.
    kThrows,
  };
  struct Server {
    int slots = 4;
    // Has GET /status.
    bool tells = true;
    Mood mood = Mood::kAnswers;
    // So many looks go unanswered before it is up.
    int looks_until_up = 0;
    // Players of somebody else.
    int foreign = 0;
    std::set<std::string> held;
    // The most slots it ever had in use, and players it was asked for.
    int most_used = 0;
    int reserve_calls = 0;
    int release_calls = 0;
  };

  void Add(const std::string& control_url, const Server& server);
  void Remove(const std::string& control_url);
  void SetMood(const std::string& control_url, Mood mood);
  // A player leaves, of itself.
  void Leave(const std::string& control_url, const std::string& client_id);
  // As it is now; a default one when there is none.
  Server Find(const std::string& control_url) const;
  std::map<std::string, Server> servers() const;

  void Reserve(const std::string& control_url, const std::string& client_id,
               std::chrono::milliseconds timeout, OnSlot done) override;
  void Check(const std::string& control_url, const std::string& client_id,
             std::chrono::milliseconds timeout, OnSlot done) override;
  void Release(const std::string& control_url, const std::string& client_id,
               std::chrono::milliseconds timeout, OnSlot done) override;
  void Ask(const std::string& control_url, std::chrono::milliseconds timeout,
           OnOccupancy done) override;

 private:
  lobby::SlotAnswer Take(const std::string& control_url, const std::string& client_id);
  lobby::SlotAnswer Give(const std::string& control_url, const std::string& client_id, bool erase);

  mutable base::Mutex mu_;
  std::map<std::string, Server> servers_ ABSL_GUARDED_BY(mu_);
};

}  // namespace muster::fakes
