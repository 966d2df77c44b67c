#include "rpc/client/wire_ticket.h"

#include "base/strings.h"
#include "google/protobuf/util/json_util.h"
#include "match_function.pb.h"

namespace muster::rpc::client {
namespace {

namespace pb = ::accelbyte::matchmaking::matchfunction;

template <typename Message>
absl::StatusOr<WireTicket> FromJson(std::string_view json) {
  Message message;
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), &message);
  if (!status.ok()) {
    const auto problem = status.message();
    return absl::InvalidArgumentError(
        base::StrCat("not a ", Message::descriptor()->name(),
                     " in proto JSON: ", std::string_view(problem.data(), problem.size())));
  }
  return WireTicket{message.ticket_id(), message.SerializeAsString()};
}

}  // namespace

absl::StatusOr<WireTicket> TicketFromJson(std::string_view json) {
  return FromJson<pb::Ticket>(json);
}

absl::StatusOr<WireTicket> BackfillTicketFromJson(std::string_view json) {
  return FromJson<pb::BackfillTicket>(json);
}

}  // namespace muster::rpc::client
