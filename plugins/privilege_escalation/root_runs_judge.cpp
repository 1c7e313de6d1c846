// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <set>

#include "command_line.hpp"
#include "judges.hpp"

namespace meridian::privilege_escalation {
namespace {

constexpr std::size_t kMaxUnits = 2000;
constexpr std::size_t kMaxLibraryLines = 500;

class RootRuns {
 public:
  explicit RootRuns(Subject& subject) : subject_(subject) {}

  void cron() {
    for (const char* path : {"etc/crontab"}) crontab(path, true);
    for (const std::string& name : subject_.list("etc/cron.d")) {
      // cron(8) leaves out names with a dot, as those that dpkg leaves behind.
      if (is_job_name(name)) crontab("etc/cron.d/" + name, true);
    }
    for (const char* path : {"var/spool/cron/crontabs/root", "var/spool/cron/root",
                             "var/spool/cron/tabs/root", "etc/crontabs/root"}) {
      crontab(path, false);
    }
    anacron();
    for (const char* folder :
         {"etc/cron.hourly", "etc/cron.daily", "etc/cron.weekly", "etc/cron.monthly",
          "etc/periodic/15min", "etc/periodic/hourly", "etc/periodic/daily", "etc/periodic/weekly",
          "etc/periodic/monthly"}) {
      scripts(folder, "cron");
    }
  }

  void services() {
    for (const char* folder : {"etc/systemd/system", "usr/lib/systemd/system", "lib/systemd/system",
                               "usr/local/lib/systemd/system"}) {
      const auto where = subject_.access().resolve(folder);
      if (!where || !seen_folders_.insert(*where).second) continue;
      for (const std::string& name : subject_.list(*where)) unit_or_drop_ins(*where, name);
    }
    for (const char* folder : {"etc/init.d", "etc/rc.d", "etc/local.d"}) scripts(folder, "init");
    files({"etc/rc.local", "etc/rc.d/rc.local", "etc/inittab"}, "init");
  }

  void shells() {
    files({"etc/profile", "etc/bash.bashrc", "etc/bashrc", "etc/environment", "etc/zsh/zshrc",
           "etc/zsh/zprofile", "root/.profile", "root/.bashrc", "root/.bash_profile",
           "root/.bash_login", "root/.zshrc", "root/.ssh/authorized_keys", "root/.ssh/rc"},
          "root's login");
    scripts("etc/profile.d", "root's login");
  }

  void entry_point() {
    const std::string_view user = subject_.target().user();
    const std::string_view name = user.substr(0, user.find(':'));
    if (!(name.empty() || name == "root" || name == "0")) return;
    std::string command;
    for (const Strings& words : {subject_.target().entrypoint(), subject_.target().cmd()}) {
      for (const std::string_view word : words) {
        // Quoted, so that the words stay what they are.
        command += '\'';
        for (const char letter : word) {
          if (letter != '\'') command += letter;
        }
        command += "' ";
      }
    }
    started(command, "", "the entry point");
  }

  void account_files() {
    for (const char* path :
         {"etc/passwd", "etc/shadow", "etc/group", "etc/gshadow", "etc/sudoers", "etc/sudoers.d",
          "etc/pam.d", "etc/doas.conf", "etc/security", "etc/nsswitch.conf", "etc/pam.conf"}) {
      const auto writer = subject_.access().of_file(path);
      if (!writer) continue;
      report("account-file-writable", path, *writer, "decides who is root", {});
    }
    shadow();
  }

  void loader() {
    library_list("etc/ld.so.preload", true);
    library_list("etc/ld.so.conf", false);
    for (const std::string& name : subject_.list("etc/ld.so.conf.d")) {
      if (name.size() > 5 && name.substr(name.size() - 5) == ".conf") {
        library_list("etc/ld.so.conf.d/" + name, false);
      }
    }
    for (const char* folder : {"etc/ld.so.conf.d", "usr/lib", "usr/local/lib", "lib64"}) {
      if (const auto writer = subject_.access().of_folder(folder)) {
        report("loader-writable", folder, *writer, "root's programs load libraries from there", {});
      }
    }
  }

