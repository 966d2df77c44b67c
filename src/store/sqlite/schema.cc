#include "store/sqlite/schema.h"

#include <string>

#include "base/status_macros.h"
#include "base/strings.h"

namespace muster::store::sqlite {
namespace {

// "MLob": tells the lobby's files from those of other programs.
constexpr int64_t kApplicationId = 0x4d4c6f62;
constexpr int64_t kSchemaVersion = 1;

// The log beside the database is cut to this size when it starts anew.
constexpr int64_t kJournalSizeLimit = int64_t{8} << 20;

// Requests lie in the order of their revisions, so that a write goes to the end of the table
// whatever its client's id is; random places would cost a page each.
constexpr char kTables[] = R"(
  CREATE TABLE requests (
    revision INTEGER PRIMARY KEY,
    client_id TEXT NOT NULL UNIQUE,
    pending INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    record TEXT NOT NULL);
  CREATE INDEX requests_by_expiry ON requests (expires_at);
  CREATE TABLE servers (id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE fences (name TEXT PRIMARY KEY, fence INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE counts (last_revision INTEGER NOT NULL, checks INTEGER NOT NULL);
  INSERT INTO counts VALUES (0, 0);
)";

// FULL: a commit is on the disk when it returns. The log is copied into the database by the writer
// when nobody waits for it. Freed pages are not overwritten with zeros, which would cost a write.
absl::Status SetUpWriter(Connection& connection, int64_t max_bytes) {
  MUSTER_RETURN_IF_ERROR(connection.Execute(base::StrCat(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
      "PRAGMA secure_delete = FAST; PRAGMA cache_size = -2048; PRAGMA journal_size_limit = ",
      kJournalSizeLimit)));
  MUSTER_ASSIGN_OR_RETURN(const int64_t page_bytes, connection.Number("PRAGMA page_size"));
  return connection.Execute(base::StrCat("PRAGMA max_page_count = ", max_bytes / page_bytes));
}

absl::Status CheckFile(Connection& connection) {
  Statement check(connection, "PRAGMA quick_check(1)");
  Query query(check);
  MUSTER_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (found && query.Text(0) == "ok") return absl::OkStatus();
  return absl::DataLossError(base::StrCat("store ", connection.path(), ": damaged: ",
                                          found ? query.Text(0) : std::string_view("unknown")));
}

absl::Status MakeTables(Connection& connection) {
  return connection.Execute(base::StrCat("BEGIN IMMEDIATE;", kTables,
                                         "PRAGMA application_id = ", kApplicationId,
                                         "; PRAGMA user_version = ", kSchemaVersion, "; COMMIT"));
}

}  // namespace

absl::Status PrepareDatabase(Connection& connection, int64_t max_bytes) {
  MUSTER_ASSIGN_OR_RETURN(const int64_t tables,
                          connection.Number("SELECT count(*) FROM sqlite_master"));
  MUSTER_ASSIGN_OR_RETURN(const int64_t program, connection.Number("PRAGMA application_id"));
  MUSTER_ASSIGN_OR_RETURN(const int64_t version, connection.Number("PRAGMA user_version"));
  if (tables > 0 && program != kApplicationId) {
    return absl::FailedPreconditionError(
        base::StrCat("store ", connection.path(), ": a database of another program"));
  }
  if (version > kSchemaVersion) {
    return absl::FailedPreconditionError(
        base::StrCat("store ", connection.path(), ": written by a newer lobby, with version ",
                     version, " of its tables; this one knows ", kSchemaVersion));
  }
  MUSTER_RETURN_IF_ERROR(SetUpWriter(connection, max_bytes));
  return tables == 0 ? MakeTables(connection) : CheckFile(connection);
}

absl::Status PrepareReader(Connection& connection) {
  return connection.Execute("PRAGMA query_only = ON; PRAGMA cache_size = -1024");
}

}  // namespace muster::store::sqlite
