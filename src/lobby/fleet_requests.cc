#include "lobby/fleet_requests.h"

#include <tuple>
#include <utility>

namespace muster::lobby {

namespace {

bool NeedsWrite(const FleetRequest& request) {
  return !request.stale &&
         (request.stage == RequestStage::kHeld || request.stage == RequestStage::kFailing ||
          request.stage == RequestStage::kRemoving);
}

}  // namespace

bool FleetRequests::Older::operator()(const FleetRequest* a, const FleetRequest* b) const {
  return std::tie(a->record.created_at, a->record.client_id) <
         std::tie(b->record.created_at, b->record.client_id);
}

FleetRequest* FleetRequests::Find(std::string_view client_id) {
  const auto it = requests_.find(client_id);
  return it == requests_.end() ? nullptr : it->second.get();
}

FleetRequest& FleetRequests::Add(const Request& record) {
  auto request = std::make_unique<FleetRequest>();
  request->record = record;
  FleetRequest& added = *request;
  requests_[record.client_id] = std::move(request);
  return added;
}

void FleetRequests::Erase(FleetRequest& request) {
  line_.erase(&request);
  requests_.erase(requests_.find(request.record.client_id));
}

void FleetRequests::Renew(FleetRequest& request, const Request& record) {
  // The line is ordered by what the record says.
  const bool waits = line_.erase(&request) > 0;
  request.record = record;
  request.stale = false;
  if (waits) line_.insert(&request);
  if (NeedsWrite(request)) to_write_.push_back(request.record.client_id);
}

void FleetRequests::Move(FleetRequest& request, RequestStage stage) {
  request.stage = stage;
  if (stage == RequestStage::kWaiting) {
    request.server_id.clear();
    line_.insert(&request);
  } else {
    line_.erase(&request);
  }
  if (NeedsWrite(request)) to_write_.push_back(request.record.client_id);
}

FleetRequest* FleetRequests::NextToWrite() {
  while (!to_write_.empty()) {
    FleetRequest* request = Find(to_write_.front());
    to_write_.pop_front();
    if (request != nullptr && NeedsWrite(*request)) return request;
  }
  return nullptr;
}

}  // namespace muster::lobby
