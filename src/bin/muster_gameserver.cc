// The reference game server. Its configuration is its environment.

#include "app/gameserver/gameserver_app.h"

int main() { return muster::app::gameserver::RunGameServer(); }
