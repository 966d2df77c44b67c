#include "gameserver/game_server.h"

#include <stop_token>
#include <utility>

#include "base/status_macros.h"
#include "base/stop_wait.h"

namespace muster::gameserver {
namespace {

// How late a slot may be freed or an end be seen.
constexpr std::chrono::milliseconds kTickInterval{100};

std::unique_ptr<EventStream> MakeStream(const std::optional<EventStream::Options>& options,
                                        JsonLog& log) {
  return options.has_value() ? std::make_unique<EventStream>(*options, log) : nullptr;
}

std::unique_ptr<LobbyNotifier> MakeLobby(const std::optional<LobbyNotifier::Options>& options,
                                         base::HttpSender& sender, JsonLog& log) {
  return options.has_value() ? std::make_unique<LobbyNotifier>(*options, sender, log) : nullptr;
}

}  // namespace

class GameServer::NoEvents final : public GameEvents {
 public:
  void Publish(GameEvent /*event*/) override {}
};

class GameServer::Control final : public net::server::Handler {
 public:
  explicit Control(GameServer& server)
      : api_({[&server] { return !server.room_.closed(); },
              [&server] { return MetricsPage(server.figures()); }, Close(server)},
             server.room_, server.games_) {}

  void Handle(net::server::Request request, net::server::Reply reply) override {
    reply.Send(api_.Answer(request));
  }

 private:
  // Empty where it is not allowed.
  static std::function<void()> Close(GameServer& server) {
    if (!server.options_.allow_close) return nullptr;
    return [&server] {
      server.TakeNobodyNew();
      server.life_.EndSoon();
    };
  }

  ControlApi api_;
};

absl::StatusOr<std::unique_ptr<GameServer>> GameServer::Start(Options options, Parts parts) {
  // The constructor is private to this function, so make_unique cannot reach it.
  auto server = std::unique_ptr<GameServer>(new GameServer(std::move(options), std::move(parts)));
  MUSTER_RETURN_IF_ERROR(server->Listen());
  return server;
}

GameServer::GameServer(Options options, Parts parts)
    : options_(std::move(options)),
      parts_(std::move(parts)),
      no_events_(std::make_unique<NoEvents>()),
      stream_(MakeStream(options_.events, parts_.log)),
      lobby_(MakeLobby(options_.lobby, parts_.sender, parts_.log)),
      room_(options_.slots, parts_.clock,
            [this] {
              if (lobby_ != nullptr) lobby_->NotifyChanged();
            }),
      games_(options_.games, stream_ != nullptr ? static_cast<GameEvents&>(*stream_) : *no_events_,
             parts_.clock, RandomToken),
      life_(
          {.idle_exit = options_.idle_exit}, parts_.clock,
          [this] { return room_.CloseIfUnused([this] { return games_.CloseIfUnused(); }); },
          parts_.on_end),
      gate_(room_, games_),
      control_(std::make_unique<Control>(*this)) {}

GameServer::~GameServer() { Stop(); }

absl::Status GameServer::Listen() {
  MUSTER_ASSIGN_OR_RETURN(player_server_,
                          net::server::HttpServer::Start(Counted(options_.player_port), gate_));
  MUSTER_ASSIGN_OR_RETURN(
      control_server_, net::server::HttpServer::Start(Counted(options_.control_port), *control_));
  ticker_ = std::jthread([this](const std::stop_token& stop) {
    while (base::WaitUnlessStopped(kTickInterval, stop)) Tick();
  });
  return absl::OkStatus();
}

net::server::HttpServer::Options GameServer::Counted(net::server::HttpServer::Options options) {
  options.on_refusal = [this](net::server::Refusal refusal) {
    refusals_[static_cast<size_t>(refusal)].fetch_add(1, std::memory_order_relaxed);
  };
  return options;
}

void GameServer::Tick() {
  room_.Expire();
  games_.Expire();
  life_.Tick(room_.occupancy().used > 0 || games_.counts().games > 0);
}

// The games first: a closed room says that all is closed.
void GameServer::TakeNobodyNew() {
  games_.Close();
  room_.Close();
}

Figures GameServer::figures() const {
  Figures figures{room_.occupancy(), room_.messages(), games_.counts(), {}, {}, {}};
  if (stream_ != nullptr) figures.events = stream_->counts();
  if (lobby_ != nullptr) figures.lobby = lobby_->counts();
  for (size_t i = 0; i < refusals_.size(); ++i) {
    figures.refusals[i] = refusals_[i].load(std::memory_order_relaxed);
  }
  return figures;
}

// The players have half of the grace; events and the last answers a quarter each.
void GameServer::Stop() {
  TakeNobodyNew();
  if (ticker_.joinable()) {
    ticker_.request_stop();
    ticker_.join();
  }
  if (player_server_ != nullptr) player_server_->Stop(options_.grace / 2);
  games_.Clear();
  if (stream_ != nullptr) stream_->Flush(options_.grace / 4);
  if (control_server_ != nullptr) control_server_->Stop(options_.grace / 4);
}

}  // namespace muster::gameserver
