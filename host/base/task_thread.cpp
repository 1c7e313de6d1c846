// SPDX-License-Identifier: Apache-2.0
#include "base/task_thread.hpp"

#include <signal.h>

#include "base/system_error.hpp"

namespace meridian::base {

Result<std::unique_ptr<TaskThread>> TaskThread::start() {
  std::unique_ptr<TaskThread> made(new TaskThread);
  // Signals are for the main thread.
  sigset_t all{};
  sigset_t before{};
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  TaskThread* const self = made.get();
  auto started = seam("thread", [self] { return std::thread([self] { self->work(); }); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!started) return started.error();
  made->thread_ = *std::move(started);
  return made;
}

TaskThread::~TaskThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void TaskThread::run(const std::function<void()>& task) {
  const std::lock_guard turn(turn_);
  std::unique_lock lock(mutex_);
  task_ = &task;
  changed_.notify_all();
  changed_.wait(lock, [this] { return task_ == nullptr; });
}

void TaskThread::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return task_ != nullptr || stopping_; });
    if (task_ == nullptr) return;
    const std::function<void()>* const task = task_;
    lock.unlock();
    (*task)();
    lock.lock();
    task_ = nullptr;
    changed_.notify_all();
  }
}

}  // namespace meridian::base
