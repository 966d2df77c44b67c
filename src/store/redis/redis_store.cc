#include "store/redis/redis_store.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "lobby/records.h"
#include "store/batch_size.h"
#include "store/pending.h"
#include "store/redis/durability.h"

namespace muster::store::redis {
namespace {

constexpr std::string_view kRequests = "requests";
constexpr std::string_view kServers = "servers";
constexpr std::array<std::string_view, 8> kKeys = {kRequests, "revisions", "expiries", "pending",
                                                   kServers,  "settings",  "revision", "fence"};

// See scripts.h.
RedisArgs MakeKeys(const std::string& prefix) {
  RedisArgs keys;
  for (const std::string_view name : kKeys) keys.push_back(base::StrCat(prefix, name));
  return keys;
}

std::string MillisOf(base::Timestamp time) {
  return std::to_string(time.time_since_epoch().count());
}

// The server knows no limit beyond this, and none means all.
std::string LimitOf(size_t limit) {
  return std::to_string(std::min(limit, size_t{std::numeric_limits<int32_t>::max()}));
}

std::string TtlOf(std::chrono::milliseconds ttl) {
  return std::to_string(std::max(ttl, std::chrono::milliseconds(1)).count());
}

// client, revision to replace, record, expiry, pending.
void AppendRequest(const lobby::Request& request, RedisArgs* args) {
  lobby::Request record = request;
  record.revision = 0;
  args->push_back(request.client_id);
  args->push_back(std::to_string(request.revision));
  args->push_back(lobby::EncodeRequest(record));
  args->push_back(MillisOf(request.expires_at));
  args->emplace_back(IsPending(request.state) ? "1" : "0");
}

RedisArgs CommitArgs(const lobby::Lease& lease, const lobby::Batch& batch) {
  RedisArgs args;
  args.reserve(5 + 5 * batch.requests.size() + 2 * batch.removed_requests.size() +
               2 * batch.servers.size() + batch.removed_servers.size());
  args.push_back(std::to_string(lease.fence));
  args.push_back(std::to_string(batch.requests.size()));
  for (const lobby::Request& request : batch.requests) AppendRequest(request, &args);
  args.push_back(std::to_string(batch.removed_requests.size()));
  for (const lobby::Request& request : batch.removed_requests) {
    args.push_back(request.client_id);
    args.push_back(std::to_string(request.revision));
  }
  args.push_back(std::to_string(batch.servers.size()));
  for (const lobby::GameServer& server : batch.servers) {
    args.push_back(server.id);
    args.push_back(lobby::EncodeServer(server));
  }
  args.push_back(std::to_string(batch.removed_servers.size()));
  args.insert(args.end(), batch.removed_servers.begin(), batch.removed_servers.end());
  return args;
}

absl::Status NotPresent(const lobby::Lease& lease) {
  return absl::FailedPreconditionError(
      base::StrCat("lease ", lease.name, ": fence ", lease.fence, " is not the present one"));
}

}  // namespace

RedisStore::RedisStore(Options options, const base::Clock& clock)
    : options_(std::move(options)), keys_(MakeKeys(options_.prefix)), pool_(options_.pool, clock) {}

absl::StatusOr<RedisReply> RedisStore::Eval(const RedisScript& script, const RedisArgs& args) {
  return pool_.Eval(script, keys_, args);
}

absl::StatusOr<RedisReply> RedisStore::EvalWithLease(const RedisScript& script,
                                                     std::string_view lease,
                                                     const RedisArgs& args) {
  RedisArgs keys = keys_;
  keys.push_back(base::StrCat(options_.prefix, "lease:", lease));
  return pool_.Eval(script, keys, args);
}

std::optional<lobby::Request> RedisStore::Read(std::string_view client_id,
                                               std::string_view record) {
  absl::StatusOr<lobby::Request> request = lobby::DecodeRequest(record);
  if (request.ok() && request->client_id == client_id && request->revision > 0) {
    return *std::move(request);
  }
  ++unreadable_records_;
  return std::nullopt;
}

absl::StatusOr<std::optional<lobby::Request>> RedisStore::FindRequest(std::string_view client_id) {
  MUSTER_ASSIGN_OR_RETURN(
      const RedisReply reply,
      pool_.Call({"HGET", base::StrCat(options_.prefix, kRequests), std::string(client_id)}));
  if (reply.value().is_nil()) return std::optional<lobby::Request>();
  return Read(client_id, reply.value().text());
}

absl::StatusOr<RedisReply> RedisStore::Write(const lobby::Request& request,
                                             std::string_view unreadable) {
  RedisArgs args;
  AppendRequest(request, &args);
  args.push_back(std::to_string(options_.max_pending));
  if (!unreadable.empty()) args.emplace_back(unreadable);
  return Eval(Scripts::Write(), args);
}

absl::StatusOr<lobby::Request> RedisStore::WriteRequest(const lobby::Request& request) {
  MUSTER_ASSIGN_OR_RETURN(RedisReply reply, Write(request, ""));
  const std::string present(reply.value()[1].text());
  if (reply.value()[0].text() == "conflict" && request.revision == 0 &&
      !Read(request.client_id, present)) {
    MUSTER_ASSIGN_OR_RETURN(reply, Write(request, present));
  }
  const std::string_view outcome = reply.value()[0].text();
  if (outcome == "full") {
    return absl::ResourceExhaustedError(
        base::StrCat("store: ", options_.max_pending, " requests are waiting, no more may"));
  }
  if (outcome != "written") {
    return absl::AbortedError(base::StrCat("request of ", request.client_id, ": revision ",
                                           request.revision, " is not the one that is there"));
  }
  lobby::Request written = request;
  written.revision = reply.value()[1].integer();
  return written;
}

absl::StatusOr<std::vector<lobby::Request>> RedisStore::RequestsAfter(int64_t revision,
                                                                      size_t limit) {
  std::vector<lobby::Request> requests;
  // More than once only when some of them could not be read.
  while (requests.size() < limit) {
    const size_t wanted = limit - requests.size();
    MUSTER_ASSIGN_OR_RETURN(const RedisReply reply,
                            Eval(Scripts::After(), {std::to_string(revision), LimitOf(wanted)}));
    const RedisValue rows = reply.value();
    for (size_t i = 0; i < rows.size(); ++i) {
      revision = rows[i][1].integer();
      if (auto request = Read(rows[i][0].text(), rows[i][2].text())) {
        requests.push_back(*std::move(request));
      }
    }
    if (rows.size() < wanted) break;
  }
  return requests;
}

absl::StatusOr<std::vector<lobby::Request>> RedisStore::ExpiredRequests(base::Timestamp now,
                                                                        size_t limit) {
  while (true) {
    MUSTER_ASSIGN_OR_RETURN(const RedisReply reply,
                            Eval(Scripts::Expired(), {MillisOf(now), LimitOf(limit)}));
    const RedisValue rows = reply.value();
    std::vector<lobby::Request> requests;
    requests.reserve(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      const std::string_view client_id = rows[i][0].text();
      const std::string_view record = rows[i][1].text();
      if (auto request = Read(client_id, record)) {
        requests.push_back(*std::move(request));
        continue;
      }
      MUSTER_RETURN_IF_ERROR(
          Eval(Scripts::RemoveUnreadable(), {std::string(client_id), std::string(record)})
              .status());
    }
    if (requests.size() == rows.size()) return requests;
  }
}

absl::StatusOr<std::vector<lobby::GameServer>> RedisStore::Servers() {
  MUSTER_ASSIGN_OR_RETURN(const RedisReply reply,
                          pool_.Call({"HGETALL", base::StrCat(options_.prefix, kServers)}));
  const RedisValue rows = reply.value();
  std::vector<lobby::GameServer> servers;
  servers.reserve(rows.size() / 2);
  for (size_t i = 0; i + 1 < rows.size(); i += 2) {
    absl::StatusOr<lobby::GameServer> server = lobby::DecodeServer(rows[i + 1].text());
    if (server.ok() && server->id == rows[i].text()) {
      servers.push_back(*std::move(server));
    } else {
      ++unreadable_records_;
    }
  }
  return servers;
}

absl::StatusOr<std::vector<int64_t>> RedisStore::Commit(const lobby::Lease& lease,
                                                        const lobby::Batch& batch) {
  MUSTER_RETURN_IF_ERROR(CheckSize(batch));
  MUSTER_ASSIGN_OR_RETURN(const RedisReply reply,
                          EvalWithLease(Scripts::Commit(), lease.name, CommitArgs(lease, batch)));
  if (reply.value().is_nil()) return NotPresent(lease);
  std::vector<int64_t> revisions(batch.requests.size());
  for (size_t i = 0; i < revisions.size(); ++i) revisions[i] = reply.value()[i].integer();
  return revisions;
}

absl::StatusOr<std::optional<lobby::Lease>> RedisStore::AcquireLease(
    std::string_view name, std::chrono::milliseconds ttl) {
  MUSTER_ASSIGN_OR_RETURN(const RedisReply reply,
                          EvalWithLease(Scripts::AcquireLease(), name, {TtlOf(ttl)}));
  if (reply.value().is_nil()) return std::optional<lobby::Lease>();
  return lobby::Lease{.name = std::string(name), .fence = reply.value().integer()};
}

absl::Status RedisStore::RenewLease(const lobby::Lease& lease, std::chrono::milliseconds ttl) {
  MUSTER_ASSIGN_OR_RETURN(
      const RedisReply reply,
      EvalWithLease(Scripts::RenewLease(), lease.name, {std::to_string(lease.fence), TtlOf(ttl)}));
  return reply.value().integer() == 1 ? absl::OkStatus() : NotPresent(lease);
}

absl::Status RedisStore::ReleaseLease(const lobby::Lease& lease) {
  return EvalWithLease(Scripts::ReleaseLease(), lease.name, {std::to_string(lease.fence)}).status();
}

absl::StatusOr<std::string> RedisStore::Setting(std::string_view name, std::string_view initial) {
  MUSTER_ASSIGN_OR_RETURN(const RedisReply reply,
                          Eval(Scripts::Setting(), {std::string(name), std::string(initial)}));
  return std::string(reply.value().text());
}

absl::Status RedisStore::Check() {
  return pool_.Call({"SET", base::StrCat(options_.prefix, "check"), "", "PX", "1000"}).status();
}

absl::StatusOr<std::vector<std::string>> RedisStore::DurabilityProblems() const {
  return redis::DurabilityProblems(options_.pool.connection);
}

}  // namespace muster::store::redis
