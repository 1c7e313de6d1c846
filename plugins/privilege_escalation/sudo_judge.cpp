// SPDX-License-Identifier: Apache-2.0
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <set>

#include "command_line.hpp"
#include "judges.hpp"
#include "sudoers_files.hpp"

namespace meridian::privilege_escalation {
namespace {

constexpr int kMaxAliasDepth = 16;
constexpr std::size_t kMaxExpanded = 5000;  // commands of one grant: aliases may name each other

// Variables with which a program that root runs loads code of the user's.
constexpr auto kLoading = std::to_array<std::string_view>(
    {"LD_PRELOAD",        "LD_LIBRARY_PATH", "LD_AUDIT",  "LD_*",     "*",        "PATH",
     "PYTHONPATH",        "PYTHONHOME",      "PERL5LIB",  "PERLLIB",  "PERL5OPT", "RUBYLIB",
     "RUBYOPT",           "NODE_OPTIONS",    "NODE_PATH", "BASH_ENV", "ENV",      "GCONV_PATH",
     "JAVA_TOOL_OPTIONS", "PYTHON*",         "PERL*"});

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }
bool is_glob(std::string_view text) { return text.find_first_of("*?[") != std::string_view::npos; }
bool is_root(const SudoItem& item) {
  return item.text == "root" || item.text == "#0" || item.text == "ALL";
}

/// All files together: aliases may be defined in another one than they are used in.
class SudoPolicy {
 public:
  SudoPolicy(Subject& subject, const Sudoers& sudoers) : subject_(subject), sudoers_(sudoers) {
    for (const SudoersFile& file : sudoers.files) {
      user_aliases_.insert(file.text.user_aliases.begin(), file.text.user_aliases.end());
      runas_aliases_.insert(file.text.runas_aliases.begin(), file.text.runas_aliases.end());
      command_aliases_.insert(file.text.command_aliases.begin(), file.text.command_aliases.end());
    }
    for (const char* path : {"usr/bin/sudo", "usr/local/bin/sudo", "usr/bin/sudo-rs",
                             "usr/lib/cargo/bin/sudo", "opt/sudo/bin/sudo"}) {
      installed_ = installed_ || subject.access().stat(path).has_value();
    }
  }

  void judge() {
    for (const RefusedSudoers& refused : sudoers_.refused) {
      add("sudoers-refused", refused.path, "sudo does not read it: " + refused.why, refused.why,
          Severity::kUnknown);
    }
    for (const SudoersFile& file : sudoers_.files) judge_defaults(file);
    for (const SudoersFile& file : sudoers_.files) {
      for (const SudoGrant& grant : file.text.grants) judge_grant(file.path, grant);
    }
    const bool grants = std::any_of(sudoers_.files.begin(), sudoers_.files.end(),
                                    [](const auto& f) { return !f.text.grants.empty(); });
    if (grants && !secure_path_) {
      add("sudo-no-secure-path", "etc/sudoers",
          "Defaults secure_path is not set: commands named without a folder are looked for in the "
          "user's PATH, also by what root runs",
          "secure_path", Severity::kUnknown);
    }
  }

 private:
  void add(std::string rule, const std::string& path, std::string message, std::string evidence,
           Severity severity) {
    if (!installed_) {
      message += " (sudo is not installed here, so it has no effect yet)";
      severity = Severity::kLow;
    }
    subject_.report({std::move(rule), severity, path, std::move(message), std::move(evidence)});
  }

  void judge_defaults(const SudoersFile& file) {
    for (const SudoDefault& one : file.text.defaults) {
      if (one.name == "secure_path" && !one.negated) secure_path_ = true;
      const std::string where = "line " + std::to_string(one.line) + ": ";
      const std::string scope = one.scope.empty() ? "everybody" : one.scope;
      if (one.name == "authenticate" && one.negated) {
        if (one.scope.empty()) no_password_ = true;
        add("sudo-no-password", file.path,
            where + "!authenticate: no password is asked of " + scope, "!authenticate " + one.scope,
            one.scope.empty() ? Severity::kHigh : Severity::kMedium);
      }
      if ((one.name == "env_reset" && one.negated) || (one.name == "setenv" && !one.negated)) {
        add("sudo-environment", file.path,
            where + (one.negated ? "!" : "") + one.name + ": " + scope +
                " keeps or sets any variable of the environment that root's program has",
            one.name + one.scope, Severity::kUnknown);
      }
      if (one.name == "env_keep" && one.sign != '-') judge_kept(file.path, where, one);
    }
  }

