// SPDX-License-Identifier: Apache-2.0
#include "privilege_escalation_plugin.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "judges.hpp"
#include "program_facts.hpp"

namespace meridian::privilege_escalation {
namespace {

constexpr std::string_view kElf =
    "\x7f"
    "ELF";
constexpr std::size_t kMaxCapability = 64;  // version 3 has 24; a longer one is reported as corrupt

Result<std::string_view> rule_file(const RuleData& data, std::string_view name) {
  const auto text = data.file(name);
  if (text) return *text;
  return Error(ErrorCode::kMissingData, "rules/" + std::string(name) + " is not there");
}

struct Mark {
  std::string_view text;
  std::string_view name;
};

// What shells and interpreters have in them under whatever name.
constexpr auto kMarks = std::to_array<Mark>({
    {"GNU bash, version", "bash"},
    {"BusyBox v1.", "busybox"},
    {"MIRBSD KSH", "mksh"},
    {"Py_BytesMain", "python"},
    {"perl_parse", "perl"},
});
constexpr std::uint64_t kMaxIdentified = 32 << 20;  // of a program; bash has 1.3 MB, python 7
constexpr std::uint64_t kPart = 1 << 20;
constexpr std::uint64_t kOverlap = 32;  // more than the longest mark

// Which of them a privileged program is; empty: none. Only those few are read.
std::string identity_of(const File& file, LayerSink& out) {
  for (std::uint64_t at = 0; at < std::min(file.size(), kMaxIdentified); at += kPart) {
    const auto part = file.window(at, kPart + kOverlap);
    if (!part) {
      out.gap(file.path(), part.error());
      return {};
    }
    for (const Mark& mark : kMarks) {
      if (part->find(mark.text) != std::string::npos) return std::string(mark.name);
    }
  }
  return {};
}

std::string capability_of(const File& file, LayerSink& out) {
  const auto value = file.xattr("security.capability");
  if (value) return std::string(value->substr(0, kMaxCapability));
  if (value.error().code() != ErrorCode::kNotFound) out.gap(file.path(), value.error());
  return {};
}

}  // namespace

Result<void> PrivilegeEscalationPlugin::configure(const Config& config, const RuleData& data) {
  MERIDIAN_TRY(const std::string_view rules, rule_file(data, "rules.json"));
  MERIDIAN_TRY(const std::string_view programs, rule_file(data, "programs.json"));
  MERIDIAN_TRY(const std::string_view expected, rule_file(data, "expected.json"));
  auto parsed = parse_rules(rules);
  if (!parsed) return std::move(parsed).error().in("rules/rules.json");
  rules_ = *std::move(parsed);
  for (const RuleText& rule : rules_) remediations_[rule.id] = rule.remediation;
  auto known = ProgramData::parse(programs, expected);
  if (!known) return std::move(known).error().in("rules/");
  programs_ = *std::move(known);
  for (const std::string& text : config.texts("programs").value_or(std::vector<std::string>())) {
    MERIDIAN_CHECK(programs_.add_program(text));
  }
  for (std::string& path : config.texts("expected").value_or(std::vector<std::string>())) {
    programs_.expect(std::move(path));
  }
  return {};
}

void PrivilegeEscalationPlugin::subscribe(Subscriptions& on) const {
  for (const RuleText& rule : rules_) {
    on.rule({.id = rule.id,
             .severity = rule.severity,
             .title = rule.title,
             .help = rule.references.front()});
  }
  on.layer_files({.mode_any = S_ISUID | S_ISGID}, &PrivilegeEscalationPlugin::privileged);
  // The kernel takes capabilities of programs only; a script's are its interpreter's.
  on.layer_files({.magic = {std::string(kElf)}, .mode_any = 0111},
                 &PrivilegeEscalationPlugin::capable);
  on.finish_target(&PrivilegeEscalationPlugin::finish);
}

void PrivilegeEscalationPlugin::privileged(const File& file, LayerSink& out) const {
  const meridian_stat& stat = file.stat();
  ProgramFact fact{stat.mode, stat.uid, stat.gid};
  const auto start = file.window(0, kElf.size());
  // What cannot be read is judged as a program: its bits are known.
  if (!start) {
    out.gap(file.path(), start.error());
  } else if (*start != kElf) {
    fact.kind = start->substr(0, 2) == "#!" ? FileKind::kScript : FileKind::kOther;
  } else if ((stat.mode & 0111) != 0) {
    return;  // capable() says all of it, once
  }
  out.fact(kProgramFact, encode(fact), file.path());
}

void PrivilegeEscalationPlugin::capable(const File& file, LayerSink& out) const {
  const meridian_stat& stat = file.stat();
  ProgramFact fact{stat.mode, stat.uid, stat.gid};
  fact.capability = capability_of(file, out);
  if (fact.capability.empty() && (stat.mode & (S_ISUID | S_ISGID)) == 0) return;
  fact.identity = identity_of(file, out);
  out.fact(kProgramFact, encode(fact), file.path());
}

void PrivilegeEscalationPlugin::finish(const Target& target, const Facts& facts,
                                       TargetSink& out) const {
  Subject subject(target, programs_);
  judge_programs(subject, facts);
  judge_sudo(subject);
  judge_root_runs(subject);
  judge_path(subject);
  judge_accounts(subject);
  judge_devices(subject);
  if (const RootIds& root = subject.access().root(); root.shifted()) {
    subject.gap("", Error(ErrorCode::kUnsupported,
                          "files are owned by user " + std::to_string(root.uid) +
                              " where root should: taken for root of a user namespace, and other "
                              "owners by their numbers outside"));
  }
  for (const Issue& issue : subject.issues()) {
    const auto origin = issue.path.empty() || issue.layer ? Result<std::uint32_t>(0U)
                                                          : subject.tree().origin(issue.path);
    std::optional<std::uint32_t> layer = issue.layer;
    if (!layer && !issue.path.empty() && origin) layer = *origin;
    out.report({.rule = issue.rule,
                .message = issue.message,
                .path = issue.path,
                .field = issue.field,
                .evidence = issue.evidence,
                .remediation = remediations_.at(issue.rule),
                .layer = layer,
                .severity = issue.severity,
                .confidence = Confidence::kHigh});
  }
  for (const auto& [path, why] : subject.gaps()) out.gap(path, why);
}

}  // namespace meridian::privilege_escalation
