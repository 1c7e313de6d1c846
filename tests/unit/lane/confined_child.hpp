// SPDX-License-Identifier: Apache-2.0
//
// confined_child.hpp: a forked process that enters the sandbox up to a step, runs a body, and is
// looked at from outside: its wait status, its flight page, what it said.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "lane/flight_page.hpp"
#include "lane/fork_warden.hpp"
#include "lane/sandbox.hpp"
#include "lane/signal_guard.hpp"
#include "quiet_threads.hpp"
#include "support/catch.hpp"

namespace meridian::testing_support {

enum class Step { kLane, kSecond, kWorker };

/// Shared with the children that are forked after it is made.
class SharedPage {
 public:
  SharedPage() {
    void* const memory = ::mmap(nullptr, sizeof(lane::FlightPage), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    page_ = new (memory) lane::FlightPage;
  }
  ~SharedPage() { ::munmap(page_, sizeof(lane::FlightPage)); }
  SharedPage(const SharedPage&) = delete;
  SharedPage& operator=(const SharedPage&) = delete;

  lane::FlightPage* get() const { return page_; }
  /// Names of the calls that were refused.
  std::vector<std::string> refused() const {
    std::vector<std::string> names;
    for (std::uint32_t call = 0; call < lane::FlightPage::kCalls; ++call) {
      if ((page_->refused[call / 64] >> (call % 64) & 1) != 0) {
        names.push_back(lane::call_name(call));
      }
    }
    return names;
  }

 private:
  lane::FlightPage* page_;
};

/// One descriptor, or none, over a socket.
inline void send_descriptor(int socket, int fd) {
  char byte = 'x';
  iovec bytes{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  if (::sendmsg(socket, &message, MSG_NOSIGNAL) != 1) ::_exit(99);
}

inline base::UniqueFd receive_descriptor(int socket) {
  char byte = 0;
  iovec bytes{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1) return {};
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  if (header == nullptr) return {};
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return base::UniqueFd(fd);
}

/// What a body can do besides what it is about.
class Inside {
 public:
  Inside(int socket, pid_t outside) : socket_(socket), outside_(outside) {}
  void say(const std::string& line) const {
    const std::string text = line + "\n";
    if (::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) < 0) ::_exit(98);
  }
  /// Waits for the test's next byte.
  void wait() const {
    char byte = 0;
    if (::recv(socket_, &byte, 1, 0) != 1) ::_exit(97);
  }
  pid_t outside() const { return outside_; }

 private:
  int socket_;
  pid_t outside_;
};

using Body = std::function<void(const Inside&)>;

class ConfinedChild {
 public:
  ConfinedChild(const lane::SandboxNeeds& needs, lane::ForkMode mode, Step step, const Body& body) {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    const pid_t outside = ::getpid();
    wait_for_other_threads();
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::close(ends[0]);
      run(ends[1], outside, needs, mode, step, body);
    }
    ::close(ends[1]);
    socket_.reset(ends[0]);
    listener_ = receive_descriptor(socket_.get());
  }
  ~ConfinedChild() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  ConfinedChild(const ConfinedChild&) = delete;
  ConfinedChild& operator=(const ConfinedChild&) = delete;

  /// Everything it says until it ends, then its wait status in status().
  std::string finish() {
    std::string said;
    char buffer[4096];
    for (;;) {
      const ssize_t got = ::recv(socket_.get(), buffer, sizeof buffer, 0);
      if (got <= 0) break;
      said.append(buffer, static_cast<std::size_t>(got));
    }
    REQUIRE(::waitpid(pid_, &status_, 0) == pid_);
    pid_ = -1;
    return said;
  }
  void go_on() const { REQUIRE(::send(socket_.get(), "g", 1, MSG_NOSIGNAL) == 1); }
  /// One line, without its end.
  std::string line() const {
    std::string text;
    char byte = 0;
    while (::recv(socket_.get(), &byte, 1, 0) == 1 && byte != '\n') text += byte;
    return text;
  }
  int status() const { return status_; }
  pid_t pid() const { return pid_; }
  base::UniqueFd take_listener() { return std::move(listener_); }
  const SharedPage& page() const { return page_; }

 private:
  [[noreturn]] void run(int socket, pid_t outside, const lane::SandboxNeeds& needs,
                        lane::ForkMode mode, Step step, const Body& body) {
    // As a lane's: its own words to a file would be a SIGXFSZ.
    const int told = ::dup(STDERR_FILENO);
    const int nowhere = ::open("/dev/null", O_RDWR);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
    const auto fail = [told](const Error& error) {
      ::dprintf(told, "confined child: %s\n", error.message().c_str());
      ::_exit(96);
    };
    if (auto guarded = lane::install_signal_guard(page_.get()); !guarded) fail(guarded.error());
    auto entered = lane::enter_lane(needs, mode);
    if (!entered) fail(entered.error());
    send_descriptor(socket, entered->listener.get());
    entered->listener.reset();
    if (step != Step::kLane) {
      auto second = lane::enter_second_stage(needs, entered->level);
      if (!second) fail(second.error());
    }
    if (step == Step::kWorker) {
      auto worker = lane::enter_worker(entered->level, outside);
      if (!worker) fail(worker.error());
    }
    const Inside inside(socket, outside);
    inside.say("level " + entered->level.text());
    body(inside);
    ::_exit(0);
  }

  SharedPage page_;
  pid_t pid_ = -1;
  base::UniqueFd socket_;
  base::UniqueFd listener_;
  int status_ = 0;
};

inline bool contains(const std::vector<std::string>& names, const std::string& name) {
  for (const std::string& one : names) {
    if (one == name) return true;
  }
  return false;
}

}  // namespace meridian::testing_support
