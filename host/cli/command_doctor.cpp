// SPDX-License-Identifier: Apache-2.0
#include "cli/cache.hpp"
#include "cli/commands.hpp"
#include "cli/data.hpp"
#include "cli/environment_look.hpp"
#include "cli/exit_status.hpp"
#include "cli/output.hpp"
#include "cli/plugins.hpp"
#include "cli/quarantine.hpp"
#include "environment/doctor.hpp"
#include "lane/sandbox_probe.hpp"

namespace meridian::cli {

namespace {

/// What the plugins' databases are and how old, and which are not there.
void add_data(const GlobalArgs& global, plugin::Catalog& catalog,
              std::vector<environment::PluginNeed>& needs, const base::Log& log) {
  const auto folder = data_folder(global);
  const GivenData given = give_data(folder, catalog, log);
  const auto old = given.older_than(kOldData);
  for (environment::PluginNeed& need : needs) {
    for (const finding::DataEntry& entry : given.of(need.plugin)) {
      const std::string file = folder.value_or("") + "/" + entry.name + ".db";
      if (entry.id.empty()) {
        need.lacking_data.push_back(file + " is not there or cannot be used; of every target " +
                                    "the plugin says that it knows nothing");
        continue;
      }
      std::string line = file + ", built " + entry.built;
      for (const auto& source : entry.sources) {
        const std::string age = age_text(source.date);
        line += ", " + source.name + (age.empty() ? "" : " (" + age + " old)");
      }
      need.data.push_back(std::move(line));
    }
    for (const finding::Gap& gap : old) {
      if (gap.plugin == need.plugin) need.lacking_data.push_back(gap.message);
    }
  }
}

}  // namespace

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
  auto needs = needs_of(*catalog);
  add_data(global, *catalog, needs, log);
  environment::Observed seen = look_around(
      global, {cache_folder(ScanArgs()).value_or(""), state_folder(global).value_or("")},
      std::move(needs), own.before);
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
