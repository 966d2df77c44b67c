#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/byte_arena.h"
#include "base/byte_budget.h"
#include "base/mutex.h"
#include "grpcpp/support/byte_buffer.h"
#include "match/ticket.h"

namespace muster::rpc {

// The tickets that an answer echoes, in that order.
struct Echo {
  std::vector<match::TicketIndex> tickets;
  // Those that do not go out as they came, as TicketStore::Field makes them.
  absl::flat_hash_map<match::TicketIndex, std::string> rebuilt = {};
};

// The tickets of one stream as they came over the wire: bytes, not parsed messages, which would
// take ten times as much. Each is kept as the field it will be in the answer, so that tickets that
// arrived one after another leave as one piece. All memory goes back when the last owner lets go: a
// stream, or an answer that still waits to be sent. Thread-safe.
class TicketStore {
 public:
  // `echo_field` is the number of the repeated field that tickets have in answers.
  TicketStore(int echo_field, std::shared_ptr<base::ByteBudget> budget);
  ~TicketStore();
  TicketStore(const TicketStore&) = delete;
  TicketStore& operator=(const TicketStore&) = delete;

  // Keeps a copy of `wire` under the next index, and returns the copy, which lives as long as the
  // store. RESOURCE_EXHAUSTED when the shared budget is used up.
  absl::StatusOr<std::string_view> Add(std::string_view wire);

  // Forgets the ticket that was added last.
  void Undo();

  // The wire bytes of a ticket that was added.
  std::string_view Wire(match::TicketIndex index) const;

  size_t size() const;

  // `wire` as a field of an answer.
  std::string Field(std::string_view wire) const;

  // Bytes that all of these tickets take as fields of an answer.
  size_t EchoBytes(const Echo& echo) const;

  // An answer: `head`, the tickets as fields, `tail`. A short one is copied; a long one refers to
  // the store, which it keeps alive.
  static grpc::ByteBuffer Answer(const std::shared_ptr<const TicketStore>& store,
                                 std::string_view head, Echo echo, std::string tail);

 private:
  // Answers up to this size are copied into one piece: cheaper than counting references.
  static constexpr size_t kCopyBytes = 32 * 1024;

  // Where a ticket's field lies: header, then wire bytes.
  struct Record {
    const char* field = nullptr;
    uint32_t field_bytes = 0;
    uint32_t header_bytes = 0;
  };

  std::string_view FieldAt(match::TicketIndex index) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::string_view FieldAt(const Echo& echo, match::TicketIndex index) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Calls `on_piece` for each run of neighbouring fields.
  template <typename OnPiece>
  void ForEachPiece(const Echo& echo, const OnPiece& on_piece) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const int echo_field_;
  // Shared, because gRPC may hold an answer for longer than the server lives.
  const std::shared_ptr<base::ByteBudget> budget_;
  mutable base::Mutex mu_;
  base::ByteArena arena_ ABSL_GUARDED_BY(mu_);
  std::vector<Record> records_ ABSL_GUARDED_BY(mu_);
  size_t taken_bytes_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace muster::rpc
