#include "provision/engine_json.h"

#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "nlohmann/json.hpp"

namespace muster::provision {
namespace {

using nlohmann::json;

constexpr size_t kMaxMessageBytes = 1000;

absl::StatusOr<json> Parse(std::string_view text, json::value_t kind) {
  json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (parsed.type() == kind) return parsed;
  return absl::InternalError("the engine's answer cannot be read");
}

// What lies at the end of these names; null when one is missing.
const json& At(const json& value, std::initializer_list<const char*> names) {
  static const json kNothing;
  const json* at = &value;
  for (const char* const name : names) {
    const auto found = at->is_object() ? at->find(name) : at->end();
    if (!at->is_object() || found == at->end()) return kNothing;
    at = &*found;
  }
  return *at;
}

std::string Text(const json& value) {
  return value.is_string() ? value.get_ref<const std::string&>() : std::string();
}

std::string TextAt(const json& value, std::initializer_list<const char*> names) {
  return Text(At(value, names));
}

// 0 for what is no number, or one out of range.
int IntAt(const json& value, std::initializer_list<const char*> names) {
  const json& at = At(value, names);
  if (!at.is_number_integer()) return 0;
  const auto number = at.get<int64_t>();
  const bool fits =
      number >= std::numeric_limits<int>::min() && number <= std::numeric_limits<int>::max();
  return fits ? static_cast<int>(number) : 0;
}

int IntOfText(const std::string& text) {
  int number = 0;
  return absl::SimpleAtoi(text, &number) ? number : 0;
}

std::map<std::string, std::string> TextsAt(const json& value,
                                           std::initializer_list<const char*> names) {
  std::map<std::string, std::string> texts;
  const json& at = At(value, names);
  if (!at.is_object()) return texts;
  for (const auto& [name, text] : at.items()) texts.emplace(name, Text(text));
  return texts;
}

// "10.0.1.5/24" without the length of its prefix.
std::string WithoutPrefix(const std::string& address) {
  return address.substr(0, address.find('/'));
}

void AddPort(std::string inside, int outside, std::vector<PublishedPort>* ports) {
  if (outside > 0 && outside <= 65535) ports->push_back({std::move(inside), outside});
}

std::map<std::string, std::string> NetworksOf(const json& container) {
  std::map<std::string, std::string> addresses;
  const json& networks = At(container, {"NetworkSettings", "Networks"});
  if (!networks.is_object()) return addresses;
  for (const auto& [name, network] : networks.items()) {
    addresses.emplace(name, TextAt(network, {"IPAddress"}));
  }
  return addresses;
}

Container ListedContainer(const json& value) {
  Container container = {.id = TextAt(value, {"Id"}),
                         .state = TextAt(value, {"State"}),
                         .labels = TextsAt(value, {"Labels"}),
                         .addresses = NetworksOf(value)};
  const json& names = At(value, {"Names"});
  if (names.is_array() && !names.empty()) container.name = Text(names[0]);
  for (const json& port : At(value, {"Ports"})) {
    const std::string inside =
        base::StrCat(IntAt(port, {"PrivatePort"}), "/", TextAt(port, {"Type"}));
    AddPort(inside, IntAt(port, {"PublicPort"}), &container.ports);
  }
  return container;
}

Task ParseTask(const json& value) {
  Task task = {.id = TextAt(value, {"ID"}),
               .service_id = TextAt(value, {"ServiceID"}),
               .node_id = TextAt(value, {"NodeID"}),
               .state = TextAt(value, {"Status", "State"}),
               .desired_state = TextAt(value, {"DesiredState"}),
               .error = TextAt(value, {"Status", "Err"}),
               .exit_code = IntAt(value, {"Status", "ContainerStatus", "ExitCode"}),
               .created_at = TextAt(value, {"CreatedAt"})};
  for (const json& port : At(value, {"Status", "PortStatus", "Ports"})) {
    const std::string inside =
        base::StrCat(IntAt(port, {"TargetPort"}), "/", TextAt(port, {"Protocol"}));
    AddPort(inside, IntAt(port, {"PublishedPort"}), &task.ports);
  }
  for (const json& attachment : At(value, {"NetworksAttachments"})) {
    const json& addresses = At(attachment, {"Addresses"});
    if (!addresses.is_array() || addresses.empty()) continue;
    task.addresses.emplace(TextAt(attachment, {"Network", "Spec", "Name"}),
                           WithoutPrefix(Text(addresses[0])));
  }
  return task;
}

Node ParseNode(const json& value) {
  const std::string manager = TextAt(value, {"ManagerStatus", "Addr"});
  return {.id = TextAt(value, {"ID"}),
          .host_name = TextAt(value, {"Description", "Hostname"}),
          .state = TextAt(value, {"Status", "State"}),
          .address = TextAt(value, {"Status", "Addr"}),
          .manager_address = manager.substr(0, manager.rfind(':'))};
}

Service ParseService(const json& value) {
  return {.id = TextAt(value, {"ID"}),
          .name = TextAt(value, {"Spec", "Name"}),
          .labels = TextsAt(value, {"Spec", "Labels"})};
}

template <typename Item>
absl::StatusOr<std::vector<Item>> ParseList(std::string_view text,
                                            Item (*parse)(const json& value)) {
  MUSTER_ASSIGN_OR_RETURN(const json list, Parse(text, json::value_t::array));
  std::vector<Item> items;
  items.reserve(list.size());
  for (const json& item : list) items.push_back(parse(item));
  return items;
}

}  // namespace

absl::StatusOr<EngineVersions> ParseEngineVersions(std::string_view text) {
  MUSTER_ASSIGN_OR_RETURN(const json value, Parse(text, json::value_t::object));
  return EngineVersions{TextAt(value, {"ApiVersion"}), TextAt(value, {"MinAPIVersion"})};
}

absl::StatusOr<std::vector<Container>> ParseContainers(std::string_view text) {
  return ParseList<Container>(text, ListedContainer);
}

absl::StatusOr<Container> ParseContainer(std::string_view text) {
  MUSTER_ASSIGN_OR_RETURN(const json value, Parse(text, json::value_t::object));
  Container container = {.id = TextAt(value, {"Id"}),
                         .name = TextAt(value, {"Name"}),
                         .state = TextAt(value, {"State", "Status"}),
                         .labels = TextsAt(value, {"Config", "Labels"}),
                         .addresses = NetworksOf(value),
                         .exit_code = IntAt(value, {"State", "ExitCode"}),
                         .out_of_memory = At(value, {"State", "OOMKilled"}) == json(true)};
  const json& ports = At(value, {"NetworkSettings", "Ports"});
  if (!ports.is_object()) return container;
  for (const auto& [inside, bindings] : ports.items()) {
    for (const json& binding : bindings) {
      AddPort(inside, IntOfText(TextAt(binding, {"HostPort"})), &container.ports);
    }
  }
  return container;
}

absl::StatusOr<ContainerEvent> ParseContainerEvent(std::string_view line) {
  MUSTER_ASSIGN_OR_RETURN(const json value, Parse(line, json::value_t::object));
  const json& time = At(value, {"timeNano"});
  return ContainerEvent{.time_ns = time.is_number_integer() ? time.get<int64_t>() : 0,
                        .action = TextAt(value, {"Action"}),
                        .id = TextAt(value, {"Actor", "ID"}),
                        .name = TextAt(value, {"Actor", "Attributes", "name"}),
                        .exit_code = IntOfText(TextAt(value, {"Actor", "Attributes", "exitCode"}))};
}

absl::StatusOr<std::vector<Service>> ParseServices(std::string_view text) {
  return ParseList<Service>(text, ParseService);
}

absl::StatusOr<std::vector<Task>> ParseTasks(std::string_view text) {
  return ParseList<Task>(text, ParseTask);
}

absl::StatusOr<std::vector<Node>> ParseNodes(std::string_view text) {
  return ParseList<Node>(text, ParseNode);
}

std::string ParseErrorMessage(std::string_view text) {
  const json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  std::string message = TextAt(value, {"message"});
  if (message.empty()) message = text;
  return message.substr(0, kMaxMessageBytes);
}

std::optional<std::string> ParsePullError(std::string_view lines) {
  for (const absl::string_view line : absl::StrSplit(base::ToAbsl(lines), '\n')) {
    // Of the many lines, only those are worth a parser.
    if (line.find("\"error\"") == line.npos) continue;
    const json value = json::parse(base::FromAbsl(line), nullptr, /*allow_exceptions=*/false);
    const std::string error = TextAt(value, {"error"});
    if (!error.empty()) return error.substr(0, kMaxMessageBytes);
  }
  return std::nullopt;
}

std::string ParseLogFrames(std::string_view bytes) {
  // Which stream, three zero bytes, the length with the highest byte first.
  constexpr size_t kHead = 8;
  constexpr size_t kLengthAt = 4;
  std::string output;
  while (bytes.size() >= kHead) {
    size_t length = 0;
    for (size_t i = kLengthAt; i < kHead; ++i) {
      length = length * 256 + static_cast<unsigned char>(bytes[i]);
    }
    bytes.remove_prefix(kHead);
    const std::string_view frame = bytes.substr(0, length);
    output += frame;
    bytes.remove_prefix(frame.size());
  }
  return output;
}

}  // namespace muster::provision
