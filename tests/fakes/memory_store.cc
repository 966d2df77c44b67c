#include "tests/fakes/memory_store.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "store/batch_size.h"
#include "store/pending.h"

namespace muster::fakes {
namespace {

using lobby::Lease;
using lobby::Request;

absl::Status NotPresent(const Lease& lease) {
  return absl::FailedPreconditionError(base::StrCat("lease ", lease.name, " is not present"));
}

// The first `limit` of those that `wanted` says yes to, in the order of `key`.
template <typename Requests, typename Wanted, typename Key>
std::vector<Request> Select(const Requests& requests, const Wanted& wanted, const Key& key,
                            size_t limit) {
  std::vector<Request> selected;
  selected.reserve(requests.size());
  for (const auto& [client_id, request] : requests) {
    if (wanted(request)) selected.push_back(request);
  }
  std::sort(selected.begin(), selected.end(),
            [&key](const Request& a, const Request& b) { return key(a) < key(b); });
  if (selected.size() > limit) selected.resize(limit);
  return selected;
}

}  // namespace

void MemoryStore::FailNext(absl::Status status) {
  base::MutexLock lock(&mu_);
  next_failure_ = std::move(status);
}

void MemoryStore::CrashAfter(int64_t calls) {
  base::MutexLock lock(&mu_);
  calls_left_ = calls;
}

void MemoryStore::Recover() {
  base::MutexLock lock(&mu_);
  next_failure_ = absl::OkStatus();
  calls_left_ = std::numeric_limits<int64_t>::max();
}

int64_t MemoryStore::calls() const {
  base::MutexLock lock(&mu_);
  return calls_;
}

absl::Status MemoryStore::Enter() {
  ++calls_;
  if (calls_left_ == 0) return absl::UnavailableError("the store has crashed");
  --calls_left_;
  return std::exchange(next_failure_, absl::OkStatus());
}

int64_t MemoryStore::CountPending() const {
  return std::count_if(requests_.begin(), requests_.end(),
                       [](const auto& entry) { return store::IsPending(entry.second.state); });
}

int64_t MemoryStore::RevisionOf(std::string_view client_id) const {
  const auto found = requests_.find(client_id);
  return found == requests_.end() ? 0 : found->second.revision;
}

int64_t MemoryStore::Put(Request request) {
  request.revision = ++last_revision_;
  requests_[request.client_id] = std::move(request);
  return last_revision_;
}

MemoryStore::LatestLease* MemoryStore::FindPresent(const Lease& lease) {
  const auto found = leases_.find(lease.name);
  if (found == leases_.end() || found->second.fence != lease.fence) return nullptr;
  return clock_.MonotonicNow() < found->second.until ? &found->second : nullptr;
}

absl::StatusOr<std::optional<Request>> MemoryStore::FindRequest(std::string_view client_id) {
  base::MutexLock lock(&mu_);
  MUSTER_RETURN_IF_ERROR(Enter());
  const auto found = requests_.find(client_id);
  if (found == requests_.end()) return std::nullopt;
  return found->second;
}

absl::StatusOr<Request> MemoryStore::WriteRequest(const Request& request) {
  base::MutexLock lock(&mu_);
  MUSTER_RETURN_IF_ERROR(Enter());
  if (RevisionOf(request.client_id) != request.revision) {
    return absl::AbortedError(
        base::StrCat("another record of client ", request.client_id, " is there"));
  }
  const auto present = requests_.find(request.client_id);
  const bool waited = present != requests_.end() && store::IsPending(present->second.state);
  if (store::IsPending(request.state) && !waited && CountPending() >= max_pending_) {
    return absl::ResourceExhaustedError(base::StrCat(max_pending_, " requests wait already"));
  }
  Request written = request;
  written.revision = Put(request);
  return written;
}

absl::StatusOr<std::vector<Request>> MemoryStore::RequestsAfter(int64_t revision, size_t limit) {
  base::MutexLock lock(&mu_);
  MUSTER_RETURN_IF_ERROR(Enter());
  return Select(
      requests_, [revision](const Request& request) { return request.revision > revision; },
      [](const Request& request) { return request.revision; }, limit);
}

absl::StatusOr<std::vector<Request>> MemoryStore::ExpiredRequests(base::Timestamp now,
                                                                  size_t limit) {
  base::MutexLock lock(&mu_);
  MUSTER_RETURN_IF_ERROR(Enter());
  return Select(
      requests_, [now](const Request& request) { return request.expires_at <= now; },
      [](const Request& request) { return request.expires_at; }, limit);
}

absl::StatusOr<std::vector<lobby::GameServer>> MemoryStore::Servers() {
  base::MutexLock lock(&mu_);
  MUSTER_RETURN_IF_ERROR(Enter());
  std::vector<lobby::GameServer> servers;
  servers.reserve(servers_.size());
  for (const auto& [id, server] : servers_) servers.push_back(server);
  return servers;
}

absl::StatusOr<std::vector<int64_t>> MemoryStore::Commit(const Lease& lease,
                                                         const lobby::Batch& batch) {
  base::MutexLock lock(&mu_);
  MUSTER_RETURN_IF_ERROR(Enter());
  MUSTER_RETURN_IF_ERROR(store::CheckSize(batch));
  if (FindPresent(lease) == nullptr) return NotPresent(lease);
  std::vector<int64_t> revisions;
  revisions.reserve(batch.requests.size());
  for (const Request& request : batch.requests) {
    const bool writable = RevisionOf(request.client_id) == request.revision;
    revisions.push_back(writable ? Put(request) : 0);
  }
  for (const Request& request : batch.removed_requests) {
    if (RevisionOf(request.client_id) == request.revision) requests_.erase(request.client_id);
  }
  for (const lobby::GameServer& server : batch.servers) servers_[server.id] = server;
  for (const std::string& id : batch.removed_servers) servers_.erase(id);
  return revisions;
}

absl::StatusOr<std::optional<Lease>> MemoryStore::AcquireLease(std::string_view name,
                                                               std::chrono::milliseconds ttl) {
  base::MutexLock lock(&mu_);
  MUSTER_RETURN_IF_ERROR(Enter());
  LatestLease& latest = leases_[std::string(name)];
  const base::MonotonicTime now = clock_.MonotonicNow();
  if (now < latest.until) return std::nullopt;
  latest = {.fence = latest.fence + 1, .until = now + ttl};
  return Lease{.name = std::string(name), .fence = latest.fence};
}

absl::Status MemoryStore::RenewLease(const Lease& lease, std::chrono::milliseconds ttl) {
  base::MutexLock lock(&mu_);
  MUSTER_RETURN_IF_ERROR(Enter());
  LatestLease* present = FindPresent(lease);
  if (present == nullptr) return NotPresent(lease);
  present->until = clock_.MonotonicNow() + ttl;
  return absl::OkStatus();
}

absl::Status MemoryStore::ReleaseLease(const Lease& lease) {
  base::MutexLock lock(&mu_);
  MUSTER_RETURN_IF_ERROR(Enter());
  LatestLease* present = FindPresent(lease);
  if (present != nullptr) present->until = clock_.MonotonicNow();
  return absl::OkStatus();
}

absl::StatusOr<std::string> MemoryStore::Setting(std::string_view name, std::string_view initial) {
  base::MutexLock lock(&mu_);
  MUSTER_RETURN_IF_ERROR(Enter());
  return settings_.try_emplace(std::string(name), initial).first->second;
}

absl::Status MemoryStore::Check() {
  base::MutexLock lock(&mu_);
  return Enter();
}

}  // namespace muster::fakes
