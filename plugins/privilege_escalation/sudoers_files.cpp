// SPDX-License-Identifier: Apache-2.0
#include "sudoers_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

namespace meridian::privilege_escalation {
namespace {

constexpr std::size_t kMaxFiles = 500;
constexpr int kMaxDepth = 16;  // sudo allows 128

std::string octal(std::uint32_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", mode & 07777);
  return text;
}

class Reader {
 public:
  explicit Reader(Subject& subject) : subject_(subject) {}

  // As sudo_secure_file(): owned by root, not writable by others, nor by a group but root's.
  void file(const std::string& path, int depth) {
    const auto stat = subject_.access().stat(path);
    if (!stat || !S_ISREG(stat->mode)) return;
    if (depth > kMaxDepth || out_.files.size() + out_.refused.size() >= kMaxFiles) {
      subject_.gap(path, Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxFiles) +
                                                      " sudoers files, or " +
                                                      std::to_string(kMaxDepth) + " levels"));
      return;
    }
    if (!seen_.insert(path).second) return;
    std::string why;
    if (stat->uid != 0) {
      why = "owned by user " + subject_.accounts().user_text(stat->uid);
    } else if ((stat->mode & S_IWOTH) != 0) {
      why = "mode " + octal(stat->mode) + ", writable by everybody";
    } else if ((stat->mode & S_IWGRP) != 0 && stat->gid != 0) {
      why = "mode " + octal(stat->mode) + ", writable by group " +
            subject_.accounts().group_text(stat->gid);
    }
    if (!why.empty()) {
      out_.refused.push_back({path, std::move(why)});
      return;
    }
    const auto text = subject_.read(path);
    if (!text) return;
    out_.files.push_back({path, parse_sudoers(*text)});
    const SudoersFile& read = out_.files.back();
    if (read.text.unread_lines != 0) {
      subject_.gap(path, Error(ErrorCode::kCorrupt, std::to_string(read.text.unread_lines) +
                                                        " lines are of no form known here"));
    }
    const std::vector<SudoInclude> includes = read.text.includes;
    for (const SudoInclude& include : includes) this->include(path, include, depth);
  }

  Sudoers take() { return std::move(out_); }

 private:
  void include(const std::string& from, const SudoInclude& what, int depth) {
    if (what.path.find('%') != std::string::npos) {
      subject_.gap(from, Error(ErrorCode::kUnsupported,
                               "include of '" + what.path + "', which depends on the host's name"));
      return;
    }
    // A relative one stands beside the file that includes it.
    const std::string full = what.path.substr(0, 1) == "/"
                                 ? relative(what.path)
                                 : relative(from.substr(0, from.rfind('/') + 1) + what.path);
    if (full.empty()) return;
    if (!what.is_folder) return file(full, depth + 1);
    for (const std::string& name : subject_.list(full)) {
      if (is_included_name(name)) file(full + "/" + name, depth + 1);
    }
  }

  Subject& subject_;
  std::set<std::string> seen_;
  Sudoers out_;
};

}  // namespace

Sudoers read_sudoers(Subject& subject) {
  Reader reader(subject);
  reader.file("etc/sudoers", 0);
  return reader.take();
}

}  // namespace meridian::privilege_escalation
