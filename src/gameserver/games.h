#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "gameserver/game_events.h"
#include "net/server/web_socket.h"

namespace muster::gameserver {

// A player's token for a game: 128 bits of the machine's entropy as 32 hexadecimal digits.
std::string RandomToken();

// The games that a lobby announces, each with a host, who made it, and guests; who comes to play is
// told from others by the game's token. A game lives no longer than its host stays. Thread-safe.
//
// Frames: {"type":"player_joined","gameData":{"p1Id","p1Name","p2Id",...}} to all who are there
// when a guest came, {"type":"error","message","code"}, codes as in ErrorCode. Events: state_change
// with new_state creator_joined when the host came and all_players_joined when all places are taken
// and all are there; player_disconnect with player_id when a guest left; game_removed.
class Games {
 public:
  using SocketPtr = std::shared_ptr<net::server::WebSocket>;
  using TokenSource = std::function<std::string()>;
  // Codes of error frames; the first two close the connection too, with the same code.
  enum class ErrorCode {
    kUnexpected = -1,
    kHostNotReady = 4000,
    kPlayerAlreadyJoined = 4001,
    kHostDisconnected = 4002,
    kPlayerDisconnected = 4003,
  };
  struct Options {
    size_t max_games = 100;
    // The host is one of them.
    size_t players_per_game = 2;
    // For the host to come; then the game is removed.
    std::chrono::milliseconds host_timeout{60'000};
  };
  struct Counts {
    size_t games = 0;
    size_t connections = 0;
    uint64_t messages = 0;
  };

  Games(Options options, GameEvents& events, const base::Clock& clock, TokenSource tokens)
      : options_(options), events_(events), clock_(clock), tokens_(std::move(tokens)) {}

  // The token of the new game. ALREADY_EXISTS; RESOURCE_EXHAUSTED: no more games, or closed.
  absl::StatusOr<std::string> Create(const std::string& game_id, const std::string& user_id,
                                     const std::string& username);
  // The game's token; for one who is in the game already too. NOT_FOUND; RESOURCE_EXHAUSTED: no
  // more players, or closed.
  absl::StatusOr<std::string> Join(const std::string& game_id, const std::string& user_id,
                                   const std::string& username);
  // Ends the game, and closes its connections with 1000. The token it had; nothing when unknown.
  std::optional<std::string> Remove(const std::string& game_id);
  // Takes a guest out of the game; whether one was connected, who is closed with 1000.
  // INVALID_ARGUMENT: no such game; NOT_FOUND: not in the game; FAILED_PRECONDITION: the host.
  absl::StatusOr<bool> RemovePlayer(const std::string& game_id, const std::string& user_id);
  std::vector<std::string> ActiveGames() const;

  // Lets a player in. False when it is refused, with an error frame or without, and closed: 1000
  // with the reason when the token is unknown or the user not in its game, 4000 when the host is
  // not there yet, 4001 when the player is already there.
  bool Connect(const std::string& token, const std::string& user_id, const SocketPtr& socket);
  // What came from one who was let in. This is where a match takes its moves; without one, each
  // message is unexpected.
  void Receive(const std::string& token, const std::string& user_id, const SocketPtr& socket);
  // A guest who leaves is out of the game and the host hears kPlayerDisconnected; with the host the
  // game ends, and the guests hear kHostDisconnected and are closed with 1000.
  void Leave(const std::string& token, const std::string& user_id, const SocketPtr& socket);

  // Removes games whose host did not come in time.
  void Expire();
  // Removes all.
  void Clear();

  // Takes no new game, and nobody new into one, from now on.
  void Close();
  // As Close, when there is no game. Whether it is closed now.
  bool CloseIfUnused();

  Counts counts() const;

 private:
  struct Player {
    std::string id;
    std::string name;
    // Null until connected.
    SocketPtr socket;
  };
  struct Game {
    std::string id;
    // The host first, then in the order of joining; never empty.
    std::vector<Player> players;
    base::MonotonicTime host_deadline;
  };
  // By token.
  using GameMap = std::map<std::string, Game>;

  GameMap::iterator Find(const std::string& game_id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Admit(Game& game, Player& player, const SocketPtr& socket)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Null when the socket is not the one of a player.
  Player* PlayerOf(Game& game, const std::string& user_id, const SocketPtr& socket)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  GameMap::iterator End(GameMap::iterator game, std::string_view reason)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Options options_;
  GameEvents& events_;
  const base::Clock& clock_;
  const TokenSource tokens_;
  mutable base::Mutex mu_;
  GameMap games_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::string> tokens_of_games_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t messages_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace muster::gameserver
