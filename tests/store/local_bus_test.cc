#include "store/local_bus.h"

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/store/bus_contract.h"

namespace muster::store {
namespace {

using testing::ElementsAre;

class LocalBusUnderTest final : public BusUnderTest {
 public:
  lobby::EventBus& bus() override { return bus_; }

 private:
  LocalBus bus_{LocalBus::Options{}};
};

INSTANTIATE_TEST_SUITE_P(Local, BusContract,
                         testing::Values(BusKind{
                             "Local", [] { return std::make_unique<LocalBusUnderTest>(); }}),
                         testing::PrintToStringParamName());

TEST(LocalBus, AFullQueueIsDroppedAndTheGapComesBeforeWhatFollows) {
  LocalBus bus({.max_queued = 2});
  std::promise<void> started;
  std::promise<void> open;
  std::promise<void> last;
  std::vector<std::string> told;
  const auto on_message = [&](std::string_view payload) {
    told.emplace_back(payload);
    if (payload == "first") {
      started.set_value();
      open.get_future().wait();
    }
    if (payload == "last") last.set_value();
  };
  auto subscription = bus.Subscribe("work", on_message, [&told] { told.emplace_back("gap"); });

  bus.Publish("work", "first");
  started.get_future().wait();
  for (const char* payload : {"1", "2", "one too many", "last"}) bus.Publish("work", payload);
  open.set_value();
  last.get_future().wait();
  subscription.reset();

  EXPECT_THAT(told, ElementsAre("first", "gap", "last"));
  EXPECT_EQ(bus.dropped(), 3);
}

TEST(LocalBus, ASlowSubscriptionCostsOthersNothing) {
  LocalBus bus({.max_queued = 100});
  std::promise<void> open;
  std::promise<void> started;
  std::promise<void> done;
  const auto slow = bus.Subscribe("slow",
                                  [&](std::string_view) {
                                    started.set_value();
                                    open.get_future().wait();
                                  },
                                  {});
  int received = 0;
  const auto other = bus.Subscribe("work",
                                   [&](std::string_view) {
                                     if (++received == 100) done.set_value();
                                   },
                                   {});

  bus.Publish("slow", "x");
  started.get_future().wait();
  for (int i = 0; i < 100; ++i) bus.Publish("work", "x");
  open.set_value();
  done.get_future().wait();

  EXPECT_EQ(bus.dropped(), 0);
}

TEST(LocalBus, EndsWithMessagesWaiting) {
  auto bus = std::make_unique<LocalBus>(LocalBus::Options{});
  std::promise<void> started;
  std::promise<void> open;
  auto subscription = bus->Subscribe("work",
                                     [&](std::string_view payload) {
                                       if (payload != "first") return;
                                       started.set_value();
                                       open.get_future().wait();
                                     },
                                     {});

  bus->Publish("work", "first");
  started.get_future().wait();
  bus->Publish("work", "second");
  open.set_value();
  subscription.reset();
  bus.reset();
}

}  // namespace
}  // namespace muster::store
