#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/sqlite/connection.h"

namespace muster::store::sqlite {

// A row of requests. The record lacks the revision.
struct RequestRow {
  int64_t revision = 0;
  std::string client_id;
  bool pending = false;
  int64_t expires_at_ms = 0;
  std::string record;
};

// The tables, through one connection of its own. Errors are those of Connection. Not thread-safe.
class Tables {
 public:
  // Gets a record with its revision (0 for servers); false: no more of them.
  using OnRecord = absl::FunctionRef<bool(int64_t revision, std::string_view record)>;

  // Of a database that has been prepared.
  explicit Tables(Connection connection);
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;

  absl::StatusOr<std::optional<RequestRow>> FindRequest(std::string_view client_id);
  // In the order of revisions.
  absl::Status RequestsAfter(int64_t revision, OnRecord on_record);
  // Those that expired first come first.
  absl::Status ExpiredRequests(int64_t now_ms, OnRecord on_record);
  // Every client has one row at most, and every revision.
  absl::Status InsertRequest(const RequestRow& row);
  // Of the client that the row names.
  absl::Status UpdateRequest(const RequestRow& row);
  absl::Status RemoveRequest(std::string_view client_id);
  // Whether there was one, and it waited.
  absl::StatusOr<bool> RemoveRevision(int64_t revision);
  absl::StatusOr<int64_t> CountPending();

  absl::Status Servers(OnRecord on_record);
  absl::Status PutServer(std::string_view id, std::string_view record);
  absl::Status RemoveServer(std::string_view id);

  absl::StatusOr<int64_t> LastRevision();
  absl::Status SetLastRevision(int64_t revision);
  // Writes something; a write that changes nothing would not reach the disk.
  absl::Status CountCheck();
  // Of the latest lease of each name.
  absl::StatusOr<std::map<std::string, int64_t, std::less<>>> Fences();
  absl::Status SetFence(std::string_view lease_name, int64_t fence);
  // Stores `initial` when there is none.
  absl::StatusOr<std::string> Setting(std::string_view name, std::string_view initial);

  absl::Status Begin();
  absl::Status Commit();
  // Does nothing when SQLite has rolled back already, as it does after some errors.
  void RollBack();

  // Copies the log into the database when it has grown long enough.
  void CheckpointIfDue();

 private:
  Connection connection_;
  Statement find_request_;
  Statement requests_after_;
  Statement expired_requests_;
  Statement insert_request_;
  Statement update_request_;
  Statement remove_request_;
  Statement remove_revision_;
  Statement count_pending_;
  Statement servers_;
  Statement put_server_;
  Statement remove_server_;
  Statement last_revision_;
  Statement set_last_revision_;
  Statement count_check_;
  Statement fences_;
  Statement set_fence_;
  Statement add_setting_;
  Statement setting_;
  Statement begin_;
  Statement commit_;
  Statement roll_back_;
  // In the log after the latest commit, and when it was copied last.
  int log_pages_ = 0;
  int copied_pages_ = 0;
};

}  // namespace muster::store::sqlite
