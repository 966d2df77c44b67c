#include "lobby/requests.h"

#include <memory>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "lobby/records.h"

namespace muster::lobby {
namespace {

// Between two writes of others nobody is unlucky that often.
constexpr int kWriteAttempts = 5;

// Does `step` again while others change the record under it.
template <typename Step>
absl::StatusOr<Request> WithRetries(const Step& step) {
  absl::StatusOr<Request> result = step();
  for (int i = 1; i < kWriteAttempts && absl::IsAborted(result.status()); ++i) result = step();
  return result;
}

// A done request whose slot was not seen just now.
Request Unsettled(Request request) {
  request.state = RequestState::kInProgress;
  return request;
}

absl::Status NoRequest() { return absl::NotFoundError("request: there is none"); }

}  // namespace

Requests::Requests(const Options& options, Ports ports, base::IdSeed seed)
    : options_(options), ports_(ports), ids_(seed) {}

void Requests::Ask(std::string client_id, Done done) {
  auto look_up = [this, done = std::move(done)](absl::StatusOr<Request> request) {
    if (!request.ok() || request->state != RequestState::kDone) return done(std::move(request));
    LookUp(*std::move(request), done);
  };
  Run(std::move(look_up), [this, client_id = std::move(client_id)] {
    return WithRetries([&] { return AskStore(client_id); });
  });
}

void Requests::Find(std::string client_id, std::string id, Done done) {
  Run(std::move(done), [this, client_id = std::move(client_id), id = std::move(id)] {
    return FindInStore(client_id, id);
  });
}

void Requests::Cancel(std::string client_id, std::string id, Done done) {
  Run(std::move(done), [this, client_id = std::move(client_id), id = std::move(id)] {
    return WithRetries([&] { return CancelInStore(client_id, id); });
  });
}

void Requests::Run(Done done, Work work) {
  // Shared: when the pool refuses, it has taken the task all the same.
  const auto shared = std::make_shared<Done>(std::move(done));
  if (ports_.workers.Submit([shared, work = std::move(work)] { (*shared)(work()); })) return;
  (*shared)(absl::ResourceExhaustedError("requests: too many calls wait"));
}

absl::StatusOr<Request> Requests::AskStore(const std::string& client_id) {
  MUSTER_RETURN_IF_ERROR(CheckClientId(client_id));
  MUSTER_ASSIGN_OR_RETURN(std::optional<Request> found, ports_.store.FindRequest(client_id));
  if (!found) return Begin(client_id, nullptr);
  if (found->state != RequestState::kFailed) return Prolong(*std::move(found));
  const bool may_begin =
      found->attempts < options_.request_attempts || ports_.clock.Now() >= found->retry_at;
  if (may_begin) return Begin(client_id, &*found);
  return *std::move(found);
}

absl::StatusOr<Request> Requests::Begin(const std::string& client_id, const Request* replaced) {
  const base::Timestamp now = ports_.clock.Now();
  Request request;
  request.client_id = client_id;
  request.id = NewId();
  request.created_at = now;
  request.changed_at = now;
  request.expires_at = now + options_.record_ttl;
  if (replaced != nullptr) {
    request.revision = replaced->revision;
    request.attempts = replaced->attempts;
  }
  return Write(request);
}

absl::StatusOr<Request> Requests::Write(const Request& request) {
  MUSTER_ASSIGN_OR_RETURN(Request written, ports_.store.WriteRequest(request));
  ports_.bus.Publish(kWorkChannel, "");
  ports_.bus.Publish(kRequestsChannel, EncodeRequest(written));
  return written;
}

absl::StatusOr<Request> Requests::Prolong(Request request) {
  const base::Timestamp now = ports_.clock.Now();
  const bool is_young = request.expires_at - now > options_.record_ttl / 2;
  if (is_young || request.state == RequestState::kCancelled) return request;
  request.expires_at = now + options_.record_ttl;
  return ports_.store.WriteRequest(request);
}

absl::StatusOr<Request> Requests::FindInStore(const std::string& client_id, const std::string& id) {
  MUSTER_RETURN_IF_ERROR(CheckClientId(client_id));
  MUSTER_ASSIGN_OR_RETURN(std::optional<Request> found, ports_.store.FindRequest(client_id));
  if (!found || (!id.empty() && found->id != id)) return NoRequest();
  return *std::move(found);
}

absl::StatusOr<Request> Requests::CancelInStore(const std::string& client_id,
                                                const std::string& id) {
  MUSTER_ASSIGN_OR_RETURN(Request request, FindInStore(client_id, id));
  const bool has_ended =
      request.state == RequestState::kCancelled || request.state == RequestState::kFailed;
  if (has_ended) return request;
  request.state = RequestState::kCancelled;
  request.changed_at = ports_.clock.Now();
  return Write(request);
}

void Requests::LookUp(Request request, Done done) {
  // Taken first: the call moves the request.
  const std::string control_url = request.place.control_url;
  const std::string client_id = request.client_id;
  ports_.game_servers.Check(
      control_url, client_id, options_.call_timeout,
      [this, request = std::move(request), done = std::move(done)](
          SlotAnswer answer, const std::string& /*detail*/) mutable {
        if (answer == SlotAnswer::kHeld) return done(std::move(request));
        if (answer == SlotAnswer::kNoAnswer) return done(Unsettled(std::move(request)));
        Run(std::move(done), [this, request = std::move(request)] { return BeginAgain(request); });
      });
}

absl::StatusOr<Request> Requests::BeginAgain(const Request& lost) {
  absl::StatusOr<Request> begun = Begin(lost.client_id, &lost);
  if (!absl::IsAborted(begun.status())) return begun;
  // Somebody else was quicker.
  MUSTER_ASSIGN_OR_RETURN(Request found, WithRetries([&] { return AskStore(lost.client_id); }));
  return found.state == RequestState::kDone ? Unsettled(std::move(found)) : found;
}

std::string Requests::NewId() {
  base::MutexLock lock(&mu_);
  return ids_.Next();
}

}  // namespace muster::lobby
