// The lobby. Its configuration is its environment; see .env.template.

#include "app/lobby_server/lobby_app.h"

int main() { return muster::app::lobby_server::RunLobby(); }
