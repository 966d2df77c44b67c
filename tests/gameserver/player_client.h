#pragma once

#include <memory>
#include <string>

namespace muster::gameserver {

// A player's WebSocket to a server on 127.0.0.1. Calls block, for at most 30 seconds each.
class PlayerClient {
 public:
  // Opens ws://127.0.0.1:port/target, for example "/?user_id=alice".
  PlayerClient(int port, const std::string& target);
  ~PlayerClient();
  PlayerClient(const PlayerClient&) = delete;
  PlayerClient& operator=(const PlayerClient&) = delete;

  // Empty when it opened; else the status that it was refused with, or what went wrong.
  const std::string& refusal() const;
  void Send(const std::string& text);
  // The next text; "closed CODE REASON" when there is none any more.
  std::string Next();
  // Closes it and waits for the server to agree.
  void Close();

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace muster::gameserver