  void judge_kept(const std::string& path, const std::string& where, const SudoDefault& one) {
    std::string rest = one.value;
    for (std::size_t at = 0; at != std::string::npos && at < rest.size();) {
      const std::size_t end = std::min(rest.find_first_of(" \t", at), rest.size());
      const std::string word = rest.substr(at, end - at);
      at = rest.find_first_not_of(" \t", end);
      if (std::find(kLoading.begin(), kLoading.end(), word) == kLoading.end()) continue;
      add("sudo-environment", path,
          where + "env_keep has " + word + ", by which root's program loads what the user names",
          "env_keep " + word, Severity::kUnknown);
    }
  }

  // Aliases in place; each name once, so that two that name each other end.
  void expand_users(const std::vector<SudoItem>& items,
                    const std::map<std::string, std::vector<SudoItem>>& aliases, bool negated,
                    int depth, std::vector<SudoItem>& out) const {
    for (const SudoItem& item : items) {
      const auto alias = aliases.find(item.text);
      if (alias == aliases.end()) {
        if (out.size() < kMaxExpanded) out.push_back({item.text, item.negated != negated});
      } else if (depth < kMaxAliasDepth) {
        expand_users(alias->second, aliases, item.negated != negated, depth + 1, out);
      }
    }
  }

  void expand_commands(const std::vector<SudoCommand>& commands, const SudoCommand* outer,
                       int depth, std::vector<SudoCommand>& out) const {
    for (const SudoCommand& command : commands) {
      SudoCommand one = command;
      if (outer != nullptr) {  // tags stand where the alias is used
        one.negated = one.negated != outer->negated;
        one.nopasswd = outer->nopasswd;
        one.setenv = outer->setenv || one.setenv;
        one.runas_given = outer->runas_given;
        one.runas_users = outer->runas_users;
        one.runas_groups = outer->runas_groups;
      }
      const auto alias = command_aliases_.find(command.path);
      if (alias == command_aliases_.end()) {
        if (out.size() < kMaxExpanded) out.push_back(std::move(one));
      } else if (depth < kMaxAliasDepth) {
        expand_commands(alias->second, &one, depth + 1, out);
      }
    }
  }

  bool runs_as_root(const SudoCommand& command) const {
    if (!command.runas_given) return true;
    if (command.runas_users.empty()) {
      // As the user itself, in a group: root's is one of those that matter.
      return std::any_of(command.runas_groups.begin(), command.runas_groups.end(), is_root);
    }
    std::vector<SudoItem> users;
    expand_users(command.runas_users, runas_aliases_, false, 0, users);
    bool root = false;
    for (const SudoItem& item : users) {
      if (is_root(item)) root = !item.negated;  // the last one that names it counts
    }
    return root;
  }

  void judge_grant(const std::string& path, const SudoGrant& grant) {
    std::vector<SudoItem> users;
    expand_users(grant.users, user_aliases_, false, 0, users);
    std::string who;
    for (const SudoItem& item : users) {
      if (item.negated || item.text == "root" || item.text == "#0" || item.text == "%root")
        continue;
      who.append(who.empty() ? "" : ", ").append(item.text == "ALL" ? "every user" : item.text);
    }
    if (who.empty()) return;
    std::vector<SudoCommand> commands;
    expand_commands(grant.commands, nullptr, 0, commands);
    // What is refused after it was granted.
    std::vector<std::string> refused;
    for (const SudoCommand& command : commands) {
      if (command.negated) refused.push_back(command.path);
    }
    Grant given{path, "line " + std::to_string(grant.line) + ": ", who, std::move(refused),
                is_admin_group(who)};
    for (const SudoCommand& command : commands) {
      if (!command.negated && runs_as_root(command)) judge_command(given, command);
    }
  }

  struct Grant {
    std::string path, where, who;
    std::vector<std::string> refused;
    bool admins = false;
  };

  static bool is_admin_group(const std::string& who) {
    return who == "%sudo" || who == "%wheel" || who == "%admin";
  }

