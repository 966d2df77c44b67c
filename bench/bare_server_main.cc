#include <iostream>

#include "bench/bare_server.h"

// Prints the same record `ready` as ours, so that whoever starts it can find its port.
int main() {
  int port = 0;
  const auto server = muster::bench::BareServer::Start(&port);
  if (server == nullptr) {
    std::cerr << "bench_bare_server: cannot listen\n";
    return 1;
  }
  std::cout << R"({"msg":"ready","grpc":"127.0.0.1:)" << port << "\"}" << std::endl;
  server->Wait();
  return 0;
}
