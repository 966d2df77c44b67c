#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sqlite3.h"

namespace muster::store::sqlite {

// A connection to a database. Errors of its calls and of its statements name the file; DATA_LOSS
// when it is no database or damaged, else UNAVAILABLE. Not thread-safe.
class Connection {
 public:
  // Makes the file when there is none. ":memory:" is a database of this connection alone.
  static absl::StatusOr<Connection> Open(const std::string& path);

  // Statements without results, `;` between them.
  absl::Status Execute(const std::string& sql);
  // The first column of the first row, as a number; 0 when there is no row.
  absl::StatusOr<int64_t> Number(const char* sql);

  // The status of a call that gave `result`, which is an error.
  absl::Status ErrorOf(int result) const;

  const std::string& path() const { return path_; }
  sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };

  Connection(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}

  std::string path_;
  std::unique_ptr<sqlite3, Close> handle_;
};

// A statement that is prepared at its first use and then kept, for Query. `sql` and the connection
// outlive it.
class Statement {
 public:
  Statement(Connection& connection, const char* sql) : connection_(connection), sql_(sql) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

 private:
  friend class Query;
  struct Finalize {
    void operator()(sqlite3_stmt* prepared) const { sqlite3_finalize(prepared); }
  };

  // SQLite's result.
  int Prepare();

  Connection& connection_;
  const char* const sql_;
  std::unique_ptr<sqlite3_stmt, Finalize> prepared_;
};

// One use of a statement: its parameters, in their order, and then its rows.
//
//   Query query(find, client_id);
//   MUSTER_ASSIGN_OR_RETURN(const bool found, query.Next());
//   if (found) Use(query.Text(0));
class Query {
 public:
  // Texts stay where they are until the query ends.
  template <typename... Values>
  explicit Query(Statement& statement, const Values&... values)
      : statement_(statement), result_(statement.Prepare()) {
    int index = 0;
    (Bind(++index, values), ...);
  }
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // Goes to the next row; false when there is none.
  absl::StatusOr<bool> Next();
  // Of the row, columns from 0. A text is good until the next call of Next.
  int64_t Int(int column) const;
  std::string_view Text(int column) const;

 private:
  void Bind(int index, int64_t value);
  void Bind(int index, std::string_view value);

  sqlite3_stmt* prepared() const { return statement_.prepared_.get(); }

  Statement& statement_;
  // Of what came before the first row; Next tells it.
  int result_;
};

// Runs a statement that gives no rows.
template <typename... Values>
absl::Status Run(Statement& statement, const Values&... values) {
  return Query(statement, values...).Next().status();
}

}  // namespace muster::store::sqlite
