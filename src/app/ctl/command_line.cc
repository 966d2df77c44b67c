#include "app/ctl/command_line.h"

#include <algorithm>

#include "CLI/CLI.hpp"
#include "app/ctl/commands.h"
#include "base/version.h"

namespace muster::app::ctl {

int RunMusterctl(const std::vector<std::string>& arguments, const Io& io) {
  CLI::App app("Talks to a match function: any server of the AGS match-function contract.",
               "musterctl");
  app.set_version_flag("--version", std::string(base::kVersion));
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 done, 1 a call failed or the server is not serving, 2 bad flags or a bad "
      "file.");
  int exit_code = kOk;
  AddStatCodesCommand(app, io, &exit_code);
  AddValidateCommand(app, io, &exit_code);
  AddEnrichCommand(app, io, &exit_code);
  AddMakeMatchesCommand(app, io, &exit_code);
  AddBackfillCommand(app, io, &exit_code);
  AddGenerateCommand(app, io, &exit_code);
  AddLoadCommand(app, io, &exit_code);
  AddHealthCommand(app, io, &exit_code);
  try {
    // CLI11 takes the arguments last one first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return app.exit(error, io.out, io.err) == 0 ? kOk : kBadInput;
  }
  return exit_code;
}

}  // namespace muster::app::ctl
