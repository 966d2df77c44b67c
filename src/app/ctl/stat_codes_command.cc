#include <memory>
#include <ostream>

#include "CLI/CLI.hpp"
#include "app/ctl/commands.h"
#include "app/ctl/flags.h"
#include "app/ctl/ticket_file.h"
#include "nlohmann/json.hpp"
#include "rpc/client/match_function_client.h"

namespace muster::app::ctl {
namespace {

constexpr char kName[] = "stat-codes";

struct Flags {
  CallFlags call;
  std::string rules_path;
};

ExitCode Run(const Flags& flags, const Io& io) {
  const absl::StatusOr<std::string> rules = ReadTextFile(flags.rules_path);
  if (!rules.ok()) return FailInput(io, kName, rules.status());
  rpc::client::MatchFunctionClient client(flags.call.ToOptions());
  const absl::StatusOr<std::vector<std::string>> codes = client.GetStatCodes(*rules);
  if (!codes.ok()) return FailCall(io, kName, codes.status());
  if (flags.call.json) {
    io.out << nlohmann::json{{"codes", *codes}}.dump() << "\n";
    return kOk;
  }
  for (const std::string& code : *codes) io.out << code << "\n";
  if (codes->empty()) io.out << "the rules read no player statistics\n";
  return kOk;
}

}  // namespace

void AddStatCodesCommand(CLI::App& app, const Io& io, int* exit_code) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* const command = app.add_subcommand(kName, "Which player statistics the rules read");
  AddCallFlags(command, &flags->call);
  command->add_option("--rules", flags->rules_path, "File with the ruleset, JSON; none by default");
  command->callback([flags, &io, exit_code] { *exit_code = Run(*flags, io); });
}

}  // namespace muster::app::ctl
