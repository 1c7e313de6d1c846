// SPDX-License-Identifier: Apache-2.0
//
// judges.hpp: what looks at one target; each reports into the subject.
#pragma once

#include "subject.hpp"

namespace meridian::privilege_escalation {

/// Set-user-ID and set-group-ID programs and file capabilities, from the facts of its layers.
void judge_programs(Subject& subject, const Facts& facts);
/// What sudo lets users do who are not root.
void judge_sudo(Subject& subject);
/// Files that root runs or reads as configuration: cron, units, init scripts, shells' start files,
/// the loader, the entry point, the account files.
void judge_root_runs(Subject& subject);
/// Directories where root's programs are looked for.
void judge_path(Subject& subject);
/// Accounts and groups that are as good as root.
void judge_accounts(Subject& subject);
/// Device nodes.
void judge_devices(Subject& subject);

}  // namespace meridian::privilege_escalation
