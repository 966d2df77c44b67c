#pragma once

#include <string>
#include <vector>

namespace muster::gameserver {

// The entries of the stream `game_event_stream` of a Redis on 127.0.0.1, oldest first, each as
// "name=value name=value". Empty when it cannot be read.
std::vector<std::string> ReadStream(int port, int database, const std::string& password = "");

}  // namespace muster::gameserver
