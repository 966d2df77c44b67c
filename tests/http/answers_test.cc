#include "http/answers.h"

#include <array>
#include <ostream>
#include <string>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace muster::http {
namespace {

using net::server::Response;
using nlohmann::json;

// Of all headers of that name, one after the other.
std::string HeaderOf(const Response& response, std::string_view name) {
  std::string values;
  for (const base::HttpHeader& header : response.headers) {
    if (header.name == name) values += header.value;
  }
  return values;
}

struct Mapping {
  absl::StatusCode code;
  int status;

  friend std::ostream& operator<<(std::ostream& out, const Mapping& row) {
    return out << absl::StatusCodeToString(row.code);
  }
};

class HttpStatusTest : public testing::TestWithParam<Mapping> {};

TEST_P(HttpStatusTest, FollowsTheCode) {
  EXPECT_EQ(HttpStatus(absl::Status(GetParam().code, "why")), GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(Codes, HttpStatusTest,
                         testing::ValuesIn(std::to_array<Mapping>({
                             {absl::StatusCode::kOk, 200},
                             {absl::StatusCode::kInvalidArgument, 400},
                             {absl::StatusCode::kOutOfRange, 400},
                             {absl::StatusCode::kUnauthenticated, 401},
                             {absl::StatusCode::kPermissionDenied, 403},
                             {absl::StatusCode::kNotFound, 404},
                             {absl::StatusCode::kAborted, 409},
                             {absl::StatusCode::kAlreadyExists, 409},
                             {absl::StatusCode::kFailedPrecondition, 409},
                             {absl::StatusCode::kResourceExhausted, 503},
                             {absl::StatusCode::kUnavailable, 503},
                             {absl::StatusCode::kDeadlineExceeded, 503},
                             {absl::StatusCode::kInternal, 500},
                             {absl::StatusCode::kDataLoss, 500},
                             {absl::StatusCode::kUnknown, 500},
                         })));

TEST(Answers, KnowThePhraseOfEachStatusTheyGive) {
  for (const int status : {200, 202, 400, 401, 403, 404, 405, 409, 426, 429, 503}) {
    EXPECT_NE(ReasonPhrase(status), "Internal Server Error") << status;
  }
  EXPECT_EQ(ReasonPhrase(404), "Not Found");
  EXPECT_EQ(ReasonPhrase(500), "Internal Server Error");
}

TEST(Answers, TellErrorsAsProblemDetails) {
  const Response response =
      ErrorResponse(absl::NotFoundError("request: there is none"), ErrorForm::kProblem);

  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "application/problem+json");
  const json wanted = {
      {"title", "Not Found"}, {"status", 404}, {"detail", "request: there is none"}};
  EXPECT_EQ(json::parse(response.body), wanted);
}

TEST(Answers, TellErrorsInPlainText) {
  const Response response =
      ErrorResponse(absl::UnavailableError("the disk is full"), ErrorForm::kPlain);

  EXPECT_EQ(response.body, "the disk is full");
  EXPECT_EQ(response.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(ErrorResponse(405, "", ErrorForm::kPlain).body, "Method Not Allowed");
}

TEST(Answers, KeepWhatWentWrongInsideToThemselves) {
  for (const ErrorForm form : {ErrorForm::kPlain, ErrorForm::kProblem}) {
    const Response response = ErrorResponse(absl::InternalError("secret"), form);

    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.body.find("secret"), std::string::npos) << response.body;
  }
}

TEST(Answers, SayHowToShowSomebody) {
  EXPECT_EQ(HeaderOf(ErrorResponse(401, "", ErrorForm::kPlain), "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(HeaderOf(ErrorResponse(403, "", ErrorForm::kPlain), "WWW-Authenticate"), "");
}

TEST(Answers, SayWhenToComeBack) {
  for (const int status : {429, 503}) {
    EXPECT_EQ(HeaderOf(ErrorResponse(status, "", ErrorForm::kProblem), "Retry-After"), "1");
  }
  EXPECT_EQ(HeaderOf(ErrorResponse(404, "", ErrorForm::kProblem), "Retry-After"), "");
}

TEST(Answers, RoundThePauseUpToSeconds) {
  const auto header_of = [](int64_t ms) {
    Response response;
    AddRetryAfter(std::chrono::milliseconds(ms), &response);
    return HeaderOf(response, "Retry-After");
  };

  EXPECT_EQ(header_of(-5000), "1");
  EXPECT_EQ(header_of(0), "1");
  EXPECT_EQ(header_of(1000), "1");
  EXPECT_EQ(header_of(1001), "2");
}

TEST(Answers, SayOnceWhenToComeBack) {
  Response response = ErrorResponse(503, "", ErrorForm::kPlain);

  AddRetryAfter(std::chrono::seconds(30), &response);

  EXPECT_EQ(HeaderOf(response, "Retry-After"), "30");
}

TEST(Answers, RepeatBrokenTextAsValidJson) {
  const Response response = ErrorResponse(400, "a\xff\x01\"b", ErrorForm::kProblem);

  EXPECT_EQ(json::parse(response.body)["detail"], "a\uFFFD\u0001\"b");
}

TEST(Answers, CarryTheirBody) {
  const Response plain = PlainResponse(202, "Accepted");
  const Response structured = JsonResponse(200, "[]");

  EXPECT_EQ(plain.status, 202);
  EXPECT_EQ(plain.body, "Accepted");
  EXPECT_EQ(structured.content_type, "application/json");
  EXPECT_EQ(structured.body, "[]");
}

}  // namespace
}  // namespace muster::http
