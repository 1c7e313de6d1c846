// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <algorithm>

#include "file_capability.hpp"
#include "judges.hpp"
#include "program_facts.hpp"

namespace meridian::privilege_escalation {
namespace {

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

class ProgramJudge {
 public:
  explicit ProgramJudge(Subject& subject) : subject_(subject) {
    const auto privileges = subject.target().privileges();
    no_new_privileges_ = privileges && privileges->no_new_privileges();
  }

  void judge(const ProgramFact& fact) {
    if (const auto changed = subject_.tree().stat(fact.path); changed) {
      // A later layer may have kept the file and changed its mode.
      if (changed->mode != fact.mode || changed->uid != fact.uid) return;
    }
    if (fact.kind != FileKind::kElf && (fact.mode & (S_ISUID | S_ISGID)) != 0) {
      return say(fact, "setuid-script", Severity::kLow,
                 std::string(fact.kind == FileKind::kScript ? "a script" : "no program") +
                     ": the kernel ignores the set-user-ID and set-group-ID bits of it",
                 "ignored");
    }
    if ((fact.mode & S_ISUID) != 0 && (fact.mode & 0111) != 0) setuid(fact);
    // Without the right to execute for the group the bit means mandatory locks.
    if ((fact.mode & S_ISGID) != 0 && (fact.mode & S_IXGRP) != 0) setgid(fact);
    if (!fact.capability.empty()) capability(fact);
  }

 private:
  const Program* program_of(const ProgramFact& fact) const {
    const Program* program = subject_.programs().find(base_name(fact.path));
    if (program != nullptr || fact.identity.empty()) return program;
    return subject_.programs().find(fact.identity);
  }

  void say(const ProgramFact& fact, const char* rule, Severity severity, std::string message,
           std::string evidence) {
    if (no_new_privileges_ && severity > Severity::kLow) {
      severity = Severity::kLow;
      message += "; low, because the container runs with no-new-privileges";
    }
    // A "backup" that is bash is worth a word.
    if (!fact.identity.empty() && severity > Severity::kLow &&
        subject_.programs().find(base_name(fact.path)) == nullptr) {
      message += "; by its content it is " + fact.identity;
    }
    subject_.report(
        {rule, severity, fact.path, std::move(message), std::move(evidence), {}, fact.layer});
  }

  void setuid(const ProgramFact& fact) {
    const Expected* expected = subject_.programs().expected(fact.path);
    const Program* program = program_of(fact);
    const bool known = program != nullptr && !program->setuid.empty();
    const std::string owner = subject_.accounts().user_text(fact.uid);
    if (expected != nullptr && (fact.uid == 0 || !known)) {
      return say(fact, "setuid-expected", Severity::kInfo,
                 "runs as " + owner + ", as " + expected->package + " ships it",
                 "user " + std::to_string(fact.uid));
    }
    if (fact.uid != 0) {
      return say(fact, "setuid-other-user", known ? Severity::kMedium : Severity::kLow,
                 "runs as user " + owner +
                     (known ? ", to whoever starts it: " + joined(program->setuid) : std::string()),
                 "user " + std::to_string(fact.uid));
    }
    if (known) {
      return say(fact, "setuid-root-program", Severity::kHigh,
                 "runs as root and gives whoever starts it: " + joined(program->setuid),
                 joined(program->setuid));
    }
    say(fact, "setuid-unknown", Severity::kMedium,
        "runs as root; no distribution is known to ship it here, and what it does is not known",
        "user 0");
  }

  // Groups whose files are as good as root: shadow's hashes, raw disks, the engine's socket.
  static bool is_root_group(std::string_view name) {
    return name == "root" || name == "shadow" || name == "disk" || name == "docker" ||
           name == "kmem" || name == "sudo" || name == "wheel" || name == "lxd";
  }

  void setgid(const ProgramFact& fact) {
    const Expected* expected = subject_.programs().expected(fact.path);
    const std::string group = subject_.accounts().group_text(fact.gid);
    const std::string evidence = "group " + std::to_string(fact.gid);
    if (expected != nullptr) {
      return say(fact, "setgid-program", Severity::kInfo,
                 "runs with group " + group + ", as " + expected->package + " ships it", evidence);
    }
    const Program* program = program_of(fact);
    const bool known = program != nullptr && !program->setuid.empty();
    const bool rooted = fact.gid == 0 || is_root_group(group.substr(0, group.find(' ')));
    const Severity severity = known && rooted   ? Severity::kHigh
                              : known || rooted ? Severity::kMedium
                                                : Severity::kLow;
    say(fact, "setgid-program", severity,
        "runs with group " + group +
            (known ? " and gives whoever starts it: " + joined(program->setuid) : std::string()),
        evidence);
  }

  void capability(const ProgramFact& fact) {
    const auto parsed = parse_file_capability(fact.capability);
    if (!parsed) return subject_.gap(fact.path, parsed.error());
    if (parsed->permitted == 0 && parsed->inheritable == 0) return;
    const std::string text = capability_text(*parsed);
    const auto rooted = root_capabilities(parsed->permitted);
    const Expected* expected = subject_.programs().expected(fact.path);
    if (parsed->version == 3 && parsed->root_id != 0) {
      return say(fact, "capability-other", Severity::kInfo,
                 text + ", in user namespaces whose root is user " +
                     std::to_string(parsed->root_id) + " only",
                 text);
    }
    if (rooted.empty() || expected != nullptr) {
      return say(fact, "capability-other", expected != nullptr ? Severity::kInfo : Severity::kLow,
                 expected == nullptr ? text : text + ", as " + expected->package + " ships it",
                 text);
    }
    std::string names;
    for (const unsigned one : rooted) {
      names.append(names.empty() ? "" : ", ").append(capability_name(one));
    }
    const Program* program = program_of(fact);
    const bool does_much = program != nullptr && !program->setuid.empty();
    const bool sets_uid = program != nullptr && program->sets_uid;
    const bool has_setuid = std::find(rooted.begin(), rooted.end(), 7U) != rooted.end();
    // CAP_SETUID alone is worth something only in what can be told to call setuid().
    const bool only_ids = std::all_of(rooted.begin(), rooted.end(),
                                      [](unsigned one) { return one == 6 || one == 7; });
    const bool usable = does_much && (!only_ids || sets_uid);
    std::string message =
        text + ": " + names + (rooted.size() == 1 ? " is" : " are") + " as good as root";
    if (sets_uid && has_setuid) {
      message += ", and it runs code of its user's that sets the user";
    } else if (usable) {
      message += ", and it gives whoever starts it: " + joined(program->setuid);
    }
    if (!parsed->effective) message += "; not effective until the program raises it";
    const bool raises = parsed->effective || sets_uid;
    say(fact, "capability-root", usable && raises ? Severity::kHigh : Severity::kMedium,
        std::move(message), text);
  }

  Subject& subject_;
  bool no_new_privileges_ = false;
};

}  // namespace

void judge_programs(Subject& subject, const Facts& facts) {
  ProgramJudge judge(subject);
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const Fact fact = facts[i];
    if (fact.key() != kProgramFact || !fact.visible()) continue;
    auto program = decode_program_fact(fact.value());
    if (!program) {
      subject.gap(std::string(fact.path()),
                  Error(ErrorCode::kCorrupt, "a fact of the layer cannot be read back"));
      continue;
    }
    program->path = fact.path();
    program->layer = fact.layer();
    judge.judge(*program);
  }
}

}  // namespace meridian::privilege_escalation