 private:
  static bool is_job_name(const std::string& name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char byte) {
      return std::isalnum(byte) != 0 || byte == '_' || byte == '-';
    });
  }

  void report(const char* rule, const std::string& path, const Writer& writer,
              const std::string& why, Severity severity) {
    const std::string at = writer.at.empty() ? "/" : writer.at;
    subject_.report({rule, severity, path,
                     why + ", and " + writer.who + " may write to " + (at == path ? "it" : at),
                     writer.who + ": " + at});
  }

  // One file that root runs or reads; once, whoever names it.
  void file(const std::string& path, const std::string& by) {
    const auto where = subject_.access().resolve(path);
    if (!where || where->empty() || !seen_.insert(*where).second) return;
    const auto stat = subject_.access().stat(*where);
    if (!stat || !S_ISREG(stat->mode)) return;
    if (const auto writer = subject_.access().of_file(path)) {
      report("root-runs-writable", *where, *writer, by + " of root runs it", {});
    }
  }

  template <std::size_t N>
  void files(const char* const (&paths)[N], const std::string& by) {
    for (const char* path : paths) file(path, by);
  }

  void scripts(const std::string& folder, const std::string& by) {
    if (!subject_.access().stat(folder)) return;
    if (const auto writer = subject_.access().of_folder(folder)) {
      report("root-runs-writable", folder, *writer, by + " of root runs what is there", {});
      return;
    }
    for (const std::string& name : subject_.list(folder)) file(folder + "/" + name, by);
  }

  // The programs of one command line that root runs; `path`: the file that has it.
  void started(std::string_view command, const std::string& path, const std::string& by) {
    for (const std::string& word : programs_of(command)) {
      if (word[0] == '/') {
        file(relative(word), by);
        missing(word, path, by);
        continue;
      }
      if (word.find('/') != std::string::npos) {
        file(relative(std::string(subject_.target().working_dir()) + "/" + word), by);
        continue;
      }
      for (const char* folder :
           {"usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin"}) {
        const std::string one = std::string(folder) + "/" + word;
        if (!subject_.access().stat(one)) continue;
        file(one, by);
        break;
      }
    }
  }

  // A program that is not there, and that others may put there.
  void missing(const std::string& word, const std::string& path, const std::string& by) {
    const std::string name = relative(word);
    if (path.empty() || subject_.access().stat(name)) return;
    for (const char* mounted : {"run/", "tmp/", "dev/", "proc/", "sys/", "var/run/"}) {
      if (name.compare(0, std::char_traits<char>::length(mounted), mounted) == 0 &&
          name.compare(0, 4, "tmp/") != 0) {
        return;
      }
    }
    const auto writer = subject_.access().of_missing(name);
    if (!writer || !seen_.insert(name).second) return;
    subject_.report({"root-runs-writable", Severity::kUnknown, path,
                     by + " of root runs " + word + ", which is not there, and " + writer->who +
                         " may put it there",
                     writer->who + ": " + word});
  }

