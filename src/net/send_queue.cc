#include "net/send_queue.h"

namespace muster::net {

bool SendQueue::Add(SendJob&& job) {
  const auto found = hosts_.find(job.endpoint);
  const size_t host_in_flight = found == hosts_.end() ? 0 : found->second.in_flight;
  const bool room = in_flight_ < limits_.max_in_flight && host_in_flight < limits_.max_per_host;
  if (!room && waiting() >= limits_.max_waiting) return false;
  HostEntry& entry = found == hosts_.end() ? *hosts_.try_emplace(job.endpoint).first : *found;
  if (room) {
    // Nobody is passed over: where there is room, nothing waits.
    Admit(&entry.second, std::move(job));
    return true;
  }
  const uint64_t number = ++last_number_;
  deadlines_.emplace(Deadline(job.deadline, number), &entry);
  entry.second.waiting.emplace(number, std::move(job));
  Settle(&entry);
  return true;
}

void SendQueue::Admit(Host* host, SendJob job) {
  ++in_flight_;
  ++host->in_flight;
  admitted_.push_back(std::move(job));
}

std::optional<SendJob> SendQueue::TakeAdmitted() {
  if (admitted_.empty()) return std::nullopt;
  SendJob job = std::move(admitted_.front());
  admitted_.pop_front();
  return job;
}

void SendQueue::Finished(const std::string& endpoint) {
  HostEntry& entry = *hosts_.find(endpoint);
  --in_flight_;
  --entry.second.in_flight;
  Settle(&entry);
  AdmitWaiting();
}

void SendQueue::AdmitWaiting() {
  while (in_flight_ < limits_.max_in_flight && !turns_.empty()) {
    HostEntry* const entry = turns_.begin()->second;
    Host& host = entry->second;
    Admit(&host, TakeWaiting(entry, host.waiting.begin()->first));
    // It goes behind the others.
    turns_.erase(host.turn);
    host.turn = 0;
    Settle(entry);
  }
}

SendJob SendQueue::TakeWaiting(HostEntry* entry, uint64_t number) {
  auto node = entry->second.waiting.extract(number);
  deadlines_.erase(Deadline(node.mapped().deadline, number));
  return std::move(node.mapped());
}

void SendQueue::Settle(HostEntry* entry) {
  Host& host = entry->second;
  const bool wants_turn = !host.waiting.empty() && host.in_flight < limits_.max_per_host;
  if (wants_turn && host.turn == 0) {
    host.turn = ++last_number_;
    turns_.emplace(host.turn, entry);
  } else if (!wants_turn && host.turn != 0) {
    turns_.erase(host.turn);
    host.turn = 0;
  }
  if (host.in_flight == 0 && host.waiting.empty()) hosts_.erase(hosts_.find(entry->first));
}

std::vector<SendJob> SendQueue::TakeExpired(base::MonotonicTime now) {
  std::vector<SendJob> expired;
  while (!deadlines_.empty() && deadlines_.begin()->first.first <= now) {
    const auto [deadline, entry] = *deadlines_.begin();
    expired.push_back(TakeWaiting(entry, deadline.second));
    Settle(entry);
  }
  return expired;
}

std::optional<base::MonotonicTime> SendQueue::next_deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first.first;
}

std::vector<SendJob> SendQueue::TakeAll() {
  std::vector<SendJob> all;
  all.reserve(admitted_.size() + waiting());
  while (std::optional<SendJob> job = TakeAdmitted()) {
    Finished(job->endpoint);
    all.push_back(*std::move(job));
  }
  for (SendJob& job : TakeExpired(base::MonotonicTime::max())) all.push_back(std::move(job));
  return all;
}

}  // namespace muster::net
