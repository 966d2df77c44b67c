#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace muster::lobby {

// What an operator wants of one server, as told to the fleet's owner on kServersChannel.
struct ServerCommand {
  enum class What {
    // It shall take no more players, and end when it is empty.
    kDrain,
    // It shall end now; its players are told.
    kStop,
  };
  What what = What::kDrain;
  std::string server_id;

  bool operator==(const ServerCommand&) const = default;
};

// As text: "drain ID" or "stop ID".
std::string EncodeCommand(const ServerCommand& command);
// Nothing when it is none.
std::optional<ServerCommand> DecodeCommand(std::string_view text);

}  // namespace muster::lobby
