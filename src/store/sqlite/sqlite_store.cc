#include "store/sqlite/sqlite_store.h"

#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "lobby/records.h"
#include "store/batch_size.h"
#include "store/pending.h"
#include "store/sqlite/schema.h"

namespace muster::store::sqlite {
namespace {

constexpr std::string_view kInMemory = ":memory:";
constexpr int64_t kAnyNumber = std::numeric_limits<int64_t>::max();

int64_t Milliseconds(base::Timestamp time) { return time.time_since_epoch().count(); }

RequestRow RowOf(const lobby::Request& request) {
  lobby::Request record = request;
  // Known only when it is written, and kept beside the record.
  record.revision = 0;
  return {.client_id = request.client_id,
          .pending = IsPending(request.state),
          .expires_at_ms = Milliseconds(request.expires_at),
          .record = lobby::EncodeRequest(record)};
}

absl::Status NotPresent(const lobby::Lease& lease) {
  return absl::FailedPreconditionError(
      base::StrCat("store: fence ", lease.fence, " of lease ", lease.name, " is not present"));
}

// One name for one file, however it was written; two lobbies must meet at its lock. Never one that
// SQLite takes for a URI.
absl::StatusOr<std::string> FullPath(const std::string& path) {
  if (path.empty()) return absl::InvalidArgumentError("store: the path is empty");
  std::error_code error;
  const auto full = std::filesystem::weakly_canonical(std::filesystem::absolute(path), error);
  if (!error) return full.string();
  return absl::UnavailableError(base::StrCat("store ", path, ": ", error.message()));
}

absl::StatusOr<std::unique_ptr<Writer>> StartWriter(const std::string& path, int64_t max_bytes) {
  MUSTER_ASSIGN_OR_RETURN(Connection connection, Connection::Open(path));
  MUSTER_RETURN_IF_ERROR(PrepareDatabase(connection, max_bytes));
  return Writer::Start(std::make_unique<Tables>(std::move(connection)));
}

// What a batch writes, as rows that are made before the writer has to wait for them.
struct EncodedBatch {
  explicit EncodedBatch(const lobby::Batch& batch) {
    requests.reserve(batch.requests.size());
    for (const lobby::Request& request : batch.requests) requests.push_back(RowOf(request));
    servers.reserve(batch.servers.size());
    for (const lobby::GameServer& server : batch.servers) {
      servers.push_back(lobby::EncodeServer(server));
    }
  }

