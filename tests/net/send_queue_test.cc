#include "net/send_queue.h"

#include <chrono>

#include "gmock/gmock.h"

namespace muster::net {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

// Jobs are told apart by their URL.
class SendQueueTest : public testing::Test {
 protected:
  static SendJob Job(const std::string& endpoint, const std::string& url, seconds deadline) {
    return {
        .request = {.url = url}, .endpoint = endpoint, .deadline = base::MonotonicTime(deadline)};
  }
  bool Add(const std::string& endpoint, const std::string& url, seconds deadline = seconds(60)) {
    return queue_.Add(Job(endpoint, url, deadline));
  }
  std::vector<std::string> TakeAdmitted() {
    std::vector<std::string> urls;
    while (const std::optional<SendJob> job = queue_.TakeAdmitted()) {
      urls.push_back(job->request.url);
    }
    return urls;
  }
  static std::vector<std::string> UrlsOf(const std::vector<SendJob>& jobs) {
    std::vector<std::string> urls;
    urls.reserve(jobs.size());
    for (const SendJob& job : jobs) urls.push_back(job.request.url);
    return urls;
  }
  std::vector<std::string> TakeExpired(seconds now) {
    return UrlsOf(queue_.TakeExpired(base::MonotonicTime(now)));
  }

  SendQueue queue_{{.max_in_flight = 3, .max_per_host = 2, .max_waiting = 4}};
};

TEST_F(SendQueueTest, AdmitsWhileThereIsRoomForTheHost) {
  for (const char* url : {"1", "2", "3"}) EXPECT_TRUE(Add("a", url));

  EXPECT_THAT(TakeAdmitted(), ElementsAre("1", "2"));
  EXPECT_EQ(queue_.in_flight(), 2U);
  EXPECT_EQ(queue_.waiting(), 1U);
}

TEST_F(SendQueueTest, AHostThatIsFullHoldsNoOtherBack) {
  for (const char* url : {"1", "2", "3", "4"}) EXPECT_TRUE(Add("a", url));
  EXPECT_TRUE(Add("b", "5"));

  EXPECT_THAT(TakeAdmitted(), ElementsAre("1", "2", "5"));
}

TEST_F(SendQueueTest, AdmitsWhileThereIsRoomInAll) {
  for (const char* host : {"a", "b", "c", "d"}) EXPECT_TRUE(Add(host, host));
  EXPECT_THAT(TakeAdmitted(), ElementsAre("a", "b", "c"));

  queue_.Finished("b");

  EXPECT_THAT(TakeAdmitted(), ElementsAre("d"));
  EXPECT_EQ(queue_.in_flight(), 3U);
}

TEST_F(SendQueueTest, AdmitsTheFirstOfAHostFirst) {
  for (const char* url : {"1", "2", "3", "4"}) EXPECT_TRUE(Add("a", url));
  EXPECT_THAT(TakeAdmitted(), ElementsAre("1", "2"));

  queue_.Finished("a");
  EXPECT_THAT(TakeAdmitted(), ElementsAre("3"));
  queue_.Finished("a");
  EXPECT_THAT(TakeAdmitted(), ElementsAre("4"));
}

TEST_F(SendQueueTest, HostsTakeTurns) {
  for (const char* host : {"x", "y", "z"}) EXPECT_TRUE(Add(host, host));
  for (const char* url : {"a1", "a2"}) EXPECT_TRUE(Add("a", url));
  for (const char* url : {"b1", "b2"}) EXPECT_TRUE(Add("b", url));
  EXPECT_THAT(TakeAdmitted(), ElementsAre("x", "y", "z"));

  for (const char* host : {"x", "y", "z"}) queue_.Finished(host);

  EXPECT_THAT(TakeAdmitted(), ElementsAre("a1", "b1", "a2"));
}

TEST_F(SendQueueTest, RefusesWhenTooManyWaitAndLeavesTheJob) {
  for (const char* url : {"1", "2", "3", "4", "5", "6"}) EXPECT_TRUE(Add("a", url));
  SendJob job = Job("a", "7", seconds(1));

  EXPECT_FALSE(queue_.Add(std::move(job)));

  EXPECT_EQ(job.request.url, "7");
  EXPECT_EQ(queue_.waiting(), 4U);
  // There is room for it, so it does not wait.
  EXPECT_TRUE(Add("b", "8"));
}

TEST_F(SendQueueTest, RemovesWhatWaitedPastItsDeadline) {
  EXPECT_EQ(queue_.next_deadline(), std::nullopt);
  for (const char* url : {"1", "2"}) EXPECT_TRUE(Add("a", url, seconds(1)));
  EXPECT_TRUE(Add("a", "3", seconds(30)));
  EXPECT_TRUE(Add("a", "4", seconds(10)));
  EXPECT_TRUE(Add("a", "5", seconds(20)));
  EXPECT_EQ(queue_.next_deadline(), base::MonotonicTime(seconds(10)));

  EXPECT_THAT(TakeExpired(seconds(9)), IsEmpty());
  EXPECT_THAT(TakeExpired(seconds(20)), ElementsAre("4", "5"));

  EXPECT_EQ(queue_.next_deadline(), base::MonotonicTime(seconds(30)));
  EXPECT_THAT(TakeAdmitted(), ElementsAre("1", "2"));
}

TEST_F(SendQueueTest, AHostWhoseLastExpiredTakesNoTurn) {
  for (const char* host : {"x", "y", "z"}) EXPECT_TRUE(Add(host, host));
  EXPECT_TRUE(Add("a", "1", seconds(10)));
  EXPECT_TRUE(Add("b", "2", seconds(20)));
  EXPECT_THAT(TakeExpired(seconds(10)), ElementsAre("1"));
  EXPECT_THAT(TakeAdmitted(), ElementsAre("x", "y", "z"));

  queue_.Finished("x");

  EXPECT_THAT(TakeAdmitted(), ElementsAre("2"));
}

TEST_F(SendQueueTest, GivesUpAllThatWasNotTaken) {
  for (const char* url : {"1", "2", "3"}) EXPECT_TRUE(Add("a", url));
  ASSERT_TRUE(queue_.TakeAdmitted().has_value());

  EXPECT_THAT(UrlsOf(queue_.TakeAll()), ElementsAre("2", "3"));

  EXPECT_EQ(queue_.in_flight(), 1U);
  EXPECT_EQ(queue_.waiting(), 0U);
}

}  // namespace
}  // namespace muster::net
