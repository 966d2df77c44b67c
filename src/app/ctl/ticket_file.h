#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "app/ctl/io.h"
#include "rpc/client/wire_ticket.h"

namespace muster::app::ctl {

enum class TicketKind { kTicket, kBackfillTicket };

// A file with one ticket in proto JSON a line; empty lines are skipped. Reads as it goes, so that a
// file may be larger than memory and standard input may still be written to. Not thread-safe.
class TicketFile {
 public:
  // `-` is io.in, which must then outlive this object. NOT_FOUND naming a file that does not open.
  static absl::StatusOr<TicketFile> Open(const std::string& path, TicketKind kind, const Io& io);

  // The next ticket, nothing at the end of the file. INVALID_ARGUMENT naming file and line for a
  // line that is no ticket, DATA_LOSS when reading fails; the same error again at the calls after
  // it.
  absl::StatusOr<std::optional<rpc::client::WireTicket>> Next();

  // The error that Next has returned, else OK.
  const absl::Status& status() const { return status_; }

 private:
  TicketFile(std::string name, TicketKind kind) : name_(std::move(name)), kind_(kind) {}

  std::string name_;
  TicketKind kind_;
  std::unique_ptr<std::istream> file_;
  // The file, or the caller's stream.
  std::istream* in_ = nullptr;
  int64_t line_ = 0;
  absl::Status status_;
};

// The whole text of a file; an empty path gives empty text. NOT_FOUND naming a file that does not
// open.
absl::StatusOr<std::string> ReadTextFile(const std::string& path);

}  // namespace muster::app::ctl
