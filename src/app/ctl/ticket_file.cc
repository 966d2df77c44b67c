#include "app/ctl/ticket_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/strings.h"

namespace muster::app::ctl {
namespace {

using rpc::client::WireTicket;

absl::StatusOr<std::unique_ptr<std::istream>> OpenFile(const std::string& path) {
  auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
  // A folder opens, but does not read.
  if (file->is_open()) file->peek();
  if (!file->is_open() || file->bad()) {
    return absl::NotFoundError(base::StrCat("cannot read ", path, ": ", std::strerror(errno)));
  }
  file->clear();
  return file;
}

}  // namespace

absl::StatusOr<TicketFile> TicketFile::Open(const std::string& path, TicketKind kind,
                                            const Io& io) {
  if (path == "-") {
    TicketFile file("standard input", kind);
    file.in_ = &io.in;
    return file;
  }
  absl::StatusOr<std::unique_ptr<std::istream>> stream = OpenFile(path);
  if (!stream.ok()) return stream.status();
  TicketFile file(path, kind);
  file.file_ = *std::move(stream);
  file.in_ = file.file_.get();
  return file;
}

absl::StatusOr<std::optional<WireTicket>> TicketFile::Next() {
  if (!status_.ok()) return status_;
  std::string text;
  while (std::getline(*in_, text)) {
    ++line_;
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    absl::StatusOr<WireTicket> ticket = kind_ == TicketKind::kTicket
                                            ? rpc::client::TicketFromJson(text)
                                            : rpc::client::BackfillTicketFromJson(text);
    if (ticket.ok()) return *std::move(ticket);
    status_ = absl::InvalidArgumentError(
        base::StrCat(name_, " line ", line_, ": ", ticket.status().message()));
    return status_;
  }
  if (in_->bad()) {
    status_ = absl::DataLossError(base::StrCat(name_, ": reading failed after line ", line_));
    return status_;
  }
  return std::nullopt;
}

absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  if (path.empty()) return std::string();
  absl::StatusOr<std::unique_ptr<std::istream>> file = OpenFile(path);
  if (!file.ok()) return file.status();
  std::ostringstream text;
  text << (*file)->rdbuf();
  return std::move(text).str();
}

}  // namespace muster::app::ctl
