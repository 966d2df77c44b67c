#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "auth/iam_access_control.h"
#include "auth/key_set.h"
#include "base/strings.h"
#include "bench/statistics.h"
#include "net/curl_sender.h"
#include "tests/support/iam_stand_in/iam_stand_in.h"

// What the check of a token costs: of one that is known, by one thread and by two at once, of one
// that is new, and beside that the bare check of an RSA signature, which no new token can do
// without.
namespace muster::bench {
namespace {

using auth::IamAccessControl;
using auth::Verdict;

constexpr int kRounds = 9;
constexpr int kNewTokens = 500;
constexpr int kKnownChecks = 200'000;
constexpr double kKnownGoalUs = 2;

double MicrosOf(int times, const std::function<void(int)>& work) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) work(i);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
  return took.count() / times;
}

double MicrosOfTwoThreads(int times, const std::function<void(int)>& work) {
  double other = 0;
  std::thread thread([&] { other = MicrosOf(times, work); });
  const double own = MicrosOf(times, work);
  thread.join();
  return (own + other) / 2;
}

void PrintRow(const std::string& name, const std::vector<double>& us, const std::string& goal) {
  const Spread spread = SpreadOf(us);
  std::cout << absl::StrFormat("%-46s %9.2f us  (%.2f to %.2f)  %s\n", name, Median(us), spread.low,
                               spread.high, goal)
            << std::flush;
}

struct Fixture {
  Fixture() {
    IamAccessControl::Options options;
    options.iam = {.base_url = iam.url(), .client_id = "muster", .client_secret = "secret"};
    options.policy = {.name_space = "accelbyte", .resource_name = "MMV2GRPCSERVICE"};
    access =
        IamAccessControl::Start(options, sender, base::Clock::System(), [](auto, const auto&) {});
    std::promise<void> ready;
    access->OnReady([&ready] { ready.set_value(); });
    ready.get_future().wait();
  }

  void Check(const std::string& token) {
    const auto answer = access->CheckNow(token);
    if (!answer || answer->verdict != Verdict::kAllowed) ++refused;
  }

  support::IamStandIn iam;
  net::CurlSender sender{"bench"};
  std::unique_ptr<IamAccessControl> access;
  std::atomic<int> refused = 0;
};

std::vector<std::string> NewTokens(Fixture& fixture, int round) {
  std::vector<std::string> tokens;
  tokens.reserve(kNewTokens);
  for (int i = 0; i < kNewTokens; ++i) {
    tokens.push_back(*fixture.iam.SignToken(base::StrCat(R"({"jti":")", round, "-", i, "\"}")));
  }
  return tokens;
}

// The check of the signature alone, with the published key.
std::vector<double> BareSignature() {
  const support::TestKey& key = support::TestKey::Shared();
  const auto keys = auth::KeySet::Parse(support::Jwks({key}));
  const std::string text(600, 'x');
  const std::string token = key.Sign("{}", text);
  const std::string signed_part = token.substr(0, token.rfind('.'));
  std::string signature;
  absl::WebSafeBase64Unescape(token.substr(token.rfind('.') + 1), &signature);
  std::vector<double> us;
  us.reserve(kRounds);
  for (int round = 0; round < kRounds; ++round) {
    us.push_back(MicrosOf(kNewTokens, [&](int) {
      if (!keys->Verify(key.key_id(), signed_part, signature)) std::abort();
    }));
  }
  return us;
}

int Main() {
  Fixture fixture;
  std::vector<double> known;
  std::vector<double> known_by_two;
  std::vector<double> fresh;
  const std::string token = *fixture.iam.SignToken();
  const auto check_known = [&](int) { fixture.Check(token); };
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<std::string> tokens = NewTokens(fixture, round);
    fresh.push_back(
        MicrosOf(kNewTokens, [&](int i) { fixture.Check(tokens[static_cast<size_t>(i)]); }));
    known.push_back(MicrosOf(kKnownChecks, check_known));
    known_by_two.push_back(MicrosOfTwoThreads(kKnownChecks, check_known));
  }
  const std::string goal = absl::StrFormat("goal < %.0f us", kKnownGoalUs);
  PrintRow("token check, known token", known, goal);
  PrintRow("token check, known token, two threads at once", known_by_two, goal);
  PrintRow("token check, new token", fresh, "");
  PrintRow("signature check alone", BareSignature(), "");
  if (fixture.refused == 0) return 0;
  std::cerr << "bench_auth: " << fixture.refused << " tokens were refused\n";
  return 1;
}

}  // namespace
}  // namespace muster::bench

int main() { return muster::bench::Main(); }
