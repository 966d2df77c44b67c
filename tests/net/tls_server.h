#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "tests/support/test_certificates.h"

struct ssl_ctx_st;

namespace muster::net {

// An HTTPS server on a port of 127.0.0.1: answers the first request of each connection with 200 and
// closes it. One connection at a time.
class TlsServer {
 public:
  explicit TlsServer(const support::Identity& identity);
  // Serves only clients with a certificate of `client_authority`, PEM.
  TlsServer(const support::Identity& identity, const std::string& client_authority);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  // "https://HOST:PORT", without a final slash.
  std::string UrlAt(const std::string& host) const;
  // Bytes that came through TLS.
  int bytes() const { return bytes_; }

 private:
  void Start();
  void Loop();
  void Serve(int connection);

  const std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
  const int listener_;
  std::atomic<int> bytes_ = 0;
  std::thread thread_;
};

}  // namespace muster::net
