#include "match/logic_registry.h"
#include "match/pairs/pairs_logic.h"

namespace muster::match {

LogicRegistry BuiltInLogics() {
  LogicRegistry registry;
  registry.Register("pairs", pairs::MakePairsLogic);
  return registry;
}

}  // namespace muster::match
