#include "rpc/ticket_store.h"

#include <cstring>
#include <utility>

#include "base/strings.h"
#include "rpc/wire.h"

namespace muster::rpc {
namespace {

// What the echoed tickets of an answer lie in.
struct Kept {
  std::shared_ptr<const TicketStore> store;
  Echo echo;
};
using Hold = std::shared_ptr<const Kept>;

void ReleaseHold(void* hold) { delete static_cast<Hold*>(hold); }

// A slice of memory that `kept` keeps alive.
grpc::Slice HoldingSlice(const Hold& kept, std::string_view piece) {
  // gRPC owns the hold until it calls ReleaseHold.
  auto hold = std::make_unique<Hold>(kept);
  return {const_cast<char*>(piece.data()), piece.size(), &ReleaseHold, hold.release()};
}

// A slice that owns a string.
grpc::Slice OwningSlice(std::string bytes) {
  auto owned = std::make_unique<std::string>(std::move(bytes));
  char* const data = owned->data();
  const size_t size = owned->size();
  const auto release = [](void* text) { delete static_cast<std::string*>(text); };
  return {data, size, release, owned.release()};
}

}  // namespace

TicketStore::TicketStore(int echo_field, std::shared_ptr<base::ByteBudget> budget)
    : echo_field_(echo_field), budget_(std::move(budget)) {}

TicketStore::~TicketStore() { budget_->Return(taken_bytes_); }

absl::StatusOr<std::string_view> TicketStore::Add(std::string_view wire) {
  std::string header;
  AppendFieldHeader(&header, echo_field_, wire.size());
  base::MutexLock lock(&mu_);
  const size_t bytes = header.size() + wire.size();
  if (!budget_->TryTake(bytes)) {
    return absl::ResourceExhaustedError(
        "the tickets of all streams together take more memory than the server may use");
  }
  taken_bytes_ += bytes;
  const std::string_view field = arena_.Append(header, wire);
  records_.push_back(
      {field.data(), static_cast<uint32_t>(bytes), static_cast<uint32_t>(header.size())});
  return field.substr(header.size());
}

void TicketStore::Undo() {
  base::MutexLock lock(&mu_);
  const Record& last = records_.back();
  arena_.Undo({last.field, last.field_bytes});
  budget_->Return(last.field_bytes);
  taken_bytes_ -= last.field_bytes;
  records_.pop_back();
}

std::string_view TicketStore::FieldAt(match::TicketIndex index) const {
  const Record& record = records_.at(index);
  return {record.field, record.field_bytes};
}

std::string_view TicketStore::FieldAt(const Echo& echo, match::TicketIndex index) const {
  // Nearly always there are none.
  if (echo.rebuilt.empty()) return FieldAt(index);
  const auto found = echo.rebuilt.find(index);
  return found == echo.rebuilt.end() ? FieldAt(index) : std::string_view(found->second);
}

std::string TicketStore::Field(std::string_view wire) const {
  std::string field;
  AppendField(&field, echo_field_, wire);
  return field;
}

std::string_view TicketStore::Wire(match::TicketIndex index) const {
  base::MutexLock lock(&mu_);
  return FieldAt(index).substr(records_[index].header_bytes);
}

size_t TicketStore::size() const {
  base::MutexLock lock(&mu_);
  return records_.size();
}

size_t TicketStore::EchoBytes(const Echo& echo) const {
  base::MutexLock lock(&mu_);
  size_t bytes = 0;
  for (const match::TicketIndex index : echo.tickets) bytes += FieldAt(echo, index).size();
  return bytes;
}

template <typename OnPiece>
void TicketStore::ForEachPiece(const Echo& echo, const OnPiece& on_piece) const {
  std::string_view piece;
  for (const match::TicketIndex index : echo.tickets) {
    const std::string_view field = FieldAt(echo, index);
    if (!piece.empty() && piece.data() + piece.size() == field.data()) {
      piece = {piece.data(), piece.size() + field.size()};
      continue;
    }
    if (!piece.empty()) on_piece(piece);
    piece = field;
  }
  if (!piece.empty()) on_piece(piece);
}

grpc::ByteBuffer TicketStore::Answer(const std::shared_ptr<const TicketStore>& store,
                                     std::string_view head, Echo echo, std::string tail) {
  const size_t bytes = head.size() + store->EchoBytes(echo) + tail.size();
  base::MutexLock lock(&store->mu_);
  if (bytes <= kCopyBytes) {
    grpc::Slice whole(bytes);
    auto* end = const_cast<uint8_t*>(whole.begin());
    const auto append = [&end](std::string_view piece) {
      std::memcpy(end, piece.data(), piece.size());
      end += piece.size();
    };
    append(head);
    store->ForEachPiece(echo, append);
    append(tail);
    return {&whole, 1};
  }
  const auto kept = std::make_shared<const Kept>(Kept{store, std::move(echo)});
  std::vector<grpc::Slice> slices = {OwningSlice(std::string(head))};
  store->ForEachPiece(kept->echo,
                      [&](std::string_view piece) { slices.push_back(HoldingSlice(kept, piece)); });
  slices.push_back(OwningSlice(std::move(tail)));
  return {slices.data(), slices.size()};
}

}  // namespace muster::rpc
