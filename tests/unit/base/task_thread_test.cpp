// SPDX-License-Identifier: Apache-2.0
#include "base/task_thread.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include "support/catch.hpp"

using meridian::base::TaskThread;

TEST_CASE("task thread: every task runs once, on one thread, before run() returns") {
  auto tasks = TaskThread::start();
  REQUIRE(tasks);
  std::thread::id where;
  (*tasks)->run([&] { where = std::this_thread::get_id(); });
  CHECK(where != std::this_thread::get_id());

  int plain = 0;  // one thread at a time: no atomic
  std::atomic<int> elsewhere{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (int k = 0; k < 100; ++k) {
        (*tasks)->run([&] {
          ++plain;
          if (std::this_thread::get_id() != where) ++elsewhere;
        });
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(plain == 400);
  CHECK(elsewhere == 0);
}
