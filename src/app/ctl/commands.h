#pragma once

#include "app/ctl/io.h"

namespace CLI {
class App;
}

// The commands of musterctl, one source file each. Each function adds a subcommand to `app`; when
// that is the one on the command line, parsing runs it and sets `exit_code`. `io` and `exit_code`
// outlive `app`.
namespace muster::app::ctl {

void AddStatCodesCommand(CLI::App& app, const Io& io, int* exit_code);
void AddValidateCommand(CLI::App& app, const Io& io, int* exit_code);
void AddEnrichCommand(CLI::App& app, const Io& io, int* exit_code);
void AddMakeMatchesCommand(CLI::App& app, const Io& io, int* exit_code);
void AddBackfillCommand(CLI::App& app, const Io& io, int* exit_code);
void AddGenerateCommand(CLI::App& app, const Io& io, int* exit_code);
void AddLoadCommand(CLI::App& app, const Io& io, int* exit_code);
void AddHealthCommand(CLI::App& app, const Io& io, int* exit_code);

}  // namespace muster::app::ctl
