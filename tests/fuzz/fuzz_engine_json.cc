#include <cstddef>
#include <cstdint>
#include <string_view>

#include "provision/engine_json.h"
#include "provision/exit_reason.h"
#include "provision/process_table.h"
#include "tests/fuzz/fuzz_check.h"

// Whatever an engine answers is read or refused with INTERNAL, ports are ports, and what players
// may see is short and printable.
namespace muster::provision {
namespace {

template <typename T>
void CheckResult(const absl::StatusOr<T>& result) {
  FUZZ_CHECK(result.ok() || result.status().code() == absl::StatusCode::kInternal);
}

void CheckPorts(const std::vector<PublishedPort>& ports) {
  for (const PublishedPort& port : ports) FUZZ_CHECK(port.outside > 0 && port.outside <= 65535);
}

void CheckPlain(const std::string& text) {
  FUZZ_CHECK(text.size() <= 300);
  for (const char c : text) FUZZ_CHECK(c >= ' ' && c <= '~');
}

void CheckText(std::string_view text) {
  CheckResult(ParseEngineVersions(text));
  CheckResult(ParseContainerEvent(text));
  CheckResult(ParseServices(text));
  CheckResult(ParseNodes(text));
  const auto container = ParseContainer(text);
  CheckResult(container);
  if (container.ok()) CheckPorts(container->ports);
  const auto containers = ParseContainers(text);
  CheckResult(containers);
  if (containers.ok() && !containers->empty()) CheckPorts(containers->front().ports);
  const auto tasks = ParseTasks(text);
  CheckResult(tasks);
  if (tasks.ok() && !tasks->empty()) CheckPorts(tasks->front().ports);
  CheckPlain(FitForPlayers(ParseErrorMessage(text)));
  CheckPlain(LastLine(ParseLogFrames(text)));
  FUZZ_CHECK(ParsePullError(text).value_or("").size() <= 1000);
  (void)ParseProcessStat(text);
  FUZZ_CHECK(ParseProcessEnvironment(text, {"A"}).size() <= 1);
}

}  // namespace
}  // namespace muster::provision

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  muster::provision::CheckText({reinterpret_cast<const char*>(data), size});
  return 0;
}
