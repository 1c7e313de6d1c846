// SPDX-License-Identifier: Apache-2.0
//
// fuzz_privilege_escalation.cpp: a file capability, a sudoers file, a crontab, a unit, account
// files: all that the plugin parses, each from the same bytes.
//
// Property: reading ends, what is read is no larger than the input, and a capability that is read
// is of the size that its version has.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "accounts.hpp"
#include "command_line.hpp"
#include "file_capability.hpp"
#include "program_facts.hpp"
#include "sudoers.hpp"

using namespace meridian::privilege_escalation;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void check_programs(std::string_view command, std::size_t most) {
  for (const std::string& word : programs_of(command)) check(!word.empty() && word.size() <= most);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto capability = parse_file_capability(input)) {
    check(size == (capability->version == 1 ? 12U : capability->version == 2 ? 20U : 24U));
    check(!capability_text(*capability).empty());
    for (const unsigned one : root_capabilities(capability->permitted)) {
      check((capability->permitted >> one & 1) != 0);
    }
  }
  const SudoersText sudoers = parse_sudoers(input);
  for (const SudoGrant& grant : sudoers.grants) {
    check(grant.line >= 1 && !grant.commands.empty());
    for (const SudoCommand& command : grant.commands) {
      check(!command.path.empty() && command.path.size() + command.args.size() <= size);
    }
  }
  for (const SudoDefault& one : sudoers.defaults) check(!one.name.empty());
  check_programs(input, size);
  for (const bool with_user : {false, true}) {
    for (const CronJob& job : parse_crontab(input, with_user)) {
      check(job.user.size() + job.command.size() <= size);
      check_programs(job.command, size);
    }
  }
  for (const UnitCommand& command : parse_unit(input)) check_programs(command.line, size);
  const Accounts accounts(parse_passwd(input), parse_group(input));
  for (const User& user : accounts.users()) check(!accounts.user_text(user.uid).empty());
  if (const auto fact = decode_program_fact(input))
    check(decode_program_fact(encode(*fact)).has_value());
  return 0;
}