  void judge_command(const Grant& grant, const SudoCommand& command) {
    const bool free = command.nopasswd || no_password_;
    const std::string how = free ? " without a password" : " with their own password";
    const std::string evidence = grant.who + ": " + command.path +
                                 (command.args.empty() ? "" : " " + command.args) +
                                 (free ? " (NOPASSWD)" : "");
    const Severity full = free ? Severity::kHigh : Severity::kMedium;
    const auto say = [&](const char* rule, const std::string& text, Severity severity) {
      add(rule, grant.path, grant.where + grant.who + " " + text + how, evidence, severity);
    };
    if (command.path == "ALL") {
      if (!grant.refused.empty()) {
        return say("sudo-negation",
                   "may run everything as root but " + joined(grant.refused) +
                       ", which a copy under another name or another program gets around,",
                   full);
      }
      // The purpose of these groups; a person who may become root with a password is an operator.
      const Severity asked = grant.admins ? Severity::kInfo : Severity::kLow;
      const bool nobody = free && grant.admins && has_no_member(grant.who.substr(1));
      return say("sudo-all", "may run everything as root",
                 nobody ? Severity::kMedium : (free ? Severity::kHigh : asked));
    }
    if (command.path == "sudoedit" || command.path == "sudo_edit") {
      return judge_edit(grant, command, say, full);
    }
    if (command.path == "list") return;
    if (command.path[0] == '^') {
      return subject_.gap(grant.path, Error(ErrorCode::kUnsupported,
                                            "a command is a regular expression: " + command.path));
    }
    if (command.setenv) {
      say("sudo-environment",
          "may set any variable of the environment for " + command.path +
              ", LD_PRELOAD among them,",
          full);
    }
    const std::string_view name = base_name(command.path);
    if (name.empty() || is_glob(command.path)) {
      if (const std::string found = program_below(command.path); !found.empty()) {
        return say("sudo-program",
                   "may run " + command.path + " as root, " + found + " among them,", full);
      }
      return;
    }
    // The program itself, and the script that an interpreter is given.
    std::vector<std::string> files = {command.path};
    for (std::string& one : programs_of(command.path + " " + command.args)) {
      if (one[0] == '/' && one != command.path) files.push_back(std::move(one));
    }
    for (const std::string& file : files) {
      const auto writer = is_glob(file) ? std::nullopt : writer_of(file);
      if (!writer) continue;
      say("sudo-writable-command",
          "may run " + file + " as root, and " + writer->who + " may write to " +
              (writer->at.empty() ? "/" : writer->at) + ",",
          full);
    }
    const Program* program = subject_.programs().find(name);
    if (program == nullptr || program->sudo.empty()) return;
    // With arguments that are fixed, only what asks its user for commands does more than they say.
    const bool fixed = !command.args.empty() && !is_glob(command.args);
    if (fixed && !program->interactive) return;
    say("sudo-program",
        "may run " + command.path + " as root, which gives " + joined(program->sudo) +
            (fixed ? " once it runs," : ","),
        full);
  }

  template <typename Say>
  void judge_edit(const Grant&, const SudoCommand& command, Say say, Severity full) {
    if (command.args.empty()) return say("sudo-edit", "may edit every file as root", full);
    // A blank in what a star stands for is one more file (CVE-2015-5602 for the folders).
    if (is_glob(command.args)) {
      return say("sudo-edit",
                 "may edit " + command.args +
                     " as root: the pattern also names links "
                     "and files that they put there,",
                 full);
    }
    const auto folder = relative(command.args.substr(0, command.args.rfind('/') + 1));
    if (const auto writer = subject_.access().of_folder(folder)) {
      return say(
          "sudo-edit",
          "may edit " + command.args + " as root, which " + writer->who + " may replace by a link,",
          full);
    }
    constexpr auto kRoots = std::to_array<std::string_view>(
        {"etc/passwd", "etc/shadow", "etc/sudoers", "etc/group", "etc/crontab", "etc/ld.so.preload",
         "etc/profile", "root/.ssh/authorized_keys"});
    const std::string file = relative(command.args);
    if (std::find(kRoots.begin(), kRoots.end(), file) != kRoots.end()) {
      say("sudo-edit", "may edit " + command.args + " as root, which is as good as being root,",
          full);
    }
  }

  std::optional<Writer> writer_of(const std::string& path) {
    const std::string name = relative(path);
    if (subject_.access().stat(name)) return subject_.access().of_file(name);
    return subject_.access().of_missing(name);
  }

  // A program of the data that a glob or a folder names; empty: none is there.
  std::string program_below(const std::string& path) {
    const std::string folder = relative(path.substr(0, path.rfind('/') + 1));
    const std::string pattern(base_name(path));
    if (is_glob(folder)) return "whatever these folders have";
    for (const std::string& name : subject_.list(folder)) {
      if (!pattern.empty() && ::fnmatch(pattern.c_str(), name.c_str(), 0) != 0) continue;
      const Program* program = subject_.programs().find(name);
      if (program == nullptr || program->sudo.empty()) continue;
      const auto& functions = program->sudo;
      if (std::find(functions.begin(), functions.end(), "shell") != functions.end()) return name;
    }
    return {};
  }

  bool has_no_member(const std::string& name) const {
    for (const Group& group : subject_.accounts().groups()) {
      if (group.name == name) return subject_.accounts().members(group.gid).empty();
    }
    return true;
  }

  Subject& subject_;
  const Sudoers& sudoers_;
  std::map<std::string, std::vector<SudoItem>> user_aliases_, runas_aliases_;
  std::map<std::string, std::vector<SudoCommand>> command_aliases_;
  bool installed_ = false;
  bool secure_path_ = false;
  bool no_password_ = false;
};

}  // namespace

void judge_sudo(Subject& subject) {
  const Sudoers sudoers = read_sudoers(subject);
  SudoPolicy(subject, sudoers).judge();
}

}  // namespace meridian::privilege_escalation
