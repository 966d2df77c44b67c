#include "telemetry/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <vector>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace muster::telemetry {
namespace {

// Fields of /proc/self/stat, counted from the one after the command's name.
enum StatField {
  kUserTicks = 11,
  kSystemTicks = 12,
  kThreads = 17,
  kStart = 19,
  kVsize = 20,
  kRss = 21
};

double TicksPerSecond() { return static_cast<double>(sysconf(_SC_CLK_TCK)); }

std::optional<std::vector<double>> ReadStat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  // The command's name may hold spaces, but nothing after it holds a parenthesis.
  std::istringstream rest(line.substr(line.rfind(')') + 1));
  std::string state;
  rest >> state;
  std::vector<double> fields = {0};
  for (double field = 0; rest >> field;) fields.push_back(field);
  if (fields.size() <= kRss) return std::nullopt;
  return fields;
}

// Seconds since 1970 at which the machine started.
double BootTime() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return 0;
}

std::optional<double> OpenFiles() {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (error) return std::nullopt;
  return static_cast<double>(std::distance(begin(files), end(files)));
}

struct ProcessSeries {
  explicit ProcessSeries(MetricRegistry& registry)
      : cpu(registry.OneCounter("process_cpu_seconds_total", "CPU time used, user and system.")),
        resident(registry.OneGauge("process_resident_memory_bytes", "Memory in RAM.")),
        virtual_size(registry.OneGauge("process_virtual_memory_bytes", "Address space in use.")),
        threads(registry.OneGauge("process_threads", "Threads.")),
        start(registry.OneGauge("process_start_time_seconds", "Start, in seconds since 1970.")),
        open_files(registry.OneGauge("process_open_fds", "Open file descriptors.")),
        max_files(registry.OneGauge("process_max_fds", "Most file descriptors allowed.")) {}

  void Refresh() const {
    if (const auto stat = ReadStat()) {
      const std::vector<double>& fields = *stat;
      const double seconds = (fields[kUserTicks] + fields[kSystemTicks]) / TicksPerSecond();
      if (seconds > cpu.Value()) cpu.Increment(seconds - cpu.Value());
      resident.Set(fields[kRss] * static_cast<double>(sysconf(_SC_PAGESIZE)));
      virtual_size.Set(fields[kVsize]);
      threads.Set(fields[kThreads]);
      start.Set(boot_time + fields[kStart] / TicksPerSecond());
    }
    if (const auto files = OpenFiles()) open_files.Set(*files);
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) max_files.Set(static_cast<double>(limit.rlim_cur));
  }

  const double boot_time = BootTime();
  prometheus::Counter& cpu;
  prometheus::Gauge& resident;
  prometheus::Gauge& virtual_size;
  prometheus::Gauge& threads;
  prometheus::Gauge& start;
  prometheus::Gauge& open_files;
  prometheus::Gauge& max_files;
};

}  // namespace

void ShowProcess(MetricRegistry& registry, const std::string& version) {
  registry.Gauges("build_info", "Always 1; the label tells which build runs.")
      .Add({{"version", version}})
      .Set(1);
  const auto series = std::make_shared<const ProcessSeries>(registry);
  registry.OnScrape([series] { series->Refresh(); });
}

}  // namespace muster::telemetry
