#include "app/matchfunction_config.h"

#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace muster::app {
namespace {

using base::EnvReader;

constexpr int64_t kMaxPort = 65535;
constexpr int64_t kDayMs = 24LL * 60 * 60 * 1000;
// gRPC counts message sizes in an int, and the server lets twice the limit in.
constexpr int64_t kMaxMessageBytes = std::numeric_limits<int>::max() / 2;
// Ticket indices have 32 bits.
constexpr int64_t kMaxTickets = std::numeric_limits<uint32_t>::max() - 1;
constexpr int64_t kMaxBytes = int64_t{1} << 40;
constexpr int64_t kMaxCount = 1'000'000;
constexpr int64_t kTickTimeLimitS = 4;
// Players wait for the tick to end.
constexpr int64_t kMaxTickTimeLimitS = 3600;

size_t Size(int64_t value) { return static_cast<size_t>(value); }

rpc::CallLimits ReadLimits(EnvReader& env) {
  rpc::CallLimits limits;
  limits.max_message_bytes = Size(env.Int("MAX_MESSAGE_BYTES", 4'194'304, 1024, kMaxMessageBytes));
  limits.max_stream_tickets = env.Int("MAX_STREAM_TICKETS", 1'000'000, 2, kMaxTickets);
  limits.max_stream_bytes = Size(env.Int("MAX_STREAM_BYTES", 536'870'912, 1024, kMaxBytes));
  limits.max_streams = env.Int("MAX_STREAMS", 1000, 1, kMaxCount);
  limits.max_buffered_bytes = Size(env.Int("MAX_BUFFERED_BYTES", 4'294'967'296, 1024, kMaxBytes));
  limits.max_pending_writes = Size(env.Int("MAX_PENDING_WRITES", 64, 1, kMaxCount));
  limits.stream_silence =
      std::chrono::milliseconds(env.Int("STREAM_SILENCE_MS", 60'000, 20, kDayMs));
  return limits;
}

// The quirks of the vendor's matcher that are wanted, by name.
void ReadQuirks(EnvReader& env, match::LogicOptions* options) {
  for (const std::string& quirk : env.List("MATCH_COMPAT", "")) {
    const std::string name = absl::AsciiStrToUpper(quirk);
    if (name == "Q20") {
      options->empty_options_count = true;
    } else if (name == "Q50") {
      options->empty_exclusion_excludes_all = true;
    } else {
      env.Problem(base::StrCat("MATCH_COMPAT `", quirk, "` is none of: Q20, Q50"));
    }
  }
}

// How an engine of the AGS ruleset language reads its rules.
void ReadMatching(EnvReader& env, match::LogicOptions* options) {
  if (env.Choice("MATCH_PROFILE", "core", {"core", "hosted"}) == "hosted") {
    options->profile = match::Profile::kHosted;
  }
  if (env.Choice("MATCH_STRATEGY", "oldest_first", {"oldest_first", "quality"}) == "quality") {
    options->strategy = match::Strategy::kQuality;
  }
  const int64_t limit_s =
      env.Int("MATCH_TIME_LIMIT_SECOND", kTickTimeLimitS, 0, kMaxTickTimeLimitS);
  options->tick_time_limit = std::chrono::seconds(limit_s == 0 ? kTickTimeLimitS : limit_s);
  options->prioritize_larger_parties = env.Bool("PRIORITIZE_LARGER_PARTIES", false);
  options->any_options_all_common = env.Bool("FLAG_ANY_MATCH_OPTION_ALL_COMMON", true);
  ReadQuirks(env, options);
}

match::LogicOptions ReadLogicOptions(EnvReader& env, const rpc::CallLimits& limits) {
  match::LogicOptions options;
  options.default_regions = env.List("MATCH_DEFAULT_REGIONS", "us-east-2,us-west-2");
  options.max_stream_tickets = limits.max_stream_tickets;
  options.max_rules_bytes = Size(env.Int("MAX_RULES_BYTES", 65'536, 2, kMaxMessageBytes));
  options.max_rules_depth = static_cast<int>(env.Int("MAX_RULES_DEPTH", 32, 1, 1000));
  ReadMatching(env, &options);
  return options;
}

rpc::Server::Options ReadServer(EnvReader& env) {
  rpc::Server::Options options;
  options.address = env.String("BIND_ADDRESS", "0.0.0.0");
  options.port = static_cast<int>(env.Int("GRPC_PORT", 6565, 0, kMaxPort));
  options.limits = ReadLimits(env);
  options.logic = ReadLogicOptions(env, options.limits);
  options.match_workers = Size(env.Int("MATCH_WORKERS", 0, 0, 1024));
  options.max_queued_matches = Size(env.Int("MAX_QUEUED_MATCHES", 1000, 1, kMaxCount));
  options.drain_delay = std::chrono::milliseconds(env.Int("SHUTDOWN_DELAY_MS", 200, 0, kDayMs));
  options.drain_grace = std::chrono::milliseconds(env.Int("SHUTDOWN_GRACE_MS", 10'000, 0, kDayMs));
  return options;
}

}  // namespace

absl::StatusOr<MatchFunctionConfig> ReadMatchFunctionConfig(const base::Environment& environment,
                                                            const match::LogicRegistry& logics,
                                                            bool on_terminal) {
  EnvReader env(environment);
  MatchFunctionConfig config;
  config.server = ReadServer(env);
  config.server.tls = ReadTls(env);
  config.access = ReadAccessConfig(env);
  config.observability = ReadObservabilityConfig(env, on_terminal);
  config.server.log_calls = config.observability.log_calls;
  config.logic_name = env.String("MATCH_LOGIC", logics.default_name());
  absl::StatusOr<match::LogicFactory> logic = logics.Find(config.logic_name);
  if (logic.ok()) {
    config.logic = *std::move(logic);
  } else {
    env.Problem(std::string(logic.status().message()));
  }
  MUSTER_RETURN_IF_ERROR(env.status());
  return config;
}

}  // namespace muster::app
