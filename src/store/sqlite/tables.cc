#include "store/sqlite/tables.h"

#include <utility>

#include "base/status_macros.h"

namespace muster::store::sqlite {
namespace {

// The log is copied when it has grown by so many pages of 4 KiB, as far as readers allow. It starts
// anew with the next commit that finds no reader.
constexpr int kCheckpointPages = 1000;
// From so many on readers are waited for, so that the log starts anew however many there are.
constexpr int kLongLogPages = 4 * kCheckpointPages;

// Each row: a revision and a record.
absl::Status ForEach(Query& query, Tables::OnRecord on_record) {
  while (true) {
    MUSTER_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found || !on_record(query.Int(0), query.Text(1))) return absl::OkStatus();
  }
}

absl::StatusOr<int64_t> Number(Statement& statement) {
  Query query(statement);
  MUSTER_ASSIGN_OR_RETURN(const bool found, query.Next());
  return found ? query.Int(0) : 0;
}

int OnCommit(void* log_pages, sqlite3* /*handle*/, const char* /*schema*/, int pages) {
  *static_cast<int*>(log_pages) = pages;
  return SQLITE_OK;
}

}  // namespace

Tables::Tables(Connection connection)
    : connection_(std::move(connection)),
      find_request_(connection_,
                    "SELECT revision, pending, expires_at, record FROM requests"
                    " WHERE client_id = ?"),
      requests_after_(connection_,
                      "SELECT revision, record FROM requests WHERE revision > ?"
                      " ORDER BY revision"),
      expired_requests_(connection_,
                        "SELECT revision, record FROM requests WHERE expires_at <= ?"
                        " ORDER BY expires_at, revision"),
      insert_request_(connection_,
                      "INSERT INTO requests (client_id, revision, pending, expires_at, record)"
                      " VALUES (?, ?, ?, ?, ?)"),
      update_request_(connection_,
                      "UPDATE requests SET revision = ?2, pending = ?3, expires_at = ?4,"
                      " record = ?5 WHERE client_id = ?1"),
      remove_request_(connection_, "DELETE FROM requests WHERE client_id = ?"),
      remove_revision_(connection_, "DELETE FROM requests WHERE revision = ? RETURNING pending"),
      count_pending_(connection_, "SELECT count(*) FROM requests WHERE pending"),
      servers_(connection_, "SELECT 0, record FROM servers ORDER BY id"),
      put_server_(connection_, "INSERT OR REPLACE INTO servers (id, record) VALUES (?, ?)"),
      remove_server_(connection_, "DELETE FROM servers WHERE id = ?"),
      last_revision_(connection_, "SELECT last_revision FROM counts"),
      set_last_revision_(connection_, "UPDATE counts SET last_revision = ?"),
      count_check_(connection_, "UPDATE counts SET checks = checks + 1"),
      fences_(connection_, "SELECT fence, name FROM fences"),
      set_fence_(connection_, "INSERT OR REPLACE INTO fences (name, fence) VALUES (?, ?)"),
      add_setting_(connection_, "INSERT OR IGNORE INTO settings (name, value) VALUES (?, ?)"),
      setting_(connection_, "SELECT value FROM settings WHERE name = ?"),
      begin_(connection_, "BEGIN IMMEDIATE"),
      commit_(connection_, "COMMIT"),
      roll_back_(connection_, "ROLLBACK") {
  sqlite3_wal_hook(connection_.handle(), &OnCommit, &log_pages_);
}

absl::StatusOr<std::optional<RequestRow>> Tables::FindRequest(std::string_view client_id) {
  Query query(find_request_, client_id);
  MUSTER_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return std::nullopt;
  return RequestRow{.revision = query.Int(0),
                    .client_id = std::string(client_id),
                    .pending = query.Int(1) != 0,
                    .expires_at_ms = query.Int(2),
                    .record = std::string(query.Text(3))};
}

absl::Status Tables::RequestsAfter(int64_t revision, OnRecord on_record) {
  Query query(requests_after_, revision);
  return ForEach(query, on_record);
}

absl::Status Tables::ExpiredRequests(int64_t now_ms, OnRecord on_record) {
  Query query(expired_requests_, now_ms);
  return ForEach(query, on_record);
}

absl::Status Tables::InsertRequest(const RequestRow& row) {
  return Run(insert_request_, row.client_id, row.revision, int64_t{row.pending}, row.expires_at_ms,
             row.record);
}

absl::Status Tables::UpdateRequest(const RequestRow& row) {
  return Run(update_request_, row.client_id, row.revision, int64_t{row.pending}, row.expires_at_ms,
             row.record);
}

absl::Status Tables::RemoveRequest(std::string_view client_id) {
  return Run(remove_request_, client_id);
}

absl::StatusOr<bool> Tables::RemoveRevision(int64_t revision) {
  Query query(remove_revision_, revision);
  MUSTER_ASSIGN_OR_RETURN(const bool found, query.Next());
  return found && query.Int(0) != 0;
}

absl::StatusOr<int64_t> Tables::CountPending() { return Number(count_pending_); }

absl::Status Tables::Servers(OnRecord on_record) {
  Query query(servers_);
  return ForEach(query, on_record);
}

absl::Status Tables::PutServer(std::string_view id, std::string_view record) {
  return Run(put_server_, id, record);
}

absl::Status Tables::RemoveServer(std::string_view id) { return Run(remove_server_, id); }

absl::StatusOr<int64_t> Tables::LastRevision() { return Number(last_revision_); }

absl::Status Tables::SetLastRevision(int64_t revision) { return Run(set_last_revision_, revision); }

absl::Status Tables::CountCheck() { return Run(count_check_); }

absl::StatusOr<std::map<std::string, int64_t, std::less<>>> Tables::Fences() {
  std::map<std::string, int64_t, std::less<>> fences;
  Query query(fences_);
  const auto add = [&fences](int64_t fence, std::string_view name) {
    fences.emplace(name, fence);
    return true;
  };
  MUSTER_RETURN_IF_ERROR(ForEach(query, add));
  return fences;
}

absl::Status Tables::SetFence(std::string_view lease_name, int64_t fence) {
  return Run(set_fence_, lease_name, fence);
}

absl::StatusOr<std::string> Tables::Setting(std::string_view name, std::string_view initial) {
  MUSTER_RETURN_IF_ERROR(Run(add_setting_, name, initial));
  Query query(setting_, name);
  MUSTER_RETURN_IF_ERROR(query.Next().status());
  return std::string(query.Text(0));
}

absl::Status Tables::Begin() { return Run(begin_); }

absl::Status Tables::Commit() { return Run(commit_); }

void Tables::RollBack() {
  if (sqlite3_get_autocommit(connection_.handle()) == 0) Run(roll_back_).IgnoreError();
}

void Tables::CheckpointIfDue() {
  const bool started_anew = log_pages_ < copied_pages_;
  if (started_anew) copied_pages_ = 0;
  if (log_pages_ < copied_pages_ + kCheckpointPages) return;
  const int mode =
      log_pages_ < kLongLogPages ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART;
  // A failure is no loss, since the log has everything.
  sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr, mode, nullptr, nullptr);
  copied_pages_ = log_pages_;
}

}  // namespace muster::store::sqlite
