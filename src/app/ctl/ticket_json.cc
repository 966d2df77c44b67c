#include "app/ctl/ticket_json.h"

#include <chrono>
#include <cmath>

#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"

namespace muster::app::ctl {
namespace {

using Json = nlohmann::ordered_json;

Json ToJson(const match::Object& object);

Json ToJson(double number) {
  // Above 2^53 a double skips whole numbers anyway.
  constexpr double kLargestExact = 9007199254740992.0;
  if (std::trunc(number) != number || std::abs(number) > kLargestExact) return number;
  return static_cast<int64_t>(number);
}

Json ToJson(const match::Value& value) {
  if (const bool* const flag = value.bool_value()) return *flag;
  if (const double* const number = value.number()) return ToJson(*number);
  if (const std::string* const text = value.text()) return *text;
  if (const match::Object* const object = value.object()) return ToJson(*object);
  if (const match::List* const list = value.list()) {
    Json items = Json::array();
    for (const match::Value& item : *list) items.push_back(ToJson(item));
    return items;
  }
  return nullptr;
}

Json ToJson(const match::Object& object) {
  Json fields = Json::object();
  for (const auto& [name, value] : object) fields[name] = ToJson(value);
  return fields;
}

std::string Rfc3339(base::Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return absl::StrFormat("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                         static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                         clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                         clock.subseconds().count());
}

Json PlayersToJson(const std::vector<match::Player>& players) {
  Json list = Json::array();
  for (const match::Player& player : players) {
    Json fields = {{"playerId", player.id}};
    if (!player.attributes.empty()) fields["attributes"] = ToJson(player.attributes);
    list.push_back(std::move(fields));
  }
  return list;
}

}  // namespace

std::string TicketToJson(const match::Ticket& ticket) {
  Json json = {{"ticketId", ticket.id}, {"matchPool", ticket.match_pool}};
  if (ticket.created_at.has_value()) json["CreatedAt"] = Rfc3339(*ticket.created_at);
  json["players"] = PlayersToJson(ticket.players);
  if (!ticket.attributes.empty()) json["ticketAttributes"] = ToJson(ticket.attributes);
  if (!ticket.latencies.empty()) {
    Json latencies = Json::object();
    for (const match::Latency& latency : ticket.latencies) {
      latencies[latency.region] = std::to_string(latency.ms);
    }
    json["latencies"] = std::move(latencies);
  }
  if (!ticket.party_session_id.empty()) json["partySessionId"] = ticket.party_session_id;
  if (!ticket.name_space.empty()) json["namespace"] = ticket.name_space;
  if (!ticket.excluded_sessions.empty()) json["excludedSessions"] = ticket.excluded_sessions;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace muster::app::ctl
