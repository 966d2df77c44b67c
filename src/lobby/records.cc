#include "lobby/records.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/strings.h"
#include "nlohmann/json.hpp"

namespace muster::lobby {
namespace {

using nlohmann::json;

constexpr std::array kRequestStates = {RequestState::kCreated, RequestState::kInProgress,
                                       RequestState::kDone, RequestState::kFailed,
                                       RequestState::kCancelled};
constexpr std::array kServerStates = {ServerState::kStarting, ServerState::kReady,
                                      ServerState::kDraining};

// Writes the members of an object, but for those that hold their default.
class Writer {
 public:
  void Put(const char* name, const std::string& text) {
    if (!text.empty()) object_[name] = text;
  }
  void Put(const char* name, int64_t number) {
    if (number != 0) object_[name] = number;
  }
  void Put(const char* name, base::Timestamp time) { Put(name, time.time_since_epoch().count()); }
  void Put(const char* name, const json& object) {
    if (!object.empty()) object_[name] = object;
  }
  const json& object() const { return object_; }
  // Bytes that are not UTF-8 become U+FFFD: a record is never lost for them.
  std::string Text() const { return object_.dump(-1, ' ', false, json::error_handler_t::replace); }

 private:
  json object_ = json::object();
};

// Whether it is a whole number that 64 bits with a sign hold: the library wraps greater ones.
bool IsInteger(const json& value) {
  if (!value.is_number_unsigned()) return value.is_number_integer();
  return value.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
}

// Reads members of an object; one that is missing leaves the default, one of another type or out of
// its range makes the record none.
class Reader {
 public:
  explicit Reader(const json& object) : object_(object) {}

  void Get(const char* name, std::string* out) {
    if (const json* member = Find(name)) {
      const auto* text = member->get_ptr<const std::string*>();
      if (text == nullptr) return Fail(name);
      *out = *text;
    }
  }
  template <typename Integer>
  void GetNumber(const char* name, Integer* out) {
    if (const json* member = Find(name)) {
      if (!IsInteger(*member)) return Fail(name);
      const auto number = member->get<int64_t>();
      if (number < std::numeric_limits<Integer>::min() ||
          number > std::numeric_limits<Integer>::max()) {
        return Fail(name);
      }
      *out = static_cast<Integer>(number);
    }
  }
  void Get(const char* name, base::Timestamp* out) {
    int64_t ms = out->time_since_epoch().count();
    GetNumber(name, &ms);
    *out = base::Timestamp(std::chrono::milliseconds(ms));
  }
  template <typename State, size_t count>
  void GetState(const char* name, const std::array<State, count>& states,
                std::string_view (*name_of)(State), State* out) {
    std::string text;
    Get(name, &text);
    for (const State state : states) {
      if (name_of(state) == text) {
        *out = state;
        return;
      }
    }
    Fail(name);
  }
  void Require(const char* name, const std::string& value) {
    if (value.empty()) Fail(name);
  }
  const json* Find(const char* name) const {
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
  }
  void Fail(const char* name) {
    if (status_.ok()) {
      status_ = absl::InvalidArgumentError(base::StrCat("record: ", name, " is missing or wrong"));
    }
  }
  const absl::Status& status() const { return status_; }

 private:
  const json& object_;
  absl::Status status_;
};

std::optional<json> ParseObject(std::string_view text) {
  json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return std::nullopt;
  return parsed;
}

json EncodePlace(const Place& place) {
  Writer writer;
  writer.Put("server_id", place.server_id);
  writer.Put("node", place.node);
  writer.Put("node_address", place.node_address);
  writer.Put("port", int64_t{place.port});
  writer.Put("control_url", place.control_url);
  return writer.object();
}

void DecodePlace(Reader* from, Place* place) {
  const json* object = from->Find("place");
  if (object == nullptr) return;
  if (!object->is_object()) return from->Fail("place");
  Reader reader(*object);
  reader.Get("server_id", &place->server_id);
  reader.Get("node", &place->node);
  reader.Get("node_address", &place->node_address);
  reader.GetNumber("port", &place->port);
  reader.Get("control_url", &place->control_url);
  if (!reader.status().ok()) from->Fail("place");
}

}  // namespace

std::string EncodeRequest(const Request& request) {
  Writer writer;
  writer.Put("client_id", request.client_id);
  writer.Put("id", request.id);
  writer.Put("state", std::string(RequestStateName(request.state)));
  writer.Put("attempts", int64_t{request.attempts});
  writer.Put("reason", request.reason);
  writer.Put("place", EncodePlace(request.place));
  writer.Put("created_at", request.created_at);
  writer.Put("changed_at", request.changed_at);
  writer.Put("expires_at", request.expires_at);
  writer.Put("retry_at", request.retry_at);
  writer.Put("revision", request.revision);
  return writer.Text();
}

absl::StatusOr<Request> DecodeRequest(std::string_view text) {
  const std::optional<json> object = ParseObject(text);
  if (!object) return absl::InvalidArgumentError("record: not a json object");
  Reader reader(*object);
  Request request;
  reader.Get("client_id", &request.client_id);
  reader.Require("client_id", request.client_id);
  reader.Get("id", &request.id);
  reader.Require("id", request.id);
  reader.GetState("state", kRequestStates, &RequestStateName, &request.state);
  reader.GetNumber("attempts", &request.attempts);
  reader.Get("reason", &request.reason);
  DecodePlace(&reader, &request.place);
  reader.Get("created_at", &request.created_at);
  reader.Get("changed_at", &request.changed_at);
  reader.Get("expires_at", &request.expires_at);
  reader.Get("retry_at", &request.retry_at);
  reader.GetNumber("revision", &request.revision);
  if (!reader.status().ok()) return reader.status();
  return request;
}

std::string EncodeServer(const GameServer& server) {
  Writer writer;
  writer.Put("id", server.id);
  writer.Put("state", std::string(ServerStateName(server.state)));
  writer.Put("place", EncodePlace(server.place));
  writer.Put("version", server.version);
  writer.Put("slots", int64_t{server.slots});
  writer.Put("created_at", server.created_at);
  return writer.Text();
}

absl::StatusOr<GameServer> DecodeServer(std::string_view text) {
  const std::optional<json> object = ParseObject(text);
  if (!object) return absl::InvalidArgumentError("record: not a json object");
  Reader reader(*object);
  GameServer server;
  reader.Get("id", &server.id);
  reader.Require("id", server.id);
  reader.GetState("state", kServerStates, &ServerStateName, &server.state);
  DecodePlace(&reader, &server.place);
  reader.Get("version", &server.version);
  reader.GetNumber("slots", &server.slots);
  reader.Get("created_at", &server.created_at);
  if (!reader.status().ok()) return reader.status();
  return server;
}

}  // namespace muster::lobby
