// SPDX-License-Identifier: Apache-2.0
//
// command_scan.cpp: wires a scan and says with its exit status how it ended. Read run_scan first.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "base/escape.hpp"
#include "base/read_pace.hpp"
#include "cli/cache.hpp"
#include "cli/commands.hpp"
#include "cli/confine.hpp"
#include "cli/environment_look.hpp"
#include "cli/exit_status.hpp"
#include "cli/host_facts.hpp"
#include "cli/output.hpp"
#include "cli/plugins.hpp"
#include "cli/progress_line.hpp"
#include "cli/quarantine.hpp"
#include "cli/reproduce.hpp"
#include "cli/settings.hpp"
#include "cli/signals.hpp"
#include "cli/wiring.hpp"
#include "environment/doctor.hpp"
#include "lane/readers.hpp"
#include "report/format.hpp"
#include "report/node_view.hpp"
#include "scan/dispatch.hpp"
#include "scan/projection.hpp"
#include "scan/quarantining.hpp"
#include "store/kubernetes/node.hpp"

namespace meridian::cli {

namespace {

int usage(const base::Log& log, const Error& error) {
  log.error(error.message());
  return kUsage;
}

/// Before there was anything to report.
int stopped_early(const base::Cancel& cancel) {
  return cancel.reason() == base::StopReason::kTerminate ? kTerminated : kInterrupted;
}

Result<scan::Options> scan_options(const ScanArgs& args, const lane::PluginSet& set) {
  scan::Options options;
  options.jobs = args.jobs > 0 ? args.jobs : std::max(1u, std::thread::hardware_concurrency());
  options.shuffle = args.shuffle;
  options.minimum = args.minimum;
  options.deadline = args.deadline;
  options.secrets = args.show_secrets ? scan::Secrets::kShow : scan::Secrets::kRedact;
  for (const std::string& text : args.exclude) {
    auto glob = plugin::Glob::parse(text);
    if (!glob) return Error(glob.error()).in("--exclude " + base::escape(text));
    options.exclude.push_back(*std::move(glob));
  }
  MERIDIAN_TRY(options.rules, parse_rules(set, args.rules));
  return options;
}

/// From here on no writing but of reports and state. Without Landlock (`doctor` says so) the scan
/// goes on: it writes nothing else either way.
Result<void> confine(const ScanArgs& args, const std::vector<std::string>& folders,
                     const base::Log& log) {
  std::vector<std::string> reports;
  for (const OutputFile& output : args.outputs) reports.push_back(output.path);
  auto confined = confine_writes(reports, folders);
  if (!confined && confined.error().code() == ErrorCode::kUnsupported) {
    log.debug("landlock: " + confined.error().message());
    return {};
  }
  return confined;
}

/// Started before that, since it costs the sight of processes; null where none will be looked at.
Result<std::unique_ptr<base::TaskThread>> process_thread(const scan::Plan& plan,
                                                         store::Collection& collection) {
  const bool any = std::any_of(plan.targets.begin(), plan.targets.end(), [](const auto& target) {
    return target.kind == scan::TargetKind::kContainer;
  });
  if (!any) return std::unique_ptr<base::TaskThread>();
  MERIDIAN_TRY(auto thread, base::TaskThread::start());
  collection.look_from(*thread);
  return thread;
}

/// The machine itself as a target. What its node's files do not tell is a gap of it.
void add_host(const GlobalArgs& global, Stores& stores) {
  auto look = store::kubernetes::read_node(*stores.host_root, global.manifests,
                                           stores.collection->inventory().containers);
  model::Host host;
  const std::string name = host_facts(stores).name;
  host.id = "host:" + name;
  host.names = {name};
  host.config.raw = report::render_node(look.node, {}, report::Format::kJson, {});
  stores.collection->add_host(std::move(host), std::move(look.problems));
}

Result<void> check_host_plugins(const ScanArgs& args, const lane::PluginSet& set) {
  const bool any = std::any_of(set.plugins.begin(), set.plugins.end(),
                               [](const auto& one) { return one->subscriptions.wants_hosts(); });
  if (args.host && !any)
    return Error(ErrorCode::kInvalid, "no plugin that is loaded looks at hosts");
  return {};
}

void set_totals(const scan::Plan& plan, scan::Progress& progress) {
  progress.targets_total = plan.targets.size();
  progress.units_total = plan.units.size() + plan.targets.size();
  for (const model::Layer& layer : plan.units) progress.bytes_total += layer.size;
}

/// What the cache knows of the scan; null: none is used.
std::unique_ptr<scan::CachedScan> begin_cached(ScanCache& cache, const Plugins& plugins,
                                               const store::Collection& collection,
                                               const scan::Plan& plan,
                                               const ScanQuarantine& quarantine) {
  return cache.begin(plugins.identities, collection, plan, plugins.set, quarantine.held());
}

using PluginList = std::vector<std::shared_ptr<const plugin::PluginFacts>>;

/// Of two lists of one set of bundles: those that the cache knew, and those that loaded.
bool are_same(const PluginList& recalled, const PluginList& loaded) {
  return std::equal(recalled.begin(), recalled.end(), loaded.begin(), loaded.end(),
                    [](const auto& a, const auto& b) { return a->id == b->id; });
}

/// What project() does not know: who scanned what, and the bundles that were not taken.
void complete_report(const ScanArgs& args, const Stores& stores, const Plugins& plugins,
                     const std::string& started, finding::Report& report) {
  report.version = version();
  report.host = host_facts(stores);
  report.host.sandbox_level = plugins.set.lanes->sandbox_level();
  report.started = started;
  report.finished = timestamp();
  for (const auto& plugin : plugins.set.plugins) {
    report.plugins.push_back({plugin->id, plugin->version, plugin->digest, plugin->rules_digest,
                              plugin->sdk, "", "unsigned", plugins.data.of(plugin->id)});
  }
  for (const plugin::Refusal& refusal : plugins.refusals) {
    report.gaps.push_back(
        {finding::GapKind::kRefused, "", "", refusal.path, refusal.message, "", ""});
    if (refusal.is_plugin) report.complete = false;
  }
  if (args.max_data_age) {
    for (finding::Gap& gap : plugins.data.older_than(*args.max_data_age)) {
      report.complete = false;
      report.gaps.push_back(std::move(gap));
    }
  }
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    report.statistics.peak_memory = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  }
}

/// Of a plugin that was asked for by name a database is not there, or older than was allowed.
bool lacks_data(const ScanArgs& args, const Plugins& plugins) {
  if (args.max_data_age && !plugins.data.older_than(*args.max_data_age).empty()) return true;
  return std::any_of(args.plugins.only.begin(), args.plugins.only.end(),
                     [&](const std::string& name) {
                       const auto bundle = find_bundle(plugins.catalog, name);
                       return bundle && plugins.data.lacks((*bundle)->manifest.id);
                     });
}

int exit_status(const ScanArgs& args, const finding::Report& report, const Plugins& plugins,
                base::StopReason stopped) {
  if (stopped == base::StopReason::kInterrupt) return kInterrupted;
  if (stopped == base::StopReason::kTerminate) return kTerminated;
  const bool refused = std::any_of(plugins.refusals.begin(), plugins.refusals.end(),
                                   [](const auto& refusal) { return refusal.is_plugin; });
  if (stopped != base::StopReason::kNone || refused || lacks_data(args, plugins) ||
      scan::is_incomplete(report) || (args.require_complete && !report.complete)) {
    return kIncomplete;
  }
  const bool failing = args.fail_on && std::any_of(report.findings.begin(), report.findings.end(),
                                                   [&](const finding::FindingEntry& finding) {
                                                     return finding.severity >= *args.fail_on;
                                                   });
  return failing ? kFindings : kDone;
}

/// What the scan's environment allows.
struct Surroundings {
  environment::Observed seen;
  std::vector<environment::Diagnosis> entries;
};
Surroundings look(const Stores& stores, const GlobalArgs& global, const ScanArgs& args,
                  const Plugins& plugins, const environment::BeforeConfinement& before) {
  std::vector<environment::PluginNeed> needs;
  for (const Chosen& one : plugins.chosen) {
    needs.push_back({one.bundle->manifest.id, one.bundle->manifest.needs.privileges});
  }
  Surroundings around;
  around.seen =
      look_around(stores, {cache_folder(args).value_or(""), state_folder(global).value_or("")},
                  std::move(needs), before);
  around.entries = environment::diagnose(around.seen);
  return around;
}

/// A host root that is not there is mostly a mount that was forgotten.
void say_why_not_opened(const GlobalArgs& global, const environment::BeforeConfinement& before,
                        const base::Log& log) {
  const environment::Observed seen = look_around(global, {}, {}, before);
  if (seen.root_error.empty()) return;
  const auto entries = environment::diagnose(seen);
  say_what_is_missing(seen.container, entries, log);
}

bool write_report(const ScanArgs& args, const GlobalArgs& global, const finding::Report& report,
                  const base::Log& log) {
  bool written = true;
  for (const OutputFile& output : args.outputs) {
    const bool color = global.color && output.path == "-" && is_terminal(STDOUT_FILENO);
    auto done = write_output(output.path, report::render(report, output.format, {color}));
    if (!done) log.error(done.error().message());
    written = written && done.has_value();
  }
  return written;
}

}  // namespace

