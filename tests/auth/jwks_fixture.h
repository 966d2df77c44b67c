#pragma once

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "auth/jwks_keys.h"
#include "gmock/gmock.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_http_sender.h"
#include "tests/support/test_keys.h"

namespace muster::auth {

// An issuer that publishes key-1 at first, on a clock that a test moves. Regular fetches are too
// rare to be seen unless a test says otherwise.
class JwksFixture : public testing::Test {
 protected:
  static constexpr char kPath[] = "/jwks.json";

  JwksFixture() {
    Publish({support::TestKey::Shared()});
    options_.url = "http://issuer.test/jwks.json";
  }

  void Publish(const std::vector<support::TestKey>& keys) {
    sender_.Answer(kPath, {200, support::Jwks(keys)});
  }
  std::unique_ptr<JwksKeys> StartKeys() {
    return std::make_unique<JwksKeys>(options_, sender_, clock_, nullptr);
  }
  // Blocks until it is so; false when that takes too long.
  template <typename Condition>
  static bool Await(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }

  fakes::FakeHttpSender sender_;
  fakes::FakeClock clock_;
  JwksKeys::Options options_;
};

}  // namespace muster::auth
