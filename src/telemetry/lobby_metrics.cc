#include "telemetry/lobby_metrics.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace muster::telemetry {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

// Seconds. Calls take milliseconds, servers seconds.
const Histogram::BucketBoundaries kCallTimes = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                0.05,   0.1,   0.25,   0.5,   1,    5};
const Histogram::BucketBoundaries kWaits = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
                                            2,     5,    10,    20,   30,  60,   120};

double Seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

struct LobbyMetrics::Series {
  Series(MetricRegistry& registry, const std::vector<std::string_view>& refusals)
      : calls(registry.Counters("http_calls_total", "Calls that were answered.")),
        call_time(registry.Histograms("http_call_seconds", "From a call's head to its answer.")),
        rate_limited(registry.OneCounter("http_rate_limited_total",
                                         "Calls refused because their client made too many.")),
        messages(registry.Counters("web_socket_messages_total", "Messages of WebSockets.")),
        messages_in(messages.Add({{"direction", "in"}})),
        messages_out(messages.Add({{"direction", "out"}})),
        wait(registry.Histograms("request_wait_seconds", "From a request's ask to its slot.")
                 .Add({}, kWaits)),
        requests_failed(registry.OneCounter("requests_failed_total", "Requests that failed.")),
        start_time(registry
                       .Histograms("server_start_seconds",
                                   "From the decision to start a server to its first answer.")
                       .Add({}, kWaits)),
        servers_failed(
            registry.OneCounter("servers_failed_total", "Servers that could not be started.")),
        servers_ended(registry.OneCounter("servers_ended_total", "Servers that ran and ended.")),
        troubles(registry.Counters("troubles_total", "Times that a neighbour began to fail.")),
        owner(registry.OneGauge("fleet_owner", "1: this replica places requests and servers.")),
        waiting(registry.OneGauge("requests_waiting", "Requests that have no slot yet.")),
        servers(registry.Gauges("servers", "Game servers by their state.")),
        starting(servers.Add({{"state", "starting"}})),
        ready(servers.Add({{"state", "ready"}})),
        draining(servers.Add({{"state", "draining"}})),
        slots(registry.OneGauge("slots", "Slots of the game servers that are known.")),
        slots_used(registry.OneGauge("slots_used", "Slots that are held or being asked for.")),
        connections(registry.OneGauge("http_connections", "Open connections, WebSockets too.")),
        web_sockets(registry.OneGauge("web_sockets", "Open WebSockets.")),
        server_calls(registry.OneGauge("server_calls_pending",
                                       "Calls to game servers that are not answered yet.")),
        bus_dropped(registry.OneGauge("bus_messages_dropped",
                                      "Messages between replicas that were let go so far.")),
        unreadable(registry.OneGauge("unreadable_records",
                                     "Times that a record could not be read so far.")) {
    auto& refused = registry.Counters("http_refused_total", "Connections turned away, by reason.");
    for (const std::string_view reason : refusals) {
      refused_by.push_back(&refused.Add({{"reason", std::string(reason)}}));
    }
  }

  void Show(const LobbyGauges& gauges) const {
    owner.Set(gauges.is_owner ? 1 : 0);
    waiting.Set(gauges.waiting_requests);
    starting.Set(gauges.servers_starting);
    ready.Set(gauges.servers_ready);
    draining.Set(gauges.servers_draining);
    slots.Set(gauges.slots);
    slots_used.Set(gauges.slots_used);
    connections.Set(gauges.connections);
    web_sockets.Set(gauges.web_sockets);
    server_calls.Set(gauges.pending_server_calls);
    bus_dropped.Set(gauges.bus_dropped);
    unreadable.Set(gauges.unreadable_records);
  }

  Family<Counter>& calls;
  Family<Histogram>& call_time;
  Counter& rate_limited;
  Family<Counter>& messages;
  Counter& messages_in;
  Counter& messages_out;
  Histogram& wait;
  Counter& requests_failed;
  Histogram& start_time;
  Counter& servers_failed;
  Counter& servers_ended;
  Family<Counter>& troubles;
  Gauge& owner;
  Gauge& waiting;
  Family<Gauge>& servers;
  Gauge& starting;
  Gauge& ready;
  Gauge& draining;
  Gauge& slots;
  Gauge& slots_used;
  Gauge& connections;
  Gauge& web_sockets;
  Gauge& server_calls;
  Gauge& bus_dropped;
  Gauge& unreadable;
  std::vector<Counter*> refused_by;
};

LobbyMetrics::LobbyMetrics(MetricRegistry& registry, const std::vector<std::string_view>& refusals)
    : registry_(registry), series_(std::make_shared<Series>(registry, refusals)) {}

LobbyMetrics::~LobbyMetrics() = default;

void LobbyMetrics::CallEnded(std::string_view call, int status, std::chrono::nanoseconds duration) {
  series_->calls.Add({{"call", std::string(call)}, {"status", absl::StrCat(status)}}).Increment();
  series_->call_time.Add({{"call", std::string(call)}}, kCallTimes).Observe(Seconds(duration));
}

void LobbyMetrics::Refused(size_t refusal) { series_->refused_by.at(refusal)->Increment(); }
void LobbyMetrics::RateLimited() { series_->rate_limited.Increment(); }

void LobbyMetrics::SocketMessage(bool sent) {
  (sent ? series_->messages_out : series_->messages_in).Increment();
}

void LobbyMetrics::RequestDone(std::chrono::milliseconds waited) {
  series_->wait.Observe(Seconds(waited));
}

void LobbyMetrics::RequestFailed() { series_->requests_failed.Increment(); }

void LobbyMetrics::ServerStarted(std::chrono::milliseconds took) {
  series_->start_time.Observe(Seconds(took));
}

void LobbyMetrics::ServerFailed() { series_->servers_failed.Increment(); }
void LobbyMetrics::ServerEnded() { series_->servers_ended.Increment(); }

void LobbyMetrics::Trouble(std::string_view what) {
  series_->troubles.Add({{"what", std::string(what)}}).Increment();
}

void LobbyMetrics::Show(std::function<LobbyGauges()> look) {
  registry_.OnScrape([series = series_, look = std::move(look)] { series->Show(look()); });
}

}  // namespace muster::telemetry
