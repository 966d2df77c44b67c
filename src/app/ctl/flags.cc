#include "app/ctl/flags.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "app/ctl/ticket_file.h"
#include "base/strings.h"

namespace muster::app::ctl {
namespace {

// Longer than any tick, and far from where milliseconds overflow.
constexpr double kMaxTimeoutS = 24 * 3600;

// gRPC sets these itself, and would drop or repeat what we send.
constexpr std::array<std::string_view, 4> kReservedHeaders = {"content-type", "host", "te",
                                                              "user-agent"};

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// The name in lower case and the value; without `=` the value is empty.
std::pair<std::string, std::string> SplitHeader(std::string_view text) {
  const size_t equals = std::min(text.find('='), text.size());
  return {absl::AsciiStrToLower(base::ToAbsl(text.substr(0, equals))),
          std::string(text.substr(std::min(equals + 1, text.size())))};
}

// gRPC ends the process when a name or a value is not legal.
bool IsHeaderName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
  });
}

// What is wrong with NAME=VALUE; empty: nothing.
std::string HeaderProblem(const std::string& text) {
  if (text.find('=') == std::string::npos) return base::StrCat("`", text, "` is not NAME=VALUE");
  const auto [name, value] = SplitHeader(text);
  if (!IsHeaderName(name)) {
    return base::StrCat("name `", name,
                        "` is empty or holds something else than A-Z a-z 0-9 - _ .");
  }
  const bool reserved =
      absl::StartsWith(name, "grpc-") ||
      std::find(kReservedHeaders.begin(), kReservedHeaders.end(), name) != kReservedHeaders.end();
  if (reserved) return base::StrCat("`", name, "` is set by gRPC itself");
  if (!IsPrintable(value)) {
    return base::StrCat("the value of `", name, "` holds a character that a header cannot carry");
  }
  return "";
}

// The token would be sent beside it, and servers differ in which one they take.
void CheckOneAuthorization(const CallFlags& flags) {
  const bool named = std::any_of(
      flags.headers.begin(), flags.headers.end(),
      [](const std::string& header) { return SplitHeader(header).first == "authorization"; });
  if (!named || flags.token.empty()) return;
  throw CLI::ValidationError("--header", "authorization is what --token sends");
}

struct TlsPaths {
  std::string authorities;
  std::string certificate_chain;
  std::string private_key;
};

// What is wrong with a PEM text that should hold a `kind`; empty: nothing that can be seen here.
std::string PemProblem(const std::string& text, std::string_view kind) {
  if (!absl::StrContains(text, base::ToAbsl(base::StrCat(kind, "-----")))) {
    return base::StrCat(" holds no ", absl::AsciiStrToLower(base::ToAbsl(kind)), " in PEM form");
  }
  const bool encrypted = kind == "PRIVATE KEY" && absl::StrContains(text, "ENCRYPTED");
  return encrypted ? " holds an encrypted key" : "";
}

// The text of the file that `option` names, when it is given.
std::string ReadPem(const CLI::Option& option, const std::string& path, std::string_view kind) {
  if (option.count() == 0) return "";
  absl::StatusOr<std::string> text = ReadTextFile(path);
  if (!text.ok()) {
    throw CLI::ValidationError(option.get_name(), std::string(text.status().message()));
  }
  const std::string problem = PemProblem(*text, kind);
  if (!problem.empty()) throw CLI::ValidationError(option.get_name(), path + problem);
  return *std::move(text);
}

void AddTlsFlags(CLI::App* command, CallFlags* flags) {
  const auto paths = std::make_shared<TlsPaths>();
  const auto add = [command](const char* flag, std::string& value, const char* description,
                             const char* variable) {
    return command->add_option(flag, value, description)->envname(variable);
  };
  CLI::Option* const ca =
      add("--tls-ca", paths->authorities,
          "File with the authorities of the server, PEM; none: plain text", "MUSTERCTL_TLS_CA");
  CLI::Option* const certificate =
      add("--tls-cert", paths->certificate_chain,
          "File with a certificate chain to show to the server, PEM", "MUSTERCTL_TLS_CERT");
  CLI::Option* const key =
      add("--tls-key", paths->private_key, "File with its private key, PEM", "MUSTERCTL_TLS_KEY");
  CLI::Option* const name = add("--tls-server-name", flags->tls.server_name,
                                "Name in the server's certificate; by default the host of --target",
                                "MUSTERCTL_TLS_SERVER_NAME");
  certificate->needs(ca)->needs(key);
  key->needs(certificate);
  name->needs(ca);
  // Not as validators: those of all commands run, and before --help is looked at.
  command->parse_complete_callback([=] {
    CheckOneAuthorization(*flags);
    flags->tls.authorities = ReadPem(*ca, paths->authorities, "CERTIFICATE");
    flags->tls.certificate_chain = ReadPem(*certificate, paths->certificate_chain, "CERTIFICATE");
    flags->tls.private_key = ReadPem(*key, paths->private_key, "PRIVATE KEY");
  });
}

}  // namespace

rpc::client::ClientOptions CallFlags::ToOptions() const {
  rpc::client::ClientOptions options;
  options.target = target;
  options.token = token;
  for (const std::string& header : headers) options.headers.push_back(SplitHeader(header));
  options.tls = tls;
  options.deadline = std::chrono::milliseconds(static_cast<int64_t>(timeout_s * 1000));
  return options;
}

void AddCallFlags(CLI::App* command, CallFlags* flags) {
  command->add_option("--target", flags->target, "Server, host:port")->capture_default_str();
  command->add_option("--token", flags->token, "Bearer token to send; none by default")
      ->envname("MUSTERCTL_TOKEN")
      ->check([](const std::string& token) {
        return IsPrintable(token) ? "" : "holds a character that a header cannot carry";
      });
  command
      ->add_option("--header", flags->headers,
                   "Header to send, NAME=VALUE; may be given repeatedly")
      ->allow_extra_args(false)
      ->check(HeaderProblem);
  AddTlsFlags(command, flags);
  command->add_option("--timeout", flags->timeout_s, "Seconds that a call may take")
      ->check(CLI::Range(0.001, kMaxTimeoutS))
      ->capture_default_str();
  command->add_flag("--json", flags->json, "For scripts: one JSON object a line");
}

void AddTicketFlags(CLI::App* command, TicketFlags* flags) {
  AddCallFlags(command, &flags->call);
  command->add_option("--rules", flags->rules_path, "File with the ruleset, JSON; none by default");
  command
      ->add_option("--tickets", flags->tickets_path,
                   "File with one ticket in proto JSON a line; - is standard input")
      ->required();
  command->add_option("--rows", flags->rows, "Rows of the table to show")->capture_default_str();
}

}  // namespace muster::app::ctl