  void crontab(const std::string& path, bool with_user) {
    const auto stat = subject_.access().stat(path);
    if (!stat || !S_ISREG(stat->mode)) return;
    file(path, "cron");
    const auto text = subject_.read(path);
    if (!text) return;
    const auto jobs = parse_crontab(*text, with_user);
    if (jobs.size() >= kMaxJobs) {
      subject_.gap(path,
                   Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxJobs) + " jobs"));
    }
    for (const CronJob& job : jobs) {
      if (with_user && job.user != "root" && job.user != "0") continue;
      started(job.command, path, "cron");
    }
  }

  // anacrontab(5): period, delay, name, command.
  void anacron() {
    file("etc/anacrontab", "cron");
    const auto text =
        subject_.access().stat("etc/anacrontab") ? subject_.read("etc/anacrontab") : std::nullopt;
    if (!text) return;
    // Two fields fewer than a crontab's: the same reader once they are there.
    std::string rest;
    for (std::size_t at = 0; at < text->size();) {
      const std::size_t end = std::min(text->find('\n', at), text->size());
      const std::string line = text->substr(at, end - at);
      at = end + 1;
      if (!line.empty() && (std::isdigit(static_cast<unsigned char>(line[0])) != 0)) {
        rest += "0 0 " + line + "\n";
      }
    }
    for (const CronJob& job : parse_crontab(rest, false)) {
      started(job.command, "etc/anacrontab", "cron");
    }
  }

  void unit_or_drop_ins(const std::string& folder, const std::string& name) {
    const auto ends = [&](std::string_view end) {
      return name.size() > end.size() && name.substr(name.size() - end.size()) == end;
    };
    if (ends(".service")) return unit(folder + "/" + name);
    if (!ends(".service.d")) return;
    for (const std::string& one : subject_.list(folder + "/" + name)) {
      unit(folder + "/" + name + "/" + one);
    }
  }

  void unit(const std::string& path) {
    // A link to /dev/null switches a unit off.
    const auto stat = subject_.access().stat(path);
    if (!stat || !S_ISREG(stat->mode)) return;
    if (++units_ > kMaxUnits) {
      return subject_.gap(
          "etc/systemd/system",
          Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxUnits) + " units"));
    }
    file(path, "systemd");
    const auto text = subject_.read(path);
    if (!text) return;
    for (const UnitCommand& command : parse_unit(*text)) {
      if (command.as_root) started(command.line, path, "systemd");
    }
  }

  void library_list(const std::string& path, bool files_too) {
    const auto stat = subject_.access().stat(path);
    if (!stat || !S_ISREG(stat->mode)) return;
    if (const auto writer = subject_.access().of_file(path)) {
      report("loader-writable", path, *writer, "it says what root's programs load", {});
    }
    const auto text = subject_.read(path);
    if (!text) return;
    std::size_t lines = 0;
    for (std::size_t at = 0; at < text->size() && lines < kMaxLibraryLines; ++lines) {
      const std::size_t end = std::min(text->find('\n', at), text->size());
      std::string line = text->substr(at, end - at);
      at = end + 1;
      line = line.substr(0, line.find('#'));
      const std::size_t start = line.find('/');
      if (start == std::string::npos || line.compare(0, 7, "include") == 0) continue;
      const std::string name =
          relative(line.substr(start, line.find_first_of(" \t\r:,", start) - start));
      auto writer = files_too ? subject_.access().of_file(name) : subject_.access().of_folder(name);
      if (!writer && !subject_.access().stat(name)) writer = subject_.access().of_missing(name);
      if (writer) {
        report("loader-writable", name, *writer, path + " has root's programs load from it", {});
      }
    }
  }

  // Hashes that others may read are guessed at leisure.
  void shadow() {
    for (const char* path : {"etc/shadow", "etc/shadow-", "etc/gshadow"}) {
      const auto stat = subject_.access().stat(path);
      if (!stat || !S_ISREG(stat->mode) || (stat->mode & S_IROTH) == 0) continue;
      const auto text = subject_.read(path);
      if (!text) continue;
      const bool has_hash = text->find(":$") != std::string::npos || has_old_hash(*text);
      subject_.report({"shadow-readable", has_hash ? Severity::kUnknown : Severity::kLow, path,
                       std::string("everybody may read it") +
                           (has_hash ? "; it has password hashes" : "; no account has a password"),
                       has_hash ? "hashes" : "no hashes"});
    }
  }

  // DES: thirteen letters, none of which a locked password has.
  static bool has_old_hash(std::string_view text) {
    while (!text.empty()) {
      std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(line.size() + 1, text.size()));
      line.remove_prefix(std::min(line.find(':'), line.size()));
      if (line.empty()) continue;
      line.remove_prefix(1);
      const std::string_view hash = line.substr(0, line.find(':'));
      if (hash.size() == 13 && hash.find_first_of("!*") == std::string_view::npos) return true;
    }
    return false;
  }

  Subject& subject_;
  std::set<std::string> seen_;
  std::set<std::string> seen_folders_;
  std::size_t units_ = 0;
};

}  // namespace

void judge_root_runs(Subject& subject) {
  RootRuns judge(subject);
  judge.account_files();
  judge.entry_point();
  judge.cron();
  judge.services();
  judge.shells();
  judge.loader();
}

}  // namespace meridian::privilege_escalation
