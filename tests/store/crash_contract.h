#pragma once

#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "tests/store/store_contract.h"

namespace muster::store {

// Where a lobby crashes.
struct Crash {
  // Of its calls to the store these are answered.
  int calls = 0;
  // Of the one after these only the answer is lost.
  bool done = false;

  friend std::ostream& operator<<(std::ostream& out, const Crash& crash) {
    return out << "After" << crash.calls << (crash.done ? "AndOne" : "");
  }
};

// A lobby crashes between any two of its calls to a store, and another one goes on with what the
// store has: nothing lost, nobody stuck, nothing left running. A test binary compiles
// crash_contract.cc, links muster::runner_fixture, and says:
//
//   INSTANTIATE_TEST_SUITE_P(Sqlite, CrashContract, CrashesOf(SqliteKind()), CrashName);
//
// The store's leases are measured in real time.
class CrashContract : public testing::TestWithParam<std::tuple<StoreKind, Crash>> {};

std::vector<Crash> AllCrashes();

inline auto CrashesOf(const StoreKind& kind) {
  return testing::Combine(testing::Values(kind), testing::ValuesIn(AllCrashes()));
}

inline std::string CrashName(const testing::TestParamInfo<CrashContract::ParamType>& info) {
  return testing::PrintToString(std::get<Crash>(info.param));
}

}  // namespace muster::store
