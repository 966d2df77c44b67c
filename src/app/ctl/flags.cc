#include "app/ctl/flags.h"

#include <algorithm>
#include <chrono>

#include "CLI/CLI.hpp"

namespace muster::app::ctl {
namespace {

// Longer than any tick, and far from where milliseconds overflow.
constexpr double kMaxTimeoutS = 24 * 3600;

}  // namespace

rpc::client::ClientOptions CallFlags::ToOptions() const {
  rpc::client::ClientOptions options;
  options.target = target;
  options.token = token;
  options.deadline = std::chrono::milliseconds(static_cast<int64_t>(timeout_s * 1000));
  return options;
}

void AddCallFlags(CLI::App* command, CallFlags* flags) {
  command->add_option("--target", flags->target, "Server, host:port")->capture_default_str();
  command->add_option("--token", flags->token, "Bearer token to send; none by default")
      ->check([](const std::string& token) {
        const bool printable =
            std::all_of(token.begin(), token.end(), [](char c) { return c >= ' ' && c <= '~'; });
        return printable ? "" : "holds a character that a header cannot carry";
      });
  command->add_option("--timeout", flags->timeout_s, "Seconds that a call may take")
      ->check(CLI::Range(0.001, kMaxTimeoutS))
      ->capture_default_str();
  command->add_flag("--json", flags->json, "For scripts: one JSON object a line");
}

void AddTicketFlags(CLI::App* command, TicketFlags* flags) {
  AddCallFlags(command, &flags->call);
  command->add_option("--rules", flags->rules_path, "File with the ruleset, JSON; none by default");
  command
      ->add_option("--tickets", flags->tickets_path,
                   "File with one ticket in proto JSON a line; - is standard input")
      ->required();
  command->add_option("--rows", flags->rows, "Rows of the table to show")->capture_default_str();
}

}  // namespace muster::app::ctl
