#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace muster::base {

// The one way to read environment variables.
class Environment {
 public:
  virtual ~Environment() = default;
  // The variable's value; nothing when it is not set. A variable set to the empty string counts as
  // not set, because that is how compose files and .env files write "none".
  virtual std::optional<std::string> Get(std::string_view name) const = 0;

  // The process' environment.
  static const Environment& Process();
};

// An environment made of a map, for tests and for tools.
class MapEnvironment final : public Environment {
 public:
  explicit MapEnvironment(std::map<std::string, std::string, std::less<>> values)
      : values_(std::move(values)) {}
  std::optional<std::string> Get(std::string_view name) const override;

 private:
  const std::map<std::string, std::string, std::less<>> values_;
};

// Reads typed variables and remembers every problem, so that a start that fails names them all at
// once. Each reader returns the default when the variable is not set or not valid. Not thread-safe.
//
//   EnvReader env(Environment::Process());
//   config.port = env.Int("GRPC_PORT", 6565, 0, 65535);
//   MUSTER_RETURN_IF_ERROR(env.status());
class EnvReader {
 public:
  explicit EnvReader(const Environment& environment) : environment_(environment) {}

  std::string String(std::string_view name, std::string_view default_value);
  // A whole decimal number in [min, max].
  int64_t Int(std::string_view name, int64_t default_value, int64_t min, int64_t max);
  // true, false, 1 or 0, in any case.
  bool Bool(std::string_view name, bool default_value);
  // One of `choices`, in any case; returned as it stands in `choices`.
  std::string Choice(std::string_view name, std::string_view default_value,
                     const std::vector<std::string>& choices);
  // Comma-separated; spaces around an item are dropped, empty items are a problem. An empty default
  // is an empty list.
  std::vector<std::string> List(std::string_view name, std::string_view default_value);
  // Adds a problem that the caller found.
  void Problem(std::string problem) { problems_.push_back(std::move(problem)); }

  // OK, or INVALID_ARGUMENT with every problem, `; ` between them.
  absl::Status status() const;

 private:
  const Environment& environment_;
  std::vector<std::string> problems_;
};

}  // namespace muster::base
