#include "telemetry/metrics_endpoint.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "gmock/gmock.h"
#include "telemetry/match_metrics.h"
#include "tests/support/status_matchers.h"

namespace muster::telemetry {
namespace {

using support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

int PortOf(const std::string& address) { return std::stoi(address.substr(address.find(':') + 1)); }

// The answer to one GET of a server on this machine, headers included.
std::string Get(const std::string& address, const std::string& path) {
  sockaddr_in server = {};
  server.sin_family = AF_INET;
  server.sin_port = htons(static_cast<uint16_t>(PortOf(address)));
  inet_pton(AF_INET, "127.0.0.1", &server.sin_addr);
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(connect(socket, reinterpret_cast<const sockaddr*>(&server), sizeof(server)), 0);
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(write(socket, request.data(), request.size()), static_cast<ssize_t>(request.size()));
  std::string answer;
  std::array<char, 4096> buffer;
  for (ssize_t got = 0; (got = read(socket, buffer.data(), buffer.size())) > 0;) {
    answer.append(buffer.data(), static_cast<size_t>(got));
  }
  close(socket);
  return answer;
}

class MetricsEndpointTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<MetricsEndpoint>> Start(int port = 0) {
    return MetricsEndpoint::Start({"127.0.0.1", port, "/own/path"}, registry_.collectable());
  }

  MetricRegistry registry_{"app"};
  MatchMetrics metrics_{registry_};
};

TEST_F(MetricsEndpointTest, ServesTheRegistryUnderItsPath) {
  const auto endpoint = Start().value();
  metrics_.MatchMade(2);

  EXPECT_THAT(Get(endpoint->address(), "/own/path"),
              AllOf(HasSubstr("200 OK"), HasSubstr("app_matches_total 1")));
  EXPECT_THAT(Get(endpoint->address(), "/other"), HasSubstr("404"));
}

TEST_F(MetricsEndpointTest, NamesTheAddressThatIsTaken) {
  const auto endpoint = Start().value();

  EXPECT_THAT(Start(PortOf(endpoint->address())),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("metrics: cannot listen on " + endpoint->address())));
}

TEST_F(MetricsEndpointTest, FreesItsPortWhenItGoes) {
  const int port = PortOf(Start().value()->address());

  EXPECT_TRUE(Start(port).ok());
}

}  // namespace
}  // namespace muster::telemetry