int run_scan(const GlobalArgs& global, const ScanArgs& args,
             const environment::BeforeConfinement& before, const base::Log& log) {
  const std::string started = timestamp();
  static base::Cancel cancel;  // signals outlive us
  stop_on_signals(cancel);

  for (const OutputFile& output : args.outputs) {
    if (auto writable = check_output(output.path); !writable) return usage(log, writable.error());
  }
  std::unique_ptr<base::ReadPace> pace;
  if (args.max_read_rate) {
    auto started_pace = base::ReadPace::start(*args.max_read_rate, cancel);
    if (!started_pace) return usage(log, started_pace.error());
    pace = *std::move(started_pace);
  }
  ScanQuarantine quarantine(global, args, log);
  auto opened = ScanCache::open(args, log);
  if (!opened) return usage(log, opened.error());
  ScanCache& cache = **opened;
  // Plugins first: a wrong option is said before minutes of reading.
  auto loaded =
      load_plugins(args.plugins, args.running, data_folder(global), quarantine, cache, log, cancel);
  if (!loaded && cancel.stopped()) return stopped_early(cancel);
  if (!loaded) return usage(log, loaded.error());
  const std::unique_ptr<Plugins>& plugins = *loaded;
  auto options = scan_options(args, plugins->set);
  if (!options) return usage(log, options.error());
  options->seal = cache.seal();
  lane::Readers readers(log, cancel);
  auto stores =
      open_stores(global, args.references,
                  args.running.isolation == Isolation::kNone ? archive::local_unpacker() : readers);
  if (!stores && cancel.stopped()) return stopped_early(cancel);
  if (!stores) {
    say_why_not_opened(global, before, log);
    return usage(log, stores.error());
  }
  const Surroundings around = look(*stores, global, args, *plugins, before);
  say_what_is_missing(around.seen.container, around.entries, log);
  if (args.host) {
    add_host(global, *stores);
  } else if (stores->nothing_found) {
    say_nothing_found(*stores, log);
    return kNothing;
  }
  const model::Inventory& inventory = stores->collection->inventory();
  auto plan = scan::make_plan(inventory, {args.images, args.containers, args.all, stores->wishes,
                                          global.platform, args.host});
  if (!plan) return usage(log, plan.error());
  if (plan->targets.empty()) log.info("the stores found hold no image or container to scan");
  auto cached = begin_cached(cache, *plugins, *stores->collection, *plan, quarantine);
  if (!cached || !cached->is_whole()) {
    // Only now: where all is known no plugin runs.
    const auto recalled = plugins->set.plugins;
    auto begun = start_plugins(*plugins, args.running, quarantine, cache, log, cancel);
    if (!begun && cancel.stopped()) return stopped_early(cancel);
    if (!begun) return usage(log, begun.error());
    if (cached && !are_same(recalled, plugins->set.plugins)) {
      cached = begin_cached(cache, *plugins, *stores->collection, *plan, quarantine);
    }
  }
  if (auto able = check_host_plugins(args, plugins->set); !able) return usage(log, able.error());
  const auto looking = process_thread(*plan, *stores->collection);
  if (!looking) return usage(log, looking.error());
  std::vector<std::string> folders = quarantine.folders();
  for (const std::string& folder : cache.folders()) folders.push_back(folder);
  if (auto confined = confine(args, folders, log); !confined) {
    return usage(log, Error(confined.error()).in("confining the host"));
  }

  scan::Progress progress;
  set_totals(*plan, progress);
  scan::Results results;
  {
    const bool wanted =
        args.progress == ProgressMode::kAlways ||
        (args.progress == ProgressMode::kAuto && is_terminal(STDERR_FILENO) && !global.quiet);
    ProgressLine line(progress, wanted);
    results = scan::dispatch({*stores->collection, *plan, plugins->set, *options, cancel, progress,
                              &quarantine.held(), cached.get()},
                             [&line] { line.update(); });
  }
  finding::Report report =
      scan::project(inventory, *plan, plugins->set, plugins->absent, *options, results);
  quarantine.remember(
      scan::faults_of(inventory, *plan, plugins->set, results, args.running.timeout));
  auto last_words = plugins->set.lanes->end();
  if (cached) cached->keep_sightings(results);
  if (plugins->started) cache.remember_plugins(plugins->set, plugins->identities, last_words);
  cache.tidy();
  std::sort(last_words.begin(), last_words.end());
  last_words.erase(std::unique(last_words.begin(), last_words.end()), last_words.end());
  report.complete = report.complete && last_words.empty();
  for (finding::Gap& gap : last_words) report.gaps.push_back(std::move(gap));
  add_reproductions(global, args, report);
  complete_report(args, *stores, *plugins, started, report);
  report.host.container = around.seen.container.inside ? around.seen.container.text() : "";
  report.host.environment = environment::report_entries(around.seen.container, around.entries);
  report.complete = report.complete && results.stopped == base::StopReason::kNone;
  int status = exit_status(args, report, *plugins, results.stopped);
  if (!write_report(args, global, report, log) && status < kInterrupted) status = kIncomplete;
  // Threads that were left behind still use what this frame owns.
  if (results.abandoned) std::_Exit(status);
  return status;
}

}  // namespace meridian::cli
