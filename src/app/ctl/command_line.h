#pragma once

#include <string>
#include <vector>

#include "app/ctl/io.h"

namespace muster::app::ctl {

// Runs `musterctl <arguments>` and returns its exit code, see io.h: 0 done, 1 a call failed, 2 bad
// flags or a bad file. Blocks until the command is done. Help goes to io.out, problems to io.err.
int RunMusterctl(const std::vector<std::string>& arguments, const Io& io);

}  // namespace muster::app::ctl
