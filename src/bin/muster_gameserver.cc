// The reference game server. Its configuration is its environment.

#include <cstddef>
#include <span>

#include "app/gameserver/gameserver_app.h"

int main(int argc, char** argv) {
  const std::span<char* const> words(argv, static_cast<size_t>(argc));
  return muster::app::gameserver::RunGameServer(words.subspan(words.empty() ? 0 : 1));
}
