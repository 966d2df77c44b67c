#include "store/sqlite/connection.h"

#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"

namespace muster::store::sqlite {
namespace {

// Nobody else uses the file, but an operator may look into it, and its locks are short.
constexpr int kBusyTimeoutMs = 1000;

}  // namespace

absl::StatusOr<Connection> Connection::Open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Connection connection(path, handle);
  if (result != SQLITE_OK) return connection.ErrorOf(result);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  return connection;
}

absl::Status Connection::Execute(const std::string& sql) {
  const int result = sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? absl::OkStatus() : ErrorOf(result);
}

absl::StatusOr<int64_t> Connection::Number(const char* sql) {
  Statement statement(*this, sql);
  Query query(statement);
  MUSTER_ASSIGN_OR_RETURN(const bool found, query.Next());
  return found ? query.Int(0) : 0;
}

absl::Status Connection::ErrorOf(int result) const {
  const char* const reason = handle_ != nullptr ? sqlite3_errmsg(handle()) : sqlite3_errstr(result);
  const std::string message = base::StrCat("store ", path_, ": ", reason);
  // Extended codes have the primary one in their last byte.
  const int primary = result & 0xff;
  const bool damaged = primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
  return damaged ? absl::DataLossError(message) : absl::UnavailableError(message);
}

int Statement::Prepare() {
  if (prepared_ != nullptr) return SQLITE_OK;
  sqlite3_stmt* prepared = nullptr;
  const int result = sqlite3_prepare_v3(connection_.handle(), sql_, -1, SQLITE_PREPARE_PERSISTENT,
                                        &prepared, nullptr);
  prepared_.reset(prepared);
  return result;
}

Query::~Query() {
  if (prepared() == nullptr) return;
  sqlite3_reset(prepared());
  sqlite3_clear_bindings(prepared());
}

absl::StatusOr<bool> Query::Next() {
  const int result = result_ == SQLITE_OK ? sqlite3_step(prepared()) : result_;
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return statement_.connection_.ErrorOf(result);
}

int64_t Query::Int(int column) const { return sqlite3_column_int64(prepared(), column); }

std::string_view Query::Text(int column) const {
  const void* text = sqlite3_column_text(prepared(), column);
  const int bytes = sqlite3_column_bytes(prepared(), column);
  return {static_cast<const char*>(text), static_cast<size_t>(bytes)};
}

void Query::Bind(int index, int64_t value) {
  if (result_ == SQLITE_OK) result_ = sqlite3_bind_int64(prepared(), index, value);
}

void Query::Bind(int index, std::string_view value) {
  if (result_ != SQLITE_OK) return;
  // An empty view may point nowhere, which would bind a null.
  const char* text = value.empty() ? "" : value.data();
  result_ = sqlite3_bind_text64(prepared(), index, text, value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

}  // namespace muster::store::sqlite
