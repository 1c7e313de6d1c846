// SPDX-License-Identifier: Apache-2.0
#include "lane/sandbox_probe.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "base/read_file.hpp"
#include "base/system_error.hpp"
#include "lane/sandbox.hpp"

namespace meridian::lane {

namespace {

constexpr std::size_t kMaxAnswer = 64 << 10;  // a dozen lines

/// One part a line, fields between tabs; names and reasons are ours and have neither.
std::string to_lines(const SandboxLevel& level) {
  std::string lines;
  for (const SandboxPart& part : level.parts()) {
    lines += part.name + "\t" + (part.counts ? "1" : "0") + "\t" + part.reason + "\n";
  }
  return lines;
}

SandboxLevel from_lines(const std::string& lines) {
  SandboxLevel level;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find('\n', at);
    const std::size_t first = lines.find('\t', at);
    if (end == std::string::npos || first == std::string::npos || first + 3 > end) break;
    level.add({lines.substr(at, first - at), lines.substr(first + 3, end - first - 3),
               lines[first + 1] == '1'});
    at = end + 1;
  }
  return level;
}

[[noreturn]] void go_through(int answer, pid_t parent) {
  auto entered = enter_lane({}, ForkMode::kFork);
  if (!entered) ::_exit(1);
  entered->listener.reset();
  if (!enter_second_stage({}, entered->level) || !enter_worker(entered->level, parent)) ::_exit(2);
  ::_exit(base::write_all(answer, to_lines(entered->level)) ? 0 : 3);
}

}  // namespace

Result<SandboxLevel> probe_sandbox() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return base::system_error(errno, "pipe");
  const base::UniqueFd reader(ends[0]);
  base::UniqueFd writer(ends[1]);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return base::system_error(errno, "fork");
  if (child == 0) go_through(writer.get(), parent);
  writer.reset();
  std::string lines;
  std::array<char, 4096> buffer{};
  while (lines.size() < kMaxAnswer) {
    const ssize_t got = ::read(reader.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    lines.append(buffer.data(), static_cast<std::size_t>(got));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) {
    return Error(ErrorCode::kUnsupported,
                 "a process that tried the sandbox ended with " +
                     (WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                          : "status " + std::to_string(WEXITSTATUS(status))));
  }
  return from_lines(lines);
}

}  // namespace meridian::lane
