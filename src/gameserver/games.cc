#include "gameserver/games.h"

#include <algorithm>
#include <utility>

#include "base/ids.h"
#include "base/strings.h"
#include "nlohmann/json.hpp"

namespace muster::gameserver {
namespace {

using Json = nlohmann::ordered_json;
using net::server::CloseCode;
using SocketPtr = Games::SocketPtr;
using ErrorCode = Games::ErrorCode;

// The wire's own spelling.
constexpr std::string_view kRefusedReason = "A validation error occurred connection to the game.";

std::shared_ptr<const std::string> ErrorFrame(std::string_view message, ErrorCode code) {
  const Json frame = {{"type", "error"}, {"message", message}, {"code", static_cast<int>(code)}};
  return std::make_shared<const std::string>(frame.dump());
}

void Refuse(const SocketPtr& socket, std::string_view message, ErrorCode code) {
  socket->Send(ErrorFrame(message, code));
  socket->Close(static_cast<uint16_t>(code), kRefusedReason);
}

template <typename Players>
auto FindPlayer(Players& players, const std::string& user_id) {
  return std::find_if(players.begin(), players.end(),
                      [&user_id](const auto& player) { return player.id == user_id; });
}

template <typename Players>
std::shared_ptr<const std::string> JoinedFrame(const Players& players) {
  Json data = Json::object();
  for (size_t i = 0; i < players.size(); ++i) {
    data[base::StrCat("p", i + 1, "Id")] = players[i].id;
    data[base::StrCat("p", i + 1, "Name")] = players[i].name;
  }
  const Json frame = {{"type", "player_joined"}, {"gameData", std::move(data)}};
  return std::make_shared<const std::string>(frame.dump());
}

GameEvent StateChange(const std::string& game_id, std::string_view state) {
  return {"state_change", game_id, {{"new_state", std::string(state)}}};
}

}  // namespace

std::string RandomToken() {
  const base::IdSeed seed = base::RandomIdSeed();
  return base::StrCat(absl::Hex(seed[0], absl::kZeroPad16), absl::Hex(seed[1], absl::kZeroPad16));
}

absl::StatusOr<std::string> Games::Create(const std::string& game_id, const std::string& user_id,
                                          const std::string& username) {
  base::MutexLock lock(&mu_);
  if (tokens_of_games_.contains(game_id)) return absl::AlreadyExistsError("game: it exists");
  if (closed_) return absl::ResourceExhaustedError("games: closed");
  if (games_.size() >= options_.max_games) return absl::ResourceExhaustedError("games: too many");
  std::string token = tokens_();
  tokens_of_games_.emplace(game_id, token);
  games_.emplace(
      token,
      Game{game_id, {{user_id, username, nullptr}}, clock_.MonotonicNow() + options_.host_timeout});
  return token;
}

absl::StatusOr<std::string> Games::Join(const std::string& game_id, const std::string& user_id,
                                        const std::string& username) {
  base::MutexLock lock(&mu_);
  const auto found = Find(game_id);
  if (found == games_.end()) return absl::NotFoundError("game: it does not exist");
  std::vector<Player>& players = found->second.players;
  if (FindPlayer(players, user_id) != players.end()) return found->first;
  if (closed_) return absl::ResourceExhaustedError("games: closed");
  if (players.size() >= options_.players_per_game) {
    return absl::ResourceExhaustedError("game: it is full");
  }
  players.push_back({user_id, username, nullptr});
  return found->first;
}

std::optional<std::string> Games::Remove(const std::string& game_id) {
  base::MutexLock lock(&mu_);
  const auto found = Find(game_id);
  if (found == games_.end()) return std::nullopt;
  std::string token = found->first;
  End(found, "The game was removed.");
  return token;
}

absl::StatusOr<bool> Games::RemovePlayer(const std::string& game_id, const std::string& user_id) {
  base::MutexLock lock(&mu_);
  const auto found = Find(game_id);
  if (found == games_.end()) return absl::InvalidArgumentError("game: it does not exist");
  std::vector<Player>& players = found->second.players;
  const auto player = FindPlayer(players, user_id);
  if (player == players.end()) return absl::NotFoundError("player: not in the game");
  if (player == players.begin()) return absl::FailedPreconditionError("player: the host");
  const SocketPtr socket = std::move(player->socket);
  players.erase(player);
  if (socket == nullptr) return false;
  socket->Close(CloseCode::kNormal, "The player was removed from the game.");
  if (const SocketPtr& host = players.front().socket; host != nullptr) {
    host->Send(ErrorFrame("PLAYER_DISCONNECTED", ErrorCode::kPlayerDisconnected));
  }
  return true;
}

std::vector<std::string> Games::ActiveGames() const {
  base::MutexLock lock(&mu_);
  std::vector<std::string> ids;
  ids.reserve(tokens_of_games_.size());
  for (const auto& [id, token] : tokens_of_games_) ids.push_back(id);
  return ids;
}

bool Games::Connect(const std::string& token, const std::string& user_id, const SocketPtr& socket) {
  base::MutexLock lock(&mu_);
  const auto found = games_.find(token);
  if (found == games_.end()) {
    socket->Close(CloseCode::kNormal, "Supplied token has no active games associated with it.");
    return false;
  }
  Game& game = found->second;
  const auto player = FindPlayer(game.players, user_id);
  if (player == game.players.end()) {
    socket->Send(ErrorFrame("The user is not in the game.", ErrorCode::kUnexpected));
    socket->Close(CloseCode::kNormal, "Unknown error.");
    return false;
  }
  if (player->socket != nullptr) {
    Refuse(socket, "PLAYER_ALREADY_JOINED", ErrorCode::kPlayerAlreadyJoined);
    return false;
  }
  if (player != game.players.begin() && game.players.front().socket == nullptr) {
    Refuse(socket, "HOST_NOT_READY", ErrorCode::kHostNotReady);
    return false;
  }
  Admit(game, *player, socket);
  return true;
}

void Games::Admit(Game& game, Player& player, const SocketPtr& socket) {
  player.socket = socket;
  if (&player == &game.players.front()) {
    events_.Publish(StateChange(game.id, "creator_joined"));
  } else {
    const auto frame = JoinedFrame(game.players);
    for (const Player& each : game.players) {
      if (each.socket != nullptr) each.socket->Send(frame);
    }
  }
  const bool all_here = std::all_of(game.players.begin(), game.players.end(),
                                    [](const Player& each) { return each.socket != nullptr; });
  if (all_here && game.players.size() == options_.players_per_game) {
    events_.Publish(StateChange(game.id, "all_players_joined"));
  }
}

void Games::Receive(const std::string& token, const std::string& user_id, const SocketPtr& socket) {
  base::MutexLock lock(&mu_);
  const auto found = games_.find(token);
  if (found == games_.end() || PlayerOf(found->second, user_id, socket) == nullptr) return;
  ++messages_;
  socket->Send(ErrorFrame("Unexpected message.", ErrorCode::kUnexpected));
}

void Games::Leave(const std::string& token, const std::string& user_id, const SocketPtr& socket) {
  base::MutexLock lock(&mu_);
  const auto found = games_.find(token);
  if (found == games_.end()) return;
  Game& game = found->second;
  Player* const player = PlayerOf(game, user_id, socket);
  if (player == nullptr) return;
  player->socket = nullptr;
  if (player == &game.players.front()) {
    for (const Player& guest : game.players) {
      if (guest.socket == nullptr) continue;
      guest.socket->Send(ErrorFrame("HOST_DISCONNECTED", ErrorCode::kHostDisconnected));
    }
    End(found, "The host left the game.");
    return;
  }
  game.players.front().socket->Send(
      ErrorFrame("PLAYER_DISCONNECTED", ErrorCode::kPlayerDisconnected));
  events_.Publish({"player_disconnect", game.id, {{"player_id", user_id}}});
  game.players.erase(FindPlayer(game.players, user_id));
}

void Games::Expire() {
  base::MutexLock lock(&mu_);
  const base::MonotonicTime now = clock_.MonotonicNow();
  for (auto game = games_.begin(); game != games_.end();) {
    const bool host_is_late =
        game->second.players.front().socket == nullptr && game->second.host_deadline <= now;
    game = host_is_late ? End(game, "The host did not come.") : std::next(game);
  }
}

void Games::Clear() {
  base::MutexLock lock(&mu_);
  while (!games_.empty()) End(games_.begin(), "The server stops.");
}

void Games::Close() {
  base::MutexLock lock(&mu_);
  closed_ = true;
}

bool Games::CloseIfUnused() {
  base::MutexLock lock(&mu_);
  if (games_.empty()) closed_ = true;
  return closed_;
}

Games::Counts Games::counts() const {
  base::MutexLock lock(&mu_);
  Counts counts{.games = games_.size(), .messages = messages_};
  for (const auto& [token, game] : games_) {
    for (const Player& player : game.players) counts.connections += player.socket != nullptr;
  }
  return counts;
}

Games::GameMap::iterator Games::Find(const std::string& game_id) {
  const auto token = tokens_of_games_.find(game_id);
  return token == tokens_of_games_.end() ? games_.end() : games_.find(token->second);
}

Games::Player* Games::PlayerOf(Game& game, const std::string& user_id, const SocketPtr& socket) {
  const auto player = FindPlayer(game.players, user_id);
  return player != game.players.end() && player->socket == socket ? &*player : nullptr;
}

Games::GameMap::iterator Games::End(GameMap::iterator game, std::string_view reason) {
  for (const Player& player : game->second.players) {
    if (player.socket != nullptr) player.socket->Close(CloseCode::kNormal, reason);
  }
  events_.Publish({"game_removed", game->second.id, {}});
  tokens_of_games_.erase(game->second.id);
  return games_.erase(game);
}

}  // namespace muster::gameserver
