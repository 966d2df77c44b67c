#include <memory>
#include <ostream>

#include "CLI/CLI.hpp"
#include "app/ctl/commands.h"
#include "app/ctl/flags.h"
#include "nlohmann/json.hpp"
#include "rpc/client/health.h"

namespace muster::app::ctl {
namespace {

constexpr char kName[] = "health";
// A probe that hangs is a probe that failed.
constexpr double kProbeTimeoutS = 3;

struct Flags {
  CallFlags call;
  std::string service;
};

ExitCode Run(const Flags& flags, const Io& io) {
  const auto state = rpc::client::CheckHealth(flags.call.ToOptions(), flags.service);
  if (!state.ok()) return FailCall(io, kName, state.status());
  const std::string name(rpc::client::HealthStateName(*state));
  io.out << (flags.call.json ? nlohmann::json{{"status", name}}.dump() : name) << "\n";
  return *state == rpc::client::HealthState::kServing ? kOk : kCallFailed;
}

}  // namespace

void AddHealthCommand(CLI::App& app, const Io& io, int* exit_code) {
  const auto flags = std::make_shared<Flags>();
  flags->call.timeout_s = kProbeTimeoutS;
  CLI::App* const command =
      app.add_subcommand(kName, "Whether the server serves: exit code 0 when it does, else 1");
  AddCallFlags(command, &flags->call);
  command->add_option("--service", flags->service,
                      "Full service name; by default the whole server");
  command->callback([flags, &io, exit_code] { *exit_code = Run(*flags, io); });
}

}  // namespace muster::app::ctl
