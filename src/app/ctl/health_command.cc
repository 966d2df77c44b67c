#include <chrono>
#include <cmath>
#include <memory>
#include <ostream>

#include "CLI/CLI.hpp"
#include "app/ctl/commands.h"
#include "app/ctl/flags.h"
#include "base/strings.h"
#include "base/version.h"
#include "net/curl_sender.h"
#include "nlohmann/json.hpp"
#include "rpc/client/health.h"

namespace muster::app::ctl {
namespace {

constexpr char kName[] = "health";
// A probe that hangs is a probe that failed.
constexpr double kProbeTimeoutS = 3;

constexpr int kHttpOk = 200;

struct Flags {
  CallFlags call;
  std::string service;
  // Of a server that says by HTTP how it is; empty: asked by gRPC.
  std::string url;
};

ExitCode Tell(const Flags& flags, const Io& io, std::string_view name, bool serves) {
  io.out << (flags.call.json ? nlohmann::json{{"status", name}}.dump() : std::string(name)) << "\n";
  return serves ? kOk : kCallFailed;
}

ExitCode RunHttp(const Flags& flags, const Io& io) {
  net::CurlSender sender(base::StrCat("musterctl/", base::kVersion));
  base::HttpRequest request;
  request.url = flags.url;
  request.timeout = std::chrono::milliseconds(std::lround(flags.call.timeout_s * 1000));
  const absl::StatusOr<base::HttpResponse> response = sender.Send(request, std::stop_token());
  if (!response.ok()) return FailCall(io, kName, response.status());
  const bool serves = response->status == kHttpOk;
  if (!serves) io.err << "musterctl " << kName << ": " << response->body << "\n";
  return Tell(flags, io, serves ? "SERVING" : "NOT_SERVING", serves);
}

ExitCode Run(const Flags& flags, const Io& io) {
  const auto state = rpc::client::CheckHealth(flags.call.ToOptions(), flags.service);
  if (!state.ok()) return FailCall(io, kName, state.status());
  return Tell(flags, io, rpc::client::HealthStateName(*state),
              *state == rpc::client::HealthState::kServing);
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
  command->add_option("--url", flags->url,
                      "Ask by HTTP instead, for example http://127.0.0.1:3000/readyz");
  command->callback([flags, &io, exit_code] {
    *exit_code = flags->url.empty() ? Run(*flags, io) : RunHttp(*flags, io);
  });
}

}  // namespace muster::app::ctl
