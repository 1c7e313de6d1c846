// SPDX-License-Identifier: Apache-2.0
#include "cli/cache.hpp"
#include "cli/commands.hpp"
#include "cli/environment_look.hpp"
#include "cli/exit_status.hpp"
#include "cli/output.hpp"
#include "cli/plugins.hpp"
#include "cli/quarantine.hpp"
#include "environment/doctor.hpp"
#include "lane/sandbox_probe.hpp"

namespace meridian::cli {

int run_doctor(const GlobalArgs& global, const DoctorArgs& args, const OwnState& own,
               const base::Log& log) {
  auto catalog = open_catalog(args.directories);
  if (!catalog) {
    log.error(catalog.error().message());
    return kUsage;
  }
  // First: later the process may have threads, and cannot be forked as it is.
  auto lane = lane::probe_sandbox();
  if (!lane) log.error("plugin sandbox: " + lane.error().message());
  environment::Observed seen = look_around(
      global, {cache_folder(ScanArgs()).value_or(""), state_folder(global).value_or("")},
      needs_of(*catalog), own.before);
  seen.report = args.report;
  if (!args.report.empty()) {
    if (const auto writable = check_output(args.report); !writable) {
      seen.report_error = writable.error().message();
    }
  }
  seen.lane = lane ? *std::move(lane) : lane::SandboxLevel();
  seen.confinement = own.confinement;
  const auto entries = environment::diagnose(seen);
  const bool text = args.format == report::Format::kTable;
  if (!write_output("-", text ? environment::doctor_text(seen, entries)
                              : environment::doctor_json(seen, entries))) {
    return kIncomplete;
  }
  return environment::is_anything_unavailable(entries) ? kIncomplete : kDone;
}

}  // namespace meridian::cli
