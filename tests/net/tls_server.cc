#include "tests/net/tls_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string_view>

namespace muster::net {
namespace {

// What fails here is the machine's fault, and no test could go on.
void Require(bool done) {
  if (!done) std::abort();
}

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

Bio Reader(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

SSL_CTX* NewContext(const support::Identity& identity) {
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  Require(context != nullptr);
  X509* const certificate =
      PEM_read_bio_X509(Reader(identity.certificate).get(), nullptr, nullptr, nullptr);
  Require(SSL_CTX_use_certificate(context, certificate) == 1);
  X509_free(certificate);
  EVP_PKEY* const key =
      PEM_read_bio_PrivateKey(Reader(identity.private_key).get(), nullptr, nullptr, nullptr);
  Require(SSL_CTX_use_PrivateKey(context, key) == 1);
  EVP_PKEY_free(key);
  return context;
}

void RequireClients(SSL_CTX* context, const std::string& authority) {
  X509* const certificate = PEM_read_bio_X509(Reader(authority).get(), nullptr, nullptr, nullptr);
  Require(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate) == 1);
  X509_free(certificate);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

int Listen() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Require(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  Require(listen(listener, SOMAXCONN) == 0);
  return listener;
}

}  // namespace

TlsServer::TlsServer(const support::Identity& identity)
    : context_(NewContext(identity), SSL_CTX_free), listener_(Listen()) {
  Start();
}

TlsServer::TlsServer(const support::Identity& identity, const std::string& client_authority)
    : context_(NewContext(identity), SSL_CTX_free), listener_(Listen()) {
  RequireClients(context_.get(), client_authority);
  Start();
}

void TlsServer::Start() {
  thread_ = std::thread([this] { Loop(); });
}

TlsServer::~TlsServer() {
  // Wakes accept.
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

std::string TlsServer::UrlAt(const std::string& host) const {
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  Require(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return "https://" + host + ":" + std::to_string(ntohs(address.sin_port));
}

void TlsServer::Loop() {
  // OpenSSL writes to clients that left.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  while (true) {
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    Serve(connection);
    close(connection);
  }
}

void TlsServer::Serve(int connection) {
  constexpr std::string_view kReply =
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context_.get()), SSL_free);
  SSL_set_fd(tls.get(), connection);
  if (SSL_accept(tls.get()) != 1) return;
  std::string call;
  std::array<char, 4096> buffer;
  while (call.find("\r\n\r\n") == std::string::npos) {
    const int got = SSL_read(tls.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (got <= 0) return;
    bytes_ += got;
    call.append(buffer.data(), static_cast<size_t>(got));
  }
  SSL_write(tls.get(), kReply.data(), static_cast<int>(kReply.size()));
  SSL_shutdown(tls.get());
}

}  // namespace muster::net
