#include "lobby/fleet_inbox.h"

#include <utility>

namespace muster::lobby {

namespace {

// Servers that changed, at most: the next look comes soon anyhow.
constexpr size_t kMaxChanged = 10'000;

}  // namespace

void FleetInbox::Wake() {
  has_mail_ = true;
  wake_.Signal();
}

void FleetInbox::Post(int64_t fleet, Event event) {
  base::MutexLock lock(&mu_);
  mail_.items.push_back({.fleet = fleet, .event = std::move(event)});
  Wake();
}

void FleetInbox::PostWork(std::string_view payload) {
  if (payload.empty()) return Tell(&Mail::work);
  if (payload == kLeaseIsFree) return Tell(&Mail::lease);
  base::MutexLock lock(&mu_);
  if (mail_.changed.size() < kMaxChanged) mail_.changed.emplace(payload);
  Wake();
}

void FleetInbox::PostGap() {
  Tell(&Mail::work);
  Tell(&Mail::lease);
}

void FleetInbox::PostList() { Tell(&Mail::list); }

void FleetInbox::PostStop() { Tell(&Mail::stop); }

void FleetInbox::Tell(bool Mail::*what) {
  base::MutexLock lock(&mu_);
  mail_.*what = true;
  Wake();
}

FleetInbox::Mail FleetInbox::Await(std::chrono::milliseconds timeout) {
  base::MutexLock lock(&mu_);
  // Waking too early is no harm: the loop looks at the time.
  if (!has_mail_ && timeout > std::chrono::milliseconds(0)) wake_.WaitFor(&mu_, timeout);
  has_mail_ = false;
  Mail mail = std::exchange(mail_, {});
  mail_.stop = mail.stop;
  return mail;
}

}  // namespace muster::lobby
