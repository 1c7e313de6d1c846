// SPDX-License-Identifier: Apache-2.0
#include "subject.hpp"

#include <sys/stat.h>

namespace meridian::privilege_escalation {
namespace {

constexpr std::uint64_t kMaxText = 1 << 20;  // sudoers and crontabs have a few KiB

Accounts read_accounts(Subject& subject) {
  return Accounts(parse_passwd(subject.read("etc/passwd").value_or("")),
                  parse_group(subject.read("etc/group").value_or("")));
}

}  // namespace

Subject::Subject(const Target& target, const ProgramData& programs)
    : target_(target),
      programs_(programs),
      accounts_(read_accounts(*this)),
      access_(target.tree(), accounts_,
              [this](const std::string& path, const Error& why) { gap(path, why); }) {}

std::optional<std::string> Subject::read(const std::string& path) {
  auto text = tree().read(path, kMaxText);
  if (text) return *std::move(text);
  if (text.error().code() != ErrorCode::kNotFound) gap(path, text.error());
  return std::nullopt;
}

std::vector<std::string> Subject::list(const std::string& path) {
  // A name that leads to a file is no directory, and none of them needs to be there.
  auto where = tree().resolve(path);
  if (where) {
    if (const auto stat = tree().stat(*where); stat && !S_ISDIR(stat->mode)) return {};
  }
  auto names = tree().list(path);
  if (names) return *std::move(names);
  if (names.error().code() != ErrorCode::kNotFound) gap(path, names.error());
  return {};
}

void Subject::gap(const std::string& path, Error why) { gaps_.emplace(path, std::move(why)); }

}  // namespace meridian::privilege_escalation
