// A game server in miniature for tests of provisioners. It listens on GAME_PORT, where it answers
// with its id, and on CONTROL_PORT, where the path of a request says what to do:
//
//   /environment   answers with its environment, a variable a line
//   /exit/CODE     writes "last words" and exits
//   anything else  answers with 200
//
// EXIT_AT_START=CODE ends it at once, STUBBORN=1 lets it pass over SIGTERM, CHILD=1 gives it a
// child that does nothing, CHILD=2 one that leads a session of its own. Built without any library,
// so that it runs in an empty image.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

extern char** environ;

namespace {

std::string Variable(const char* name) {
  const char* const value = getenv(name);
  return value == nullptr ? "" : value;
}

[[noreturn]] void Exit(int code) {
  std::cout << "first words\nlast words" << std::endl;
  std::exit(code);
}

int Listen(const std::string& port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(std::strtol(port.c_str(), nullptr, 10)));
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener, SOMAXCONN) != 0) {
    Exit(98);
  }
  return listener;
}

std::string Environment() {
  std::string text;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    text += *variable;
    text += '\n';
  }
  return text;
}

void Answer(int connection, const std::string& body) {
  const std::string answer =
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n" + body;
  [[maybe_unused]] const ssize_t sent = write(connection, answer.data(), answer.size());
}

std::string ReadRequest(int connection) {
  std::array<char, 4096> buffer = {};
  const ssize_t bytes = read(connection, buffer.data(), buffer.size());
  return {buffer.data(), bytes > 0 ? static_cast<size_t>(bytes) : 0};
}

void Control(int connection, const std::string& request) {
  const size_t exit_at = request.find("/exit/");
  if (exit_at != std::string::npos) {
    Exit(static_cast<int>(std::strtol(request.c_str() + exit_at + 6, nullptr, 10)));
  }
  const bool asks = request.find("/environment") != std::string::npos;
  Answer(connection, asks ? Environment() : "ok");
}

void Accept(int listener, bool control) {
  const int connection = accept(listener, nullptr, nullptr);
  if (connection < 0) return;
  const std::string request = ReadRequest(connection);
  if (control) {
    Control(connection, request);
  } else {
    Answer(connection, Variable("SERVER_ID"));
  }
  close(connection);
}

}  // namespace

int main() {
  if (Variable("STUBBORN") == "1") {
    std::signal(SIGTERM, SIG_IGN);
  } else {
    std::signal(SIGTERM, [](int) { _exit(0); });
  }
  const std::string code = Variable("EXIT_AT_START");
  if (!code.empty()) Exit(static_cast<int>(std::strtol(code.c_str(), nullptr, 10)));
  const std::string child = Variable("CHILD");
  if (!child.empty() && fork() == 0) {
    if (child == "2") setsid();
    std::signal(SIGTERM, SIG_IGN);
    while (true) pause();
  }
  std::array<pollfd, 2> listeners = {
      {{.fd = Listen(Variable("GAME_PORT")), .events = POLLIN, .revents = 0},
       {.fd = Listen(Variable("CONTROL_PORT")), .events = POLLIN, .revents = 0}}};
  while (poll(listeners.data(), listeners.size(), -1) >= 0) {
    for (size_t i = 0; i < listeners.size(); ++i) {
      if (listeners[i].revents != 0) Accept(listeners[i].fd, i == 1);
    }
  }
  return 1;
}
