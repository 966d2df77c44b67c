#include "provision/reservation_client.h"

#include <optional>
#include <utility>

#include "base/strings.h"
#include "net/never_sent.h"
#include "net/url.h"
#include "nlohmann/json.hpp"

namespace muster::provision {
namespace {

using lobby::GameServerClient;
using lobby::Occupancy;
using lobby::SlotAnswer;
using nlohmann::json;
using std::chrono::milliseconds;
using Result = absl::StatusOr<base::HttpResponse>;

constexpr char kBadId[] = "the client's id cannot stand in a path";
// More than any answer of a game server is worth reading.
constexpr size_t kMaxAnswerBytes = size_t{64} * 1024;
constexpr int64_t kMaxPlayers = 1'000'000;

// Nothing for an id that would be another path.
std::optional<std::string> SlotUrl(const std::string& control_url, const std::string& client_id) {
  if (client_id.empty() || client_id == "." || client_id == "..") return std::nullopt;
  return base::StrCat(control_url, "/reservation/", net::EncodePathSegment(client_id));
}

// The status says all.
base::HttpRequest SlotRequest(std::string method, std::string url, milliseconds timeout) {
  return {.method = std::move(method),
          .url = std::move(url),
          .timeout = timeout,
          .max_response_bytes = kMaxAnswerBytes,
          .discard_body = true};
}

// What was said to a call, for the detail.
std::string TextOf(const Result& result) {
  if (!result.ok()) return std::string(base::FromAbsl(result.status().message()));
  return base::StrCat("answered with status ", result->status);
}

bool IsStatus(const Result& result, int status) { return result.ok() && result->status == status; }

// An ask for a slot, from its POST to the word of what became of it.
struct Reservation {
  net::AsyncSender* sender;
  const base::Clock* clock;
  std::string url;
  base::MonotonicTime deadline;
  GameServerClient::OnSlot done;
};

// `asked` is why it had to be looked up.
void EndLookUp(const Reservation& reservation, const std::string& asked, const Result& result) {
  if (IsStatus(result, 200)) return reservation.done(SlotAnswer::kHeld, "");
  if (IsStatus(result, 404)) return reservation.done(SlotAnswer::kNotHeld, asked);
  reservation.done(SlotAnswer::kNoAnswer,
                   base::StrCat(asked, "; when looked up: ", TextOf(result)));
}

void LookUp(Reservation reservation, std::string asked) {
  const auto left =
      std::chrono::ceil<milliseconds>(reservation.deadline - reservation.clock->MonotonicNow());
  net::AsyncSender* const sender = reservation.sender;
  base::HttpRequest request = SlotRequest("GET", reservation.url, left);
  sender->Send(std::move(request),
               [reservation = std::move(reservation), asked = std::move(asked)](
                   const Result& result) { EndLookUp(reservation, asked, result); });
}

void EndAsk(Reservation reservation, const Result& result) {
  if (IsStatus(result, 200)) return reservation.done(SlotAnswer::kHeld, "");
  const bool ended = !result.ok() && (net::NeverSent(result.status()) ||
                                      result.status().code() == absl::StatusCode::kCancelled);
  if (ended) return reservation.done(SlotAnswer::kNoAnswer, TextOf(result));
  LookUp(std::move(reservation), TextOf(result));
}

SlotAnswer AnswerToCheck(const Result& result) {
  if (IsStatus(result, 200)) return SlotAnswer::kHeld;
  return IsStatus(result, 404) ? SlotAnswer::kNotHeld : SlotAnswer::kNoAnswer;
}

SlotAnswer AnswerToRelease(const Result& result) {
  if (!result.ok()) return SlotAnswer::kNoAnswer;
  const bool given_back = result->status / 100 == 2;
  // It holds none, or does not know how.
  const bool has_none = IsStatus(result, 404) || IsStatus(result, 405) || IsStatus(result, 501);
  return given_back || has_none ? SlotAnswer::kNotHeld : SlotAnswer::kHeld;
}

// One call whose answer says all.
void Call(net::AsyncSender* sender, const char* method, const std::optional<std::string>& url,
          milliseconds timeout, SlotAnswer (*answer_of)(const Result&),
          GameServerClient::OnSlot done) {
  if (!url) return done(SlotAnswer::kNoAnswer, kBadId);
  sender->Send(SlotRequest(method, *url, timeout),
               [answer_of, done = std::move(done)](const Result& result) {
                 const SlotAnswer answer = answer_of(result);
                 done(answer, answer == SlotAnswer::kHeld ? "" : TextOf(result));
               });
}

std::optional<int> PlayersIn(const json& status, const char* member) {
  const auto found = status.find(member);
  if (found == status.end() || !found->is_number_integer()) return std::nullopt;
  // Numbers too large for it become negative.
  const auto players = found->get<int64_t>();
  if (players < 0 || players > kMaxPlayers) return std::nullopt;
  return static_cast<int>(players);
}

std::optional<Occupancy> ParseOccupancy(const base::HttpResponse& response) {
  if (response.status != 200) return std::nullopt;
  const json status = json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  if (!status.is_object()) return std::nullopt;
  const std::optional<int> slots = PlayersIn(status, "slots");
  const std::optional<int> used = PlayersIn(status, "used");
  if (!slots || !used) return std::nullopt;
  return Occupancy{.slots = *slots, .used = *used};
}

absl::StatusOr<std::optional<Occupancy>> OccupancyOf(Result result) {
  if (result.ok()) return ParseOccupancy(*result);
  // The server did answer, and at length.
  const bool too_long = result.status().code() == absl::StatusCode::kResourceExhausted &&
                        !net::NeverSent(result.status());
  if (too_long) return std::nullopt;
  return std::move(result).status();
}

}  // namespace

ReservationClient::ReservationClient(net::AsyncSender* sender, const base::Clock* clock)
    : sender_(sender), clock_(clock) {}

void ReservationClient::Reserve(const std::string& control_url, const std::string& client_id,
                                milliseconds timeout, OnSlot done) {
  const std::optional<std::string> url = SlotUrl(control_url, client_id);
  if (!url) return done(SlotAnswer::kNoAnswer, kBadId);
  Reservation reservation = {.sender = sender_,
                             .clock = clock_,
                             .url = *url,
                             .deadline = clock_->MonotonicNow() + timeout,
                             .done = std::move(done)};
  sender_->Send(SlotRequest("POST", *url, timeout * 3 / 4),
                [reservation = std::move(reservation)](const Result& result) mutable {
                  EndAsk(std::move(reservation), result);
                });
}

void ReservationClient::Check(const std::string& control_url, const std::string& client_id,
                              milliseconds timeout, OnSlot done) {
  Call(sender_, "GET", SlotUrl(control_url, client_id), timeout, AnswerToCheck, std::move(done));
}

void ReservationClient::Release(const std::string& control_url, const std::string& client_id,
                                milliseconds timeout, OnSlot done) {
  Call(sender_, "DELETE", SlotUrl(control_url, client_id), timeout, AnswerToRelease,
       std::move(done));
}

void ReservationClient::Ask(const std::string& control_url, milliseconds timeout,
                            OnOccupancy done) {
  sender_->Send({.url = base::StrCat(control_url, "/status"),
                 .timeout = timeout,
                 .max_response_bytes = kMaxAnswerBytes},
                [done = std::move(done)](Result result) { done(OccupancyOf(std::move(result))); });
}

}  // namespace muster::provision
