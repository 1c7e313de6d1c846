// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "judges.hpp"

namespace meridian::privilege_escalation {
namespace {

constexpr std::size_t kMaxFolders = 200;

// The value of PATH in "PATH=..." or "export PATH=..." lines; quotes are taken off.
std::vector<std::string> paths_of(const std::string& text) {
  std::vector<std::string> values;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    line.erase(0, std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.compare(0, 7, "export ") == 0) line.erase(0, 7);
    if (line.compare(0, 5, "PATH=") != 0) continue;
    line.erase(0, 5);
    line.erase(
        std::remove_if(line.begin(), line.end(),
                       [](char byte) { return byte == '"' || byte == '\'' || byte == '\r'; }),
        line.end());
    values.push_back(line.substr(0, line.find_first_of(" ;#")));
  }
  return values;
}

class PathJudge {
 public:
  explicit PathJudge(Subject& subject) : subject_(subject) {}

  void value(const std::string& text, const std::string& source, const std::string& field) {
    std::size_t at = 0;
    while (at <= text.size() && seen_.size() < kMaxFolders) {
      const std::size_t end = std::min(text.find(':', at), text.size());
      folder(text.substr(at, end - at), source, field);
      at = end + 1;
    }
  }

 private:
  void folder(const std::string& name, const std::string& source, const std::string& field) {
    if (name.find('$') != std::string::npos || name[0] == '~' || !seen_.insert(name).second) return;
    if (name.empty() || name[0] != '/') {
      subject_.report({"path-relative", Severity::kUnknown, field.empty() ? source : "",
                       "PATH of " + source + " has '" + name +
                           "': the folder that root happens to be in is searched for programs",
                       name.empty() ? "empty" : name, field});
      return;
    }
    const std::string path = relative(name);
    const auto stat = subject_.access().stat(path);
    if (!stat) return missing(path, source, field);
    const auto writer = subject_.access().of_folder(path);
    if (!writer) return;
    const auto at = subject_.access().stat(writer->at);
    const bool sticky = at && (at->mode & S_ISVTX) != 0;
    const auto where = subject_.access().resolve(path);
    subject_.report(
        {"path-writable", sticky ? Severity::kMedium : Severity::kUnknown, where.value_or(path),
         "root's programs are looked for there (PATH of " + source + "), and " + writer->who +
             " may write to " + (writer->at == where ? "it" : "/" + writer->at) +
             (sticky ? "; sticky: what is there cannot be replaced" : ""),
         writer->who + ": /" + writer->at});
  }

  void missing(const std::string& path, const std::string& source, const std::string& field) {
    const auto writer = subject_.access().of_missing(path);
    if (!writer) return;
    subject_.report({"path-missing", Severity::kUnknown, field.empty() ? source : "",
                     "PATH of " + source + " has /" + path + ", which is not there, and " +
                         writer->who + " may make it in /" + writer->at,
                     writer->who + ": /" + path, field});
  }

  Subject& subject_;
  std::set<std::string> seen_;
};

}  // namespace

void judge_path(Subject& subject) {
  PathJudge judge(subject);
  const Target& target = subject.target();
  const Strings env = target.kind() == TargetKind::kImage ? target.image_env() : target.env();
  const std::string_view user = target.user();
  const std::string_view name = user.substr(0, user.find(':'));
  if (name.empty() || name == "root" || name == "0") {
    for (const std::string_view entry : env) {
      if (entry.substr(0, 5) == "PATH=") {
        judge.value(std::string(entry.substr(5)), "the image", "env:PATH");
      }
    }
  }
  for (const char* file :
       {"etc/environment", "etc/crontab", "root/.profile", "root/.bashrc", "root/.bash_profile"}) {
    const auto text = subject.read(file);
    if (!text) continue;
    for (const std::string& value : paths_of(*text)) judge.value(value, file, "");
  }
}

}  // namespace meridian::privilege_escalation
