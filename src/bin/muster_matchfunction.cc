// The match function server. Its configuration is its environment; see .env.template.

#include "app/matchfunction_app.h"
#include "match/logic_registry.h"

int main() { return muster::app::RunMatchFunction(muster::match::BuiltInLogics()); }
