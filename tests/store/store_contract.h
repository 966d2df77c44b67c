#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <stop_token>
#include <string>

#include "base/stop_wait.h"
#include "gtest/gtest.h"
#include "lobby/store.h"

namespace muster::store {

// One implementation of lobby::Store on an empty memory of its own, which ends with the object.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;

  // Good until Reopen.
  virtual lobby::Store& store() = 0;
  // The same memory as another replica sees it; store() where there can be only one.
  virtual lobby::Store& other_replica() { return store(); }
  // Ends the store without a farewell, as a kill does, and opens it again on the same memory.
  virtual void Reopen() = 0;
  // Returns when `duration` has passed for leases.
  virtual void Pass(std::chrono::milliseconds duration) {
    // Nothing stops it.
    (void)base::WaitUnlessStopped(duration, std::stop_token());
  }
};

struct StoreLimits {
  int64_t max_pending = 100'000;
};

struct StoreKind {
  // In PascalCase; names the tests.
  std::string name;
  std::function<std::unique_ptr<StoreUnderTest>(const StoreLimits&)> make;

  friend std::ostream& operator<<(std::ostream& out, const StoreKind& kind) {
    return out << kind.name;
  }
};

// Every sentence of lobby::Store, for any implementation. A test binary compiles store_contract.cc,
// store_contract_concurrency.cc and store_contract_leases.cc, and says:
//
//   INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, testing::Values(SqliteKind()),
//                            testing::PrintToStringParamName());
//
// No lease that a test needs is shorter than some seconds, so that real time may be used.
class StoreContract : public testing::TestWithParam<StoreKind> {
 protected:
  // Opens the store; what was open is gone with its memory.
  void Open(const StoreLimits& limits = {}) {
    under_test_.reset();
    under_test_ = GetParam().make(limits);
  }
  void SetUp() override { Open(); }

  StoreUnderTest& under_test() { return *under_test_; }
  lobby::Store& store() { return under_test_->store(); }
  // One replica for even callers, another for odd ones.
  lobby::Store& ReplicaOf(int caller) {
    return caller % 2 == 0 ? under_test_->store() : under_test_->other_replica();
  }

  // A new record of a client in `state`, written: with its revision.
  lobby::Request Write(const std::string& client_id,
                       lobby::RequestState state = lobby::RequestState::kCreated);
  // A lease that outlives the test.
  lobby::Lease Acquire(const std::string& name = "fleet");

 private:
  std::unique_ptr<StoreUnderTest> under_test_;
};

// A record with every field set, except its revision.
lobby::Request FullRequest(const std::string& client_id,
                           lobby::RequestState state = lobby::RequestState::kCreated);
lobby::GameServer FullServer(const std::string& id);

}  // namespace muster::store
