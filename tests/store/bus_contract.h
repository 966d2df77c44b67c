#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "gtest/gtest.h"
#include "lobby/event_bus.h"

namespace muster::store {

// One implementation of lobby::EventBus, whose messages nobody else sees.
class BusUnderTest {
 public:
  virtual ~BusUnderTest() = default;

  virtual lobby::EventBus& bus() = 0;
  // The same messages as another replica sees them; bus() where there can be only one.
  virtual lobby::EventBus& other_replica() { return bus(); }
  // Returns when what was subscribed receives. Messages published before may be missed.
  virtual void AwaitSubscribed() {}
};

struct BusKind {
  // In PascalCase; names the tests.
  std::string name;
  std::function<std::unique_ptr<BusUnderTest>()> make;

  friend std::ostream& operator<<(std::ostream& out, const BusKind& kind) {
    return out << kind.name;
  }
};

// Every sentence of lobby::EventBus, for any implementation; used as StoreContract is.
class BusContract : public testing::TestWithParam<BusKind> {
 protected:
  void SetUp() override { under_test_ = GetParam().make(); }

  BusUnderTest& under_test() { return *under_test_; }
  lobby::EventBus& bus() { return under_test_->bus(); }

 private:
  std::unique_ptr<BusUnderTest> under_test_;
};

}  // namespace muster::store
