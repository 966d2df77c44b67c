#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "boost/asio/awaitable.hpp"
#include "boost/asio/basic_waitable_timer.hpp"
#include "boost/asio/executor_work_guard.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/redirect_error.hpp"
#include "boost/asio/use_awaitable.hpp"

namespace muster::net::server {

// Asio's types with the executor named: faster than with the one that hides which it is.
using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
template <typename T = void>
using Task = boost::asio::awaitable<T, Executor>;

// `co_await x.async_y(Into(error))` gives the error instead of throwing it.
inline auto Into(boost::system::error_code& error) {
  return boost::asio::redirect_error(boost::asio::use_awaitable_t<Executor>(), error);
}

// What the thread of a connection asks of it, on that thread. None of them ends the connection's
// life before it returns.
class Connection {
 public:
  virtual ~Connection() = default;
  // The server is about to stop: end soon.
  virtual void Drain() = 0;
  // End now; call the handler no more, but for OnClose.
  virtual void Cut() = 0;
  // Called again and again: cut what took too long.
  virtual void CheckDeadlines(base::MonotonicTime now) = 0;
};

// A thread that runs its share of the connections. `Post` may be called from any thread, the rest
// from its own unless said otherwise. Kept alive by whoever may still post.
class IoThread {
 public:
  // Deadlines are looked at as often as `check_interval`.
  explicit IoThread(std::chrono::milliseconds check_interval);
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  // Any thread, once.
  void Start();
  // Any thread but its own, once, after Start: cuts the connections and ends the thread.
  void Stop();

  // Runs `work` on the thread. False, and `work` is dropped, when the thread has been stopped;
  // otherwise it is run.
  template <typename Work>
  bool Post(Work work) {
    const base::MutexLock lock(&mutex_);
    if (stopped_) return false;
    boost::asio::post(context_, std::move(work));
    return true;
  }
  // Any thread.
  bool IsCurrent() const { return context_.get_executor().running_in_this_thread(); }
  // Any thread.
  Executor executor() { return context_.get_executor(); }

  void Add(Connection* connection) { connections_.insert(connection); }
  void Remove(Connection* connection) { connections_.erase(connection); }
  void DrainAll();
  // Once drained or cut, new connections have no place here.
  bool draining() const { return draining_; }

  // The value of a Date header.
  std::string_view Date();

 private:
  Task<> CheckDeadlines();
  void End();

  const std::chrono::milliseconds check_interval_;

  // get_executor() is not const.
  mutable boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<Executor> work_{context_.get_executor()};
  Timer check_timer_{context_.get_executor()};
  absl::flat_hash_set<Connection*> connections_;
  bool draining_ = false;
  bool ended_ = false;
  std::chrono::sys_seconds date_second_{};
  std::string date_;

  base::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace muster::net::server
