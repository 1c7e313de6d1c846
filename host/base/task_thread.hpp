// SPDX-License-Identifier: Apache-2.0
//
// task_thread.hpp: a thread that runs what it is given, one task after another.
//
// Why: credentials and Landlock belong to a thread on Linux. One that was started before the others
// were restricted can still do what they cannot.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "meridian/result.hpp"

namespace meridian::base {

class TaskThread {
 public:
  static Result<std::unique_ptr<TaskThread>> start();
  /// Nobody waits in run() any more.
  ~TaskThread();
  TaskThread(const TaskThread&) = delete;
  TaskThread& operator=(const TaskThread&) = delete;

  /// Returns when `task`, which throws nothing, has run there. From any thread but itself.
  void run(const std::function<void()>& task);

 private:
  TaskThread() = default;
  void work();

  std::mutex turn_;  // whose task it is; held through a whole run()
  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* task_ = nullptr;  // under mutex_; null: done
  bool stopping_ = false;                        // under mutex_
  std::thread thread_;
};

}  // namespace meridian::base
