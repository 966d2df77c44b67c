#include "store/redis/durability.h"

#include <array>
#include <memory>
#include <string_view>

#include "base/status_macros.h"
#include "base/strings.h"

namespace muster::store::redis {
namespace {

struct Wanted {
  std::string_view setting;
  std::string_view value;
  // What follows from any other.
  std::string_view otherwise;
};

constexpr std::array<Wanted, 3> kWanted = {{
    {"appendonly", "yes", "a restart loses everything since the latest snapshot"},
    {"appendfsync", "always", "a crash of its machine loses the latest writes"},
    {"maxmemory-policy", "noeviction", "it may throw records and leases away when memory is short"},
}};

}  // namespace

absl::StatusOr<std::vector<std::string>> DurabilityProblems(
    const RedisConnection::Options& server) {
  MUSTER_ASSIGN_OR_RETURN(const auto connection, RedisConnection::Open(server));
  std::vector<std::string> problems;
  for (const Wanted& wanted : kWanted) {
    MUSTER_RETURN_IF_ERROR(connection->Add({"CONFIG", "GET", std::string(wanted.setting)}));
    MUSTER_ASSIGN_OR_RETURN(const RedisReply reply, connection->Receive());
    // Name and value; an error, which has no parts, when nobody is to know.
    const std::string_view value = reply.value()[1].text();
    if (value.empty() || value == wanted.value) continue;
    problems.push_back(base::StrCat(wanted.setting, " is ", value, ", not ", wanted.value, ": ",
                                    wanted.otherwise));
  }
  return problems;
}

}  // namespace muster::store::redis