  std::vector<RequestRow> requests;
  std::vector<std::string> servers;
};

// The new revisions, 0 for those that found another record.
absl::StatusOr<std::vector<int64_t>> WriteBatch(Transaction& transaction, const lobby::Batch& batch,
                                                EncodedBatch& encoded) {
  std::vector<int64_t> revisions;
  revisions.reserve(batch.requests.size());
  for (size_t i = 0; i < batch.requests.size(); ++i) {
    RequestRow& row = encoded.requests[i];
    MUSTER_ASSIGN_OR_RETURN(const auto outcome,
                            transaction.WriteRequest(row, batch.requests[i].revision, kAnyNumber));
    revisions.push_back(outcome == Transaction::Outcome::kWritten ? row.revision : 0);
  }
  for (const lobby::Request& removed : batch.removed_requests) {
    MUSTER_RETURN_IF_ERROR(transaction.RemoveRequest(removed.client_id, removed.revision));
  }
  for (size_t i = 0; i < batch.servers.size(); ++i) {
    MUSTER_RETURN_IF_ERROR(transaction.tables().PutServer(batch.servers[i].id, encoded.servers[i]));
  }
  for (const std::string& id : batch.removed_servers) {
    MUSTER_RETURN_IF_ERROR(transaction.tables().RemoveServer(id));
  }
  return revisions;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(const Options& options,
                                                               const base::Clock& clock) {
  std::optional<FileLock> lock;
  std::unique_ptr<ReaderPool> readers;
  std::unique_ptr<Writer> writer;
  if (options.path == kInMemory) {
    MUSTER_ASSIGN_OR_RETURN(writer, StartWriter(options.path, options.max_bytes));
  } else {
    MUSTER_ASSIGN_OR_RETURN(const std::string path, FullPath(options.path));
    MUSTER_ASSIGN_OR_RETURN(FileLock taken, FileLock::Take(path));
    lock.emplace(std::move(taken));
    MUSTER_ASSIGN_OR_RETURN(writer, StartWriter(path, options.max_bytes));
    MUSTER_ASSIGN_OR_RETURN(readers, ReaderPool::Open(path, options.readers));
  }
  // Its constructor is private; the pointer owns it.
  return std::unique_ptr<SqliteStore>(new SqliteStore(
      std::move(lock), std::move(writer), std::move(readers), options.max_pending, clock));
}

SqliteStore::SqliteStore(std::optional<FileLock> lock, std::unique_ptr<Writer> writer,
                         std::unique_ptr<ReaderPool> readers, int64_t max_pending,
                         const base::Clock& clock)
    : max_pending_(max_pending),
      clock_(clock),
      lock_(std::move(lock)),
      writer_(std::move(writer)),
      readers_(std::move(readers)) {}

absl::Status SqliteStore::Read(absl::FunctionRef<absl::Status(Tables& tables)> read) {
  if (readers_ == nullptr) {
    return writer_->Run([&](Transaction& transaction) { return read(transaction.tables()); });
  }
  const absl::Status status = readers_->Run(read);
  return status.ok() ? status : absl::UnavailableError(status.message());
}

std::optional<lobby::Request> SqliteStore::Decode(int64_t revision, std::string_view record) {
  absl::StatusOr<lobby::Request> request = lobby::DecodeRequest(record);
  if (!request.ok()) {
    ++unreadable_records_;
    return std::nullopt;
  }
  request->revision = revision;
  return *std::move(request);
}

absl::StatusOr<std::optional<lobby::Request>> SqliteStore::FindRequest(std::string_view client_id) {
  std::optional<RequestRow> row;
  const auto find = [&](Tables& tables) -> absl::Status {
    MUSTER_ASSIGN_OR_RETURN(row, tables.FindRequest(client_id));
    return absl::OkStatus();
  };
  MUSTER_RETURN_IF_ERROR(Read(find));
  if (!row) return std::nullopt;
  return Decode(row->revision, row->record);
}

absl::StatusOr<lobby::Request> SqliteStore::WriteRequest(const lobby::Request& request) {
  RequestRow row = RowOf(request);
  Transaction::Outcome outcome{};
  const auto write = [&](Transaction& transaction) -> absl::Status {
    MUSTER_ASSIGN_OR_RETURN(outcome, transaction.WriteRequest(row, request.revision, max_pending_));
    return absl::OkStatus();
  };
  MUSTER_RETURN_IF_ERROR(writer_->Run(write));
  switch (outcome) {
    case Transaction::Outcome::kOtherRecord:
      return absl::AbortedError(
          base::StrCat("store: another record of client ", request.client_id, " is there"));
    case Transaction::Outcome::kTooManyPending:
      return absl::ResourceExhaustedError(
          base::StrCat("store: ", max_pending_, " requests wait already"));
    case Transaction::Outcome::kWritten:
      break;
  }
  lobby::Request written = request;
  written.revision = row.revision;
  return written;
}

absl::StatusOr<std::vector<lobby::Request>> SqliteStore::RequestsAfter(int64_t revision,
                                                                       size_t limit) {
  std::vector<lobby::Request> requests;
  const auto add = [&](int64_t found_revision, std::string_view record) {
    if (auto request = Decode(found_revision, record)) requests.push_back(*std::move(request));
    return requests.size() < limit;
  };
  if (limit > 0) {
    MUSTER_RETURN_IF_ERROR(
        Read([&](Tables& tables) { return tables.RequestsAfter(revision, add); }));
  }
  return requests;
}

absl::StatusOr<std::vector<lobby::Request>> SqliteStore::ExpiredRequests(base::Timestamp now,
                                                                         size_t limit) {
  while (limit > 0) {
    std::vector<lobby::Request> requests;
    std::vector<int64_t> unreadable;
    const auto add = [&](int64_t revision, std::string_view record) {
      if (auto request = Decode(revision, record)) {
        requests.push_back(*std::move(request));
      } else {
        unreadable.push_back(revision);
      }
      return requests.size() + unreadable.size() < limit;
    };
    MUSTER_RETURN_IF_ERROR(
        Read([&](Tables& tables) { return tables.ExpiredRequests(Milliseconds(now), add); }));
    if (unreadable.empty()) return requests;
    MUSTER_RETURN_IF_ERROR(Remove(unreadable));
  }
  return std::vector<lobby::Request>();
}

absl::Status SqliteStore::Remove(const std::vector<int64_t>& revisions) {
  return writer_->Run([&](Transaction& transaction) -> absl::Status {
    for (const int64_t revision : revisions) {
      MUSTER_RETURN_IF_ERROR(transaction.RemoveRevision(revision));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<lobby::GameServer>> SqliteStore::Servers() {
  std::vector<lobby::GameServer> servers;
  const auto add = [&](int64_t /*revision*/, std::string_view record) {
    absl::StatusOr<lobby::GameServer> server = lobby::DecodeServer(record);
    if (server.ok()) {
      servers.push_back(*std::move(server));
    } else {
      ++unreadable_records_;
    }
    return true;
  };
  MUSTER_RETURN_IF_ERROR(Read([&](Tables& tables) { return tables.Servers(add); }));
  return servers;
}

absl::StatusOr<std::vector<int64_t>> SqliteStore::Commit(const lobby::Lease& lease,
                                                         const lobby::Batch& batch) {
  MUSTER_RETURN_IF_ERROR(CheckSize(batch));
  EncodedBatch encoded(batch);
  bool present = false;
  std::vector<int64_t> revisions;
  const auto write = [&](Transaction& transaction) -> absl::Status {
    present = transaction.IsPresent(lease, clock_.MonotonicNow());
    if (!present) return absl::OkStatus();
    MUSTER_ASSIGN_OR_RETURN(revisions, WriteBatch(transaction, batch, encoded));
    return absl::OkStatus();
  };
  MUSTER_RETURN_IF_ERROR(writer_->Run(write));
  if (!present) return NotPresent(lease);
  return revisions;
}

absl::StatusOr<std::optional<lobby::Lease>> SqliteStore::AcquireLease(
    std::string_view name, std::chrono::milliseconds ttl) {
  std::optional<lobby::Lease> lease;
  const auto acquire = [&](Transaction& transaction) -> absl::Status {
    MUSTER_ASSIGN_OR_RETURN(lease, transaction.AcquireLease(name, clock_.MonotonicNow(), ttl));
    return absl::OkStatus();
  };
  MUSTER_RETURN_IF_ERROR(writer_->Run(acquire));
  return lease;
}

absl::Status SqliteStore::RenewLease(const lobby::Lease& lease, std::chrono::milliseconds ttl) {
  bool present = false;
  const auto renew = [&](Transaction& transaction) {
    const base::MonotonicTime now = clock_.MonotonicNow();
    present = transaction.IsPresent(lease, now);
    if (present) transaction.ExtendLease(lease, now + ttl);
    return absl::OkStatus();
  };
  MUSTER_RETURN_IF_ERROR(writer_->Run(renew));
  return present ? absl::OkStatus() : NotPresent(lease);
}

absl::Status SqliteStore::ReleaseLease(const lobby::Lease& lease) {
  return writer_->Run([&](Transaction& transaction) {
    const base::MonotonicTime now = clock_.MonotonicNow();
    if (transaction.IsPresent(lease, now)) transaction.ExtendLease(lease, now);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::string> SqliteStore::Setting(std::string_view name, std::string_view initial) {
  std::string value;
  const auto get = [&](Transaction& transaction) -> absl::Status {
    MUSTER_ASSIGN_OR_RETURN(value, transaction.tables().Setting(name, initial));
    return absl::OkStatus();
  };
  MUSTER_RETURN_IF_ERROR(writer_->Run(get));
  return value;
}

absl::Status SqliteStore::Check() {
  return writer_->Run([](Transaction& transaction) { return transaction.tables().CountCheck(); });
}

}  // namespace muster::store::sqlite
