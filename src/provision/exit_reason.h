#pragma once

#include <string>
#include <string_view>

namespace muster::provision {

// In words how a server ended: "exited with 137 (out of memory): the last line of `output`". 128
// and more means a signal, as shells have it.
std::string ExitReason(int exit_code, bool out_of_memory, std::string_view output);

// The last line of `output` with a character in it, shortened to 200 bytes; bytes that are no
// printable ASCII are '?'. Empty when there is none.
std::string LastLine(std::string_view output);

// `reason` with ": " and the last line of `output`, when there is one.
std::string WithLastLine(std::string reason, std::string_view output);

// What an engine said, in a form that players may see: words that look like an address are
// "(address)", line ends are blanks, and more than 300 bytes are cut off.
std::string FitForPlayers(std::string_view text);

}  // namespace muster::provision
