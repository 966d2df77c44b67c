#pragma once

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "app/ctl/command_line.h"
#include "base/strings.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"

// Runs musterctl in this process.
namespace muster::app::ctl {

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

inline Outcome Musterctl(const std::vector<std::string>& arguments, const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  const fakes::FakeClock clock;
  const Io io = {.in = in, .out = out, .err = err, .err_is_terminal = false, .clock = clock};
  const int code = RunMusterctl(arguments, io);
  return {code, out.str(), err.str()};
}

// Writes `text` to a file of the running test and returns its path.
inline std::string WriteFile(const std::string& name, const std::string& text) {
  const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
  std::string path = base::StrCat(testing::TempDir(), "/", getpid(), ".", test->name(), ".", name);
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

// Tickets "a", "b", .. one a line.
inline std::string TicketLines(const std::vector<std::string>& ids) {
  std::string lines;
  for (const std::string& id : ids) {
    lines += R"({"ticketId":")" + id + R"(","players":[{"playerId":"p-)" + id + "\"}]}\n";
  }
  return lines;
}

}  // namespace muster::app::ctl
