#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "gtest/gtest.h"
#include "lobby/provisioner.h"

// What every lobby::Provisioner must hold, as tests with a parameter: a binary that links
// provisioner_contract.cc instantiates ProvisionerContract with its backends. Servers are
// test_server.cc.
namespace muster::provision {

// Longer than any engine needs on a busy machine.
inline constexpr std::chrono::milliseconds kLongWait{60'000};

// Makes provisioners of one kind. Their servers have stop timeouts of about a second.
struct ContractBackend {
  std::string name;
  std::function<std::unique_ptr<lobby::Provisioner>(const std::string& deployment)> make;
  // Its program or image is nowhere.
  std::function<std::unique_ptr<lobby::Provisioner>(const std::string& deployment)> make_broken;
};
std::string BackendName(const testing::TestParamInfo<ContractBackend>& backend);
std::ostream& operator<<(std::ostream& out, const ContractBackend& backend);

// The exits that were told.
class ExitLog {
 public:
  lobby::Provisioner::OnExit Recorder();
  // The reason; nothing after a long wait.
  std::optional<std::string> WaitFor(const std::string& server_id);

 private:
  base::Mutex mu_;
  base::CondVar told_;
  std::map<std::string, std::string> reasons_ ABSL_GUARDED_BY(mu_);
};

class ProvisionerContract : public testing::TestWithParam<ContractBackend> {
 protected:
  ProvisionerContract();
  // No server of the test is left.
  ~ProvisionerContract() override;

  // Starts it; the test fails when that fails.
  lobby::Place Start(const std::string& server_id,
                     std::map<std::string, std::string> environment = {});
  // Ids of what List has, those that run first with a '+'.
  std::vector<std::string> Listed(lobby::Provisioner& provisioner);
  std::vector<std::string> Listed() { return Listed(*provisioner_); }
  // Asks the server's control port until it answers, and returns the body.
  std::string Ask(const lobby::Place& place, const std::string& path);
  // Makes the server exit by itself.
  void Crash(const lobby::Place& place, int code);

  // Of this test alone.
  const std::string deployment_;
  const std::unique_ptr<lobby::Provisioner> provisioner_;
  ExitLog exits_;
};

// Whether it came true before a long wait was over.
bool Eventually(const std::function<bool()>& condition);

// A deployment's name that was never used before.
std::string NewDeployment();

}  // namespace muster::provision
