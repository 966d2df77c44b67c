#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#include "app/ctl/command_line.h"
#include "base/clock.h"

int main(int argc, char** argv) {
  const muster::app::ctl::Io io = {.in = std::cin,
                                   .out = std::cout,
                                   .err = std::cerr,
                                   .err_is_terminal = isatty(STDERR_FILENO) == 1,
                                   .clock = muster::base::Clock::System()};
  std::ios::sync_with_stdio(false);
  return muster::app::ctl::RunMusterctl(std::vector<std::string>(argv + 1, argv + argc), io);
}
