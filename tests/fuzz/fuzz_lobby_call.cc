#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "nlohmann/json.hpp"
#include "tests/fakes/fake_web_socket.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/http/edge_fixture.h"

// Any method, path, query and headers get one answer that a client can read, and touch nothing that
// is not the caller's. An input is "METHOD /path?query", lines "Name: value", an empty line and a
// body, which is what a WebSocket says.
namespace muster::http {
namespace {

using net::server::Request;

const std::set<int> kStatuses = {101, 200, 202, 204, 400, 401, 403, 404, 405, 409, 426, 429, 503};

// Takes what stands before `end`, and drops that.
std::string_view TakeUntil(char end, std::string_view* text) {
  const std::string_view taken = text->substr(0, text->find(end));
  text->remove_prefix(std::min(taken.size() + 1, text->size()));
  return taken;
}

Request ReadRequest(std::string_view text) {
  std::string_view line = TakeUntil('\n', &text);
  Request request{.method = std::string(TakeUntil(' ', &line)), .peer = "10.0.0.1"};
  // The server lets no other path through.
  request.path = "/" + std::string(TakeUntil('?', &line));
  request.query = line;
  while (!text.empty()) {
    line = TakeUntil('\n', &text);
    if (line.empty()) break;
    const std::string_view name = TakeUntil(':', &line);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    request.headers.push_back({std::string(name), std::string(line)});
  }
  request.body = text;
  request.wants_web_socket = request.Header("Upgrade").has_value();
  return request;
}

bool IsJson(std::string_view text) { return nlohmann::json::accept(text); }

void CheckAnswer(const Request& request, const Answer& answer) {
  FUZZ_CHECK(kStatuses.contains(answer.status));
  FUZZ_CHECK(answer.content_type.find("json") == std::string::npos || IsJson(answer.body));
  for (const base::HttpHeader& header : answer.headers) {
    FUZZ_CHECK(header.value.find_first_of("\r\n") == std::string::npos);
  }
  const bool shows_nobody = request.Header("Authorization").value_or("").empty();
  const bool is_health = request.path == "/healthz" || request.path == "/readyz";
  FUZZ_CHECK(!shows_nobody || is_health || answer.status >= 400);
  const bool is_too_early = answer.status == 429 || answer.status == 503;
  FUZZ_CHECK(!is_too_early || !answer.Header("Retry-After").empty());
}

void CheckSocket(Answer& answer, std::string_view text) {
  const auto socket = std::make_shared<fakes::FakeWebSocket>();
  answer.socket->OnOpen(socket);
  answer.socket->OnMessage(text);
  for (const std::string& message : socket->messages()) FUZZ_CHECK(IsJson(message));
  answer.socket->OnClose();
}

void CheckCall(const Request& request) {
  Edge edge({.addresses = {.trusted_proxies = net::NetworkSet::Parse({"10.0.0.0/8"}).value()}});
  edge.servers().Add("http://container1:3000", {.held = {"alice"}});
  lobby::Request before = DoneRequest();
  before.id = "1";
  before = edge.Put(before);
  edge.Put(lobby::GameServer{.id = "server1"});

  Answer answer = edge.Call(request);

  CheckAnswer(request, answer);
  if (answer.socket != nullptr) CheckSocket(answer, request.body);
  const std::string_view shown = request.Header("Authorization").value_or("");
  FUZZ_CHECK(shown == "alice" || shown.find(kAdminToken) != std::string_view::npos ||
             edge.Find("alice") == before);
}

}  // namespace
}  // namespace muster::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  muster::http::CheckCall(muster::http::ReadRequest({reinterpret_cast<const char*>(data), size}));
  return 0;
}
