#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"
#include "match_function.pb.h"

// The generated descriptors against tests/data/wire_contract.txt, a table written from what callers
// send. A difference means that some caller is not understood any more.
namespace muster::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

const FileDescriptor& Contract() {
  return *accelbyte::matchmaking::matchfunction::Ticket::descriptor()->file();
}

// A type's name, without the contract's own package.
std::string NameOf(const Descriptor& message) {
  const std::string own = Contract().package() + ".";
  const std::string& name = message.full_name();
  return name.rfind(own, 0) == 0 ? name.substr(own.size()) : name;
}

std::string TypeOf(const FieldDescriptor& field) {
  if (field.is_map()) {
    return std::string("map<") + field.message_type()->map_key()->type_name() + "," +
           field.message_type()->map_value()->type_name() + ">";
  }
  const std::string label = field.is_repeated() ? "repeated " : "";
  return label + (field.message_type() ? NameOf(*field.message_type()) : field.type_name());
}

std::string Line(const FieldDescriptor& field) {
  std::string line = std::to_string(field.number()) + " " + field.name() + ": " + TypeOf(field) +
                     ", json " + field.json_name();
  if (field.containing_oneof() != nullptr) line += ", oneof " + field.containing_oneof()->name();
  return line + "\n";
}

std::string Line(const MethodDescriptor& method) {
  return method.name() + ": " + (method.client_streaming() ? "stream " : "") +
         NameOf(*method.input_type()) + " -> " + (method.server_streaming() ? "stream " : "") +
         NameOf(*method.output_type()) + "\n";
}

// All messages, those within messages included, by name.
void Collect(const Descriptor& message, std::map<std::string, std::string>& lines_of) {
  if (message.options().map_entry()) return;
  std::map<int, std::string> by_number;
  for (int i = 0; i < message.field_count(); ++i) {
    by_number[message.field(i)->number()] = Line(*message.field(i));
  }
  std::string& lines = lines_of[NameOf(message)];
  for (const auto& [number, line] : by_number) lines += line;
  for (int i = 0; i < message.nested_type_count(); ++i) Collect(*message.nested_type(i), lines_of);
}

std::string Generated() {
  std::string text;
  for (int i = 0; i < Contract().service_count(); ++i) {
    const ServiceDescriptor& service = *Contract().service(i);
    text += "service " + service.full_name() + "\n";
    for (int m = 0; m < service.method_count(); ++m) text += Line(*service.method(m));
  }
  std::map<std::string, std::string> lines_of;
  for (int i = 0; i < Contract().message_type_count(); ++i) {
    Collect(*Contract().message_type(i), lines_of);
  }
  for (const auto& [name, lines] : lines_of) text += "\nmessage " + name + "\n" + lines;
  return text;
}

// The table without its comment.
std::string Committed() {
  std::ifstream file(WIRE_CONTRACT_FILE);
  std::ostringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  const size_t start = all.find("service ");
  return start == std::string::npos ? "no table in " WIRE_CONTRACT_FILE : all.substr(start);
}

TEST(WireContract, EveryNameNumberTypeAndMethodIsThatOfTheTable) {
  EXPECT_EQ(Generated(), Committed());
}

TEST(WireContract, HasNoEnumsAndNoExtensions) {
  EXPECT_EQ(Contract().enum_type_count(), 0);
  EXPECT_EQ(Contract().extension_count(), 0);
}

TEST(WireContract, IsProto3AndImportsStructAndTimestamp) {
  EXPECT_EQ(Contract().syntax(), FileDescriptor::SYNTAX_PROTO3);
  ASSERT_EQ(Contract().dependency_count(), 2);
  EXPECT_EQ(Contract().dependency(0)->name(), "google/protobuf/struct.proto");
  EXPECT_EQ(Contract().dependency(1)->name(), "google/protobuf/timestamp.proto");
}

TEST(WireContract, OptionsAreThoseOfTheCallersLanguages) {
  const google::protobuf::FileOptions& options = Contract().options();

  EXPECT_EQ(options.csharp_namespace(), "AccelByte.MatchmakingV2.MatchFunction");
  EXPECT_EQ(options.go_package(), "accelbyte.net/matchmakingv2/matchfunction");
  EXPECT_EQ(options.java_package(), "net.accelbyte.matchmakingv2.matchfunction");
  EXPECT_TRUE(options.java_multiple_files());
}

}  // namespace
}  // namespace muster::rpc
