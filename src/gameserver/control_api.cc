#include "gameserver/control_api.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/path_id.h"
#include "base/strings.h"
#include "net/url.h"
#include "nlohmann/json.hpp"

namespace muster::gameserver {
namespace {

using Json = nlohmann::ordered_json;
using net::server::Request;
using net::server::Response;

constexpr std::string_view kReservation = "/reservation/";
constexpr std::array<std::string_view, 5> kGetPaths = {"/status", "/healthz", "/readyz", "/metrics",
                                                       "/active_games"};
constexpr std::array<std::string_view, 4> kPostPaths = {"/create_game", "/join_game",
                                                        "/remove_game", "/remove_player"};
constexpr std::string_view kClosePath = "/close";

template <typename Paths>
bool Has(const Paths& paths, std::string_view path) {
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

Response Text(int status, std::string_view text) {
  return {status, "text/plain", base::StrCat(text, "\n"), {}};
}

Response JsonAnswer(int status, const Json& body) {
  return {
      status, "application/json", body.dump(-1, ' ', false, Json::error_handler_t::replace), {}};
}

Response Message(int status, std::string_view message) {
  return JsonAnswer(status, {{"message", message}});
}

Response TokenAnswer(const std::string& token) { return JsonAnswer(200, {{"gameToken", token}}); }

Response WrongMethod(std::string_view allowed) {
  Response response = Text(405, "method not allowed");
  response.headers.push_back({"Allow", std::string(allowed)});
  return response;
}

// The body's object; an empty one when the body is no object.
Json ParseObject(const std::string& body) {
  Json parsed = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  return parsed.is_object() ? parsed : Json::object();
}

// A member that is an id, or text as short and clean as one.
std::optional<std::string> IdMember(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  std::string id = found->get<std::string>();
  if (!base::CheckPathId("id", id).ok()) return std::nullopt;
  return id;
}

struct PlayerOfGame {
  std::string game_id;
  std::string user_id;
  std::string username;
};

// What the body of create_game and join_game says; else what is wrong with it.
std::optional<std::string> ReadPlayer(const std::string& body, PlayerOfGame* player) {
  const Json object = ParseObject(body);
  const auto read = [&object](const char* name, std::string* out) {
    std::optional<std::string> value = IdMember(object, name);
    if (!value.has_value()) return false;
    *out = *std::move(value);
    return true;
  };
  if (!read("gameId", &player->game_id)) return "Invalid gameId format.";
  if (!read("userId", &player->user_id)) return "Invalid userId format.";
  if (!read("username", &player->username)) return "Invalid username format.";
  return std::nullopt;
}

}  // namespace

Response ControlApi::Answer(const Request& request) {
  const std::string_view path = request.path;
  if (path.starts_with(kReservation)) {
    return AnswerReservation(request.method, path.substr(kReservation.size()));
  }
  if (Has(kGetPaths, path)) {
    return request.method == "GET" ? AnswerGet(path) : WrongMethod("GET");
  }
  if (Has(kPostPaths, path)) {
    return request.method == "POST" ? AnswerPost(path, request.body) : WrongMethod("POST");
  }
  if (path == kClosePath && options_.on_close) {
    if (request.method != "POST") return WrongMethod("POST");
    options_.on_close();
    return Text(200, "closing");
  }
  return Text(404, "not found");
}

Response ControlApi::AnswerReservation(std::string_view method, std::string_view segment) {
  if (segment.find('/') != std::string_view::npos) return Text(404, "not found");
  const std::optional<std::string> player = net::DecodePercent(segment);
  if (!player.has_value()) return Text(400, "id: it is not percent-encoded");
  if (const absl::Status status = base::CheckPathId("id", *player); !status.ok()) {
    return Text(400, base::FromAbsl(status.message()));
  }
  if (method == "POST") return room_.Reserve(*player) ? Text(200, "reserved") : Text(403, "full");
  if (method == "GET") return room_.Holds(*player) ? Text(200, "held") : Text(404, "not held");
  if (method != "DELETE") return WrongMethod("POST, GET, DELETE");
  switch (room_.Release(*player)) {
    case Slots::Released::kYes:
      return Text(200, "released");
    case Slots::Released::kNotHeld:
      return Text(404, "not held");
    case Slots::Released::kPlaying:
      break;
  }
  return Text(409, "the player is playing");
}

Response ControlApi::AnswerGet(std::string_view path) {
  if (path == "/healthz") return Text(200, "ok");
  if (path == "/readyz") return options_.is_ready() ? Text(200, "ok") : Text(503, "stopping");
  if (path == "/metrics") return {200, "text/plain; version=0.0.4", options_.metrics(), {}};
  if (path == "/active_games") return JsonAnswer(200, Json(games_.ActiveGames()));
  const Room::Occupancy occupancy = room_.occupancy();
  return JsonAnswer(
      200,
      {{"slots", occupancy.slots}, {"used", occupancy.used}, {"players", occupancy.connected}});
}

Response ControlApi::AnswerPost(std::string_view path, const std::string& body) {
  if (path == "/create_game") return CreateGame(body);
  if (path == "/join_game") return JoinGame(body);
  if (path == "/remove_game") return RemoveGame(body);
  return RemovePlayer(body);
}

// The texts of the four are those that lobbies of this interface know.
Response ControlApi::CreateGame(const std::string& body) {
  PlayerOfGame host;
  if (const auto problem = ReadPlayer(body, &host)) return Message(400, *problem);
  const auto token = games_.Create(host.game_id, host.user_id, host.username);
  if (token.ok()) return TokenAnswer(*token);
  if (absl::IsAlreadyExists(token.status())) {
    return Message(400, base::StrCat("Unable to create game. A game with id: '", host.game_id,
                                     "' already exists."));
  }
  return Message(400, "Unable to create game. The server has no room for another.");
}

Response ControlApi::JoinGame(const std::string& body) {
  PlayerOfGame guest;
  if (const auto problem = ReadPlayer(body, &guest)) return Message(400, *problem);
  const auto token = games_.Join(guest.game_id, guest.user_id, guest.username);
  if (token.ok()) return TokenAnswer(*token);
  return Message(400,
                 base::StrCat("Unable to join game with ID '", guest.game_id, "' - ",
                              absl::IsNotFound(token.status()) ? "it does not exist."
                                                               : "game capacity already reached."));
}

Response ControlApi::RemoveGame(const std::string& body) {
  const std::optional<std::string> game_id = IdMember(ParseObject(body), "gameId");
  if (!game_id.has_value()) return Message(500, "Invalid gameId format.");
  const std::optional<std::string> token = games_.Remove(*game_id);
  return token.has_value() ? TokenAnswer(*token) : JsonAnswer(200, nullptr);
}

Response ControlApi::RemovePlayer(const std::string& body) {
  const Json object = ParseObject(body);
  const std::optional<std::string> game_id = IdMember(object, "gameId");
  if (!game_id.has_value()) return Message(400, "Invalid gameId format.");
  const std::optional<std::string> user_id = IdMember(object, "userId");
  if (!user_id.has_value()) return Message(400, "Invalid userId format.");
  const absl::StatusOr<bool> removed = games_.RemovePlayer(*game_id, *user_id);
  if (removed.ok()) {
    return JsonAnswer(200, {{"playerRemoved", true}, {"connectionRemoved", *removed}});
  }
  if (absl::IsFailedPrecondition(removed.status())) {
    return Message(400, "The host of a game cannot be removed.");
  }
  const bool in_another = absl::IsNotFound(removed.status());
  return Message(in_another ? 404 : 400,
                 base::StrCat("Unable to remove player from game with ID '", *game_id, "' - ",
                              in_another ? "the player is not in it." : "it does not exist."));
}

}  // namespace muster::gameserver
