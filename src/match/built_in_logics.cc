#include "match/alliance/alliance_logic.h"
#include "match/logic_registry.h"
#include "match/pairs/pairs_logic.h"

namespace muster::match {

LogicRegistry BuiltInLogics() {
  LogicRegistry registry;
  registry.Register("pairs", pairs::MakePairsLogic);
  registry.Register("alliance", alliance::MakeAllianceLogic);
  return registry;
}

}  // namespace muster::match
