#include "http/health_api.h"

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/http/edge_fixture.h"

namespace muster::http {
namespace {

using nlohmann::json;

TEST(HealthApi, SaysThatItLives) {
  Edge edge;
  edge.store().CrashAfter(0);

  const Answer answer = edge.Call("GET", "/healthz", "");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "ok");
}

TEST(HealthApi, SaysThatItIsReady) {
  Edge edge;

  const Answer answer = edge.Call("GET", "/readyz", "");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"ready":true})");
}

TEST(HealthApi, SaysAllThatKeepsItFromBeingReady) {
  Edge edge;
  edge.store().FailNext(absl::UnavailableError("the disk is full"));
  edge.authorizer().Fail(absl::UnavailableError("no keys yet"));

  const Answer answer = edge.Call("GET", "/readyz", "");

  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_EQ(answer.Header("Retry-After"), "1");
  EXPECT_EQ(answer.body,
            R"({"ready":false,"problems":["store: the disk is full","authorizer: no keys yet"]})");
}

TEST(HealthApi, IsReadyAgainWhenTheProblemIsGone) {
  Edge edge;
  edge.store().FailNext(absl::UnavailableError("the disk is full"));
  edge.Call("GET", "/readyz", "");

  EXPECT_EQ(edge.Call("GET", "/readyz", "").status, 200);
}

TEST(HealthApi, IsNotReadyWhenTooManyCallsWait) {
  Edge edge({.workers = {.threads = 1, .max_queued = 0}});

  const Answer answer = edge.Call("GET", "/readyz", "");

  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(json::parse(answer.body)["problems"][0], "workers: too many calls wait");
}

}  // namespace
}  // namespace muster::http
