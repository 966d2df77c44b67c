#pragma once

#include <map>
#include <string>
#include <string_view>

#include "lobby/request.h"
#include "net/server/message.h"
#include "net/url.h"

namespace muster::http {

// Which address a player is told for a game server. Immutable, hence thread-safe.
class Addresses {
 public:
  struct Options {
    // Of all machines that run game servers; empty: each player's own word for the lobby.
    std::string external_hostname;
    // Of a machine by the engine's name for it; goes before external_hostname.
    std::map<std::string, std::string, std::less<>> node_hostnames;
    // Those who may say with X-Forwarded-Host what the caller's word for the lobby was.
    net::NetworkSet trusted_proxies;
  };

  explicit Addresses(Options options) : options_(std::move(options)) {}

  // The caller's word for the lobby's host: of Host, or the last one of X-Forwarded-Host when the
  // peer is a trusted proxy; an IPv6 address in brackets. "localhost" when there is none that can
  // be used.
  std::string CallersHost(const net::server::Request& request) const;

  // "host:port": the host is the node's configured name, else external_hostname, else the node's
  // own address when it is another machine than the lobby's, else `callers_host`.
  std::string Of(const lobby::Place& place, std::string_view callers_host) const;

 private:
  const Options options_;
};

}  // namespace muster::http
