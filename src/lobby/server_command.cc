#include "lobby/server_command.h"

#include <array>

#include "base/strings.h"

namespace muster::lobby {
namespace {

constexpr std::array<std::string_view, 2> kWords = {"drain", "stop"};

}  // namespace

std::string EncodeCommand(const ServerCommand& command) {
  return base::StrCat(kWords[static_cast<size_t>(command.what)], " ", command.server_id);
}

std::optional<ServerCommand> DecodeCommand(std::string_view text) {
  const size_t space = text.find(' ');
  if (space == std::string_view::npos || space + 1 == text.size()) return std::nullopt;
  for (size_t i = 0; i < kWords.size(); ++i) {
    if (kWords[i] == text.substr(0, space)) {
      return ServerCommand{static_cast<ServerCommand::What>(i),
                           std::string(text.substr(space + 1))};
    }
  }
  return std::nullopt;
}

}  // namespace muster::lobby
