// SPDX-License-Identifier: Apache-2.0
#include "cli/args.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <tuple>

#include "base/byte_count.hpp"
#include "base/escape.hpp"
#include "cli/args_deploy.hpp"
#include "cli/exit_status.hpp"

namespace meridian::cli {

namespace {

/// Of a second's reading and of a cache: below it a scan waits for what takes no time, and a layer
/// of package facts does not fit.
constexpr std::uint64_t kLeastBytes = 1ull << 20;

const std::map<std::string, report::Format> kFormats = {{"table", report::Format::kTable},
                                                        {"json", report::Format::kJson},
                                                        {"jsonl", report::Format::kJsonLines}};
const std::map<std::string, report::Format> kScanFormats = {
    {"table", report::Format::kTable},
    {"json", report::Format::kJson},
    {"jsonl", report::Format::kJsonLines},
    {"cyclonedx", report::Format::kCycloneDx},
    {"spdx", report::Format::kSpdx}};
const std::map<std::string, report::Format> kShowFormats = {{"text", report::Format::kTable},
                                                            {"json", report::Format::kJson}};
const std::map<std::string, report::Format> kListFormats = {{"table", report::Format::kTable},
                                                            {"json", report::Format::kJson}};
const std::map<std::string, base::LogLevel> kLevels = {{"debug", base::LogLevel::kDebug},
                                                       {"info", base::LogLevel::kInfo},
                                                       {"warn", base::LogLevel::kWarn},
                                                       {"error", base::LogLevel::kError},
                                                       {"off", base::LogLevel::kOff}};
const std::map<std::string, finding::Severity> kSeverities = {
    {"info", finding::Severity::kInfo},
    {"low", finding::Severity::kLow},
    {"medium", finding::Severity::kMedium},
    {"high", finding::Severity::kHigh},
    {"critical", finding::Severity::kCritical}};
const std::map<std::string, ProgressMode> kProgress = {{"auto", ProgressMode::kAuto},
                                                       {"always", ProgressMode::kAlways},
                                                       {"never", ProgressMode::kNever}};

const std::map<std::string, Isolation> kIsolation = {
    {"auto", Isolation::kAuto}, {"plugin", Isolation::kPlugin}, {"none", Isolation::kNone}};
const std::map<std::string, Priority> kPriorities = {{"low", Priority::kLow},
                                                     {"normal", Priority::kNormal}};
const std::map<std::string, bool> kSandboxes = {{"full", true}};

const std::map<std::string, deploy::Feature> kFeatures = {
    {"opaque-directories", deploy::Feature::kOpaqueDirectories},
    {"processes", deploy::Feature::kProcesses}};
const std::map<std::string, deploy::Kind> kKinds = {{"daemonset", deploy::Kind::kDaemonSet},
                                                    {"job", deploy::Kind::kJob},
                                                    {"cronjob", deploy::Kind::kCronJob}};

/// "[FORMAT=]FILE"
OutputFile parse_output(const std::string& text, report::Format otherwise) {
  const std::size_t equals = text.find('=');
  if (equals != std::string::npos) {
    const auto format = kScanFormats.find(text.substr(0, equals));
    if (format != kScanFormats.end()) return {format->second, text.substr(equals + 1)};
  }
  return {otherwise, text};
}

/// Everything that the parser writes into; it must outlive parsing.
struct Parsed {
  GlobalArgs global;
  bool no_color = false;
  std::string platform;
  ScanArgs scan;
  std::string scan_kind_or_ref;
  std::vector<std::string> scan_words;
  std::vector<std::string> scan_outputs;
  report::Format scan_format = report::Format::kTable;
  std::string scan_deadline, scan_timeout, scan_quarantine, scan_read_rate, scan_cache_size;
  ListArgs list;
  bool is_node = false;
  NodeArgs node;
  ShowArgs show;
  FsArgs fs;
  PluginCommandArgs plugin;
  bool is_quarantine = false;
  DataArgs data;
  std::string data_kind, scan_data_age;
  QuarantineArgs quarantine;
  std::string quarantine_term;
  DoctorArgs doctor;
  DeployWords deploy;
  VersionArgs version;
};

CLI::Option* add_format(CLI::App& app, report::Format& format) {
  return app.add_option("--format", format, "table, json or jsonl")
      ->transform(CLI::CheckedTransformer(kFormats));
}

void add_global(CLI::App& app, Parsed& to) {
  app.add_option(
      "--host-root", to.global.host_root,
      "root file system of the scanned machine (default: $MERIDIAN_HOST_ROOT, /host in a "
      "container that has it, /)");
  app.add_option("--store", to.global.stores,
                 "KIND=ROOT[,STATE]: a store at a place nobody announces")
      ->allow_extra_args(false);
  app.add_option(
         "--kube-manifests", to.global.manifests,
         "folder of Kubernetes manifests: more runtime classes for `show node`, `list pods`")
      ->allow_extra_args(false);
  app.add_flag("--no-discover", to.global.no_discover, "only the stores given by --store");
  app.add_option("--platform", to.platform,
                 "OS/ARCH[/VARIANT]: only images for it (default: all of an engine's, of an OCI "
                 "index this machine's)");
  app.add_option("--state", to.global.state,
                 "folder of what is remembered between scans, or none (default: $MERIDIAN_STATE, "
                 "/var/lib/meridian of root, ~/.local/state/meridian of others)");
  app.add_option("--data-dir", to.global.data,
                 "folder of imported databases (default: $MERIDIAN_DATA, /var/lib/meridian/data of "
                 "root, ~/.local/share/meridian of others)");
  app.add_option("--log-level", to.global.log_level, "debug, info, warn, error or off")
      ->transform(CLI::CheckedTransformer(kLevels));
  app.add_flag("--no-color", to.no_color, "no color (also: NO_COLOR)");
  app.add_flag("--quiet", to.global.quiet, "only errors on standard error");
}

void add_scan(CLI::App& app, Parsed& to) {
  CLI::App& scan = *app.add_subcommand("scan", "scan images, containers or the host");
  ScanArgs& args = to.scan;
  scan.add_option(
      "target", to.scan_words,
      "[image|container] [REF...]; without REF: everything found. A REF is a name, an id "
      "or the beginning of one, or docker-archive:PATH[:REF], oci:PATH[:REF], "
      "oci-archive:PATH[:REF], dir:PATH");
  scan.add_option("--plugin-dir", args.plugins.directories, "a bundle, or a folder of bundles")
      ->allow_extra_args(false);
  scan.add_option("--plugin", args.plugins.only, "only this plugin (id or unique last part)")
      ->allow_extra_args(false);
  scan.add_option("--skip-plugin", args.plugins.skip, "not this plugin")->allow_extra_args(false);
  scan.add_option("--set", args.plugins.settings, "ID.KEY=VALUE: an option of a plugin")
      ->allow_extra_args(false);
  scan.add_option("--config", args.plugins.config, "JSON file: {\"plugins\": {ID: {KEY: VALUE}}}");
  scan.add_option("--rule", args.rules, "ID/RULE=off|SEVERITY")->allow_extra_args(false);
  scan.add_option("--exclude", args.exclude, "glob of paths that are not looked at")
      ->allow_extra_args(false);
  scan.add_option("--format", to.scan_format, "table, json, jsonl, cyclonedx or spdx")
      ->transform(CLI::CheckedTransformer(kScanFormats));
  scan.add_option("--output", to.scan_outputs,
                  "[FORMAT=]FILE instead of standard output; repeatable")
      ->allow_extra_args(false);
  scan.add_option("--fail-on", args.fail_on, "exit 1 with findings of this severity or above")
      ->transform(CLI::CheckedTransformer(kSeverities));
  scan.add_option("--severity", args.minimum, "report only this severity and above")
      ->transform(CLI::CheckedTransformer(kSeverities));
  scan.add_option("--jobs", args.jobs, "threads (default: one for each processor)")
      ->check(CLI::Range(1, 1024));
  scan.add_option("--priority", args.priority,
                  "low (default): what runs beside the scan comes first; or normal")
      ->envname("MERIDIAN_PRIORITY")
      ->transform(CLI::CheckedTransformer(kPriorities));
  scan.add_option("--isolation", args.running.isolation,
                  "auto (a process for each foreign plugin), plugin (for each) or none")
      ->transform(CLI::CheckedTransformer(kIsolation));
  scan.add_option("--require-sandbox", args.running.require_full_sandbox,
                  "full: refuse a lesser sandbox")
      ->transform(CLI::CheckedTransformer(kSandboxes));
  scan.add_option("--timeout", to.scan_timeout,
                  "of one plugin with one file: 300ms, 60s (default)");
  scan.add_option("--deadline", to.scan_deadline, "end the scan after this long: 90s, 5m");
  scan.add_option("--max-data-age", to.scan_data_age,
                  "an imported database with an older feed is a gap: 24h, 168h (default: a warning "
                  "after seven days)");
  scan.add_option("--quarantine", to.scan_quarantine,
                  "how long a plugin is kept from an image or layer on which it crashed or hung: "
                  "24h (default), 0 (remember nothing), off (also run what is kept out)");
  scan.add_option("--cache", args.cache,
                  "folder in which results of layers and images are kept, or none (default: "
                  "$MERIDIAN_CACHE, /var/cache/meridian of root, ~/.cache/meridian of others)");
  scan.add_option("--cache-size", to.scan_cache_size,
                  "what the cache may grow to, then what was not used for longest goes: 200M, 1G "
                  "(default)");
  scan.add_option("--max-read-rate", to.scan_read_rate,
                  "bytes a second that are read of files, by all processes together: 50M, 1G");
  scan.add_flag("--all", args.all, "also intermediate build steps");
  scan.add_flag("--require-complete", args.require_complete, "exit 3 with any gap");
  scan.add_flag("--show-secrets", args.show_secrets, "do not redact");
  scan.add_option("--progress", args.progress, "auto, always or never")
      ->transform(CLI::CheckedTransformer(kProgress));
  scan.add_option("--shuffle", args.shuffle)->group("");
}

void add_list(CLI::App& app, Parsed& to) {
  CLI::App& list = *app.add_subcommand("list", "list runtimes, images, containers or pods");
  list.require_subcommand(1);
  const std::pair<const char*, ListArgs::What> kinds[] = {
      {"runtimes", ListArgs::What::kRuntimes},
      {"images", ListArgs::What::kImages},
      {"containers", ListArgs::What::kContainers}};
  for (const auto& [name, what] : kinds) {
    CLI::App& kind = *list.add_subcommand(name);
    add_format(kind, to.list.format);
    kind.add_flag("--all", to.list.all, "also intermediate build steps");
    kind.callback([&to, wanted = what] { to.list.what = wanted; });
  }
  CLI::App& pods = *list.add_subcommand("pods", "of this Kubernetes node, by its own files");
  add_format(pods, to.node.format);
  pods.callback([&to] { to.is_node = true; });
}

void add_query(CLI::App& find, FsArgs& args) {
  find.add_option("--name", args.query.names, "glob on the last part of the path")
      ->allow_extra_args(false);
  find.add_option("--path", args.query.paths, "glob on the whole path, which has no leading slash")
      ->allow_extra_args(false);
  find.add_option("--type", args.query.types,
                  "any of f(ile) d(irectory) l(ink) c(har) b(lock) p(ipe) s(ocket)");
  find.add_option("--size", args.query.size,
                  "files of N bytes, +N: more, -N: less; with k, M or G");
  find.add_option("--perm", args.query.mode_any, "octal: any of these bits, 6000: setuid, setgid");
}

void add_show(CLI::App& app, Parsed& to) {
  CLI::App& show = *app.add_subcommand("show", "one image or container whole");
  show.require_subcommand(1);
  const std::pair<const char*, ShowArgs::What> kinds[] = {
      {"image", ShowArgs::What::kImage}, {"container", ShowArgs::What::kContainer}};
  for (const auto& [name, what] : kinds) {
    CLI::App& kind = *show.add_subcommand(name);
    kind.add_option("ref", to.show.references, "each means one " + std::string(name))->required();
    kind.add_option("--format", to.show.format, "text or json")
        ->transform(CLI::CheckedTransformer(kShowFormats));
    kind.callback([&to, wanted = what] { to.show.what = wanted; });
  }
  CLI::App& node = *show.add_subcommand(
      "node", "this Kubernetes node: kubelet, pods, runtime classes, networks");
  node.add_option("--format", to.node.format, "text or json")
      ->transform(CLI::CheckedTransformer(kShowFormats));
  node.callback([&to] {
    to.is_node = true;
    to.node.what = NodeArgs::What::kNode;
  });
}

void add_fs(CLI::App& app, Parsed& to) {
  CLI::App& fs = *app.add_subcommand("fs", "look into the merged view of an image or container");
  fs.require_subcommand(1);
  using What = FsArgs::What;
  const std::tuple<const char*, What, const char*> kinds[] = {
      {"ls", What::kList, "list a directory"},
      {"cat", What::kCat, "a file's bytes, as they are"},
      {"stat", What::kStat, "one file, and the layer that it comes from"},
      {"find", What::kFind, "everything below a path that meets all conditions"}};
  for (const auto& [name, what, help] : kinds) {
    CLI::App& kind = *fs.add_subcommand(name, help);
    kind.add_option("ref", to.fs.reference, "image or container: a REF as of scan")->required();
    kind.add_option("path", to.fs.path, "path inside it")
        ->required(what == What::kCat || what == What::kStat);
    kind.add_option("--layer", to.fs.layer, "one layer alone: 0 is the bottom");
    kind.callback([&to, wanted = what] { to.fs.what = wanted; });
    if (what == What::kFind) add_query(kind, to.fs);
    if (what == What::kCat) continue;
    CLI::Option* const format = add_format(kind, to.fs.format);
    if (what == What::kStat) continue;
    kind.add_flag("-0,--print0", to.fs.raw, "names as they are, each ended by a NUL")
        ->excludes(format);
  }
}

void add_quarantine(CLI::App& plugin, Parsed& to) {
  CLI::App& quarantine =
      *plugin.add_subcommand("quarantine", "plugins kept from what they broke on");
  quarantine.require_subcommand(1);
  quarantine.fallthrough();
  using What = QuarantineArgs::What;
  QuarantineArgs& args = to.quarantine;
  CLI::App& list = *quarantine.add_subcommand("list", "who is kept from what, why, until when");
  list.add_option("--format", args.format, "table or json")
      ->transform(CLI::CheckedTransformer(kListFormats));
  CLI::App& add = *quarantine.add_subcommand("add", "keep a plugin from everything");
  add.add_option("plugin", args.plugin, "id, or its unique last part")->required();
  add.add_option("--plugin-dir", args.directories, "a bundle, or a folder of bundles")
      ->allow_extra_args(false);
  add.add_option("--for", to.quarantine_term, "how long: 90s, 5m, 24h (default)");
  add.add_option("--reason", args.reason, "for the report");
  CLI::App& clear = *quarantine.add_subcommand("clear", "let a plugin run again");
  CLI::Option* const name = clear.add_option("plugin", args.plugin, "id, or its last part");
  clear.add_flag("--all", args.all, "every plugin")->excludes(name);
  const std::pair<CLI::App*, What> commands[] = {
      {&list, What::kList}, {&add, What::kAdd}, {&clear, What::kClear}};
  for (const auto& [command, what] : commands) {
    command->fallthrough();
    command->callback([&to, wanted = what] {
      to.is_quarantine = true;
      to.quarantine.what = wanted;
    });
  }
}

void add_plugin(CLI::App& app, Parsed& to) {
  CLI::App& plugin = *app.add_subcommand("plugin", "bundles, without loading them; the quarantine");
  plugin.require_subcommand(1);
  CLI::App& list = *plugin.add_subcommand("list", "bundles found");
  CLI::App& info = *plugin.add_subcommand("info", "one bundle: rules, options, needs");
  for (CLI::App* command : {&list, &info}) {
    command->add_option("--plugin-dir", to.plugin.directories, "a bundle, or a folder of bundles")
        ->allow_extra_args(false);
    add_format(*command, to.plugin.format);
  }
  add_quarantine(plugin, to);
  info.add_option("id", to.plugin.id, "id, or its unique last part")->required();
  list.callback([&to] { to.plugin.what = PluginCommandArgs::What::kList; });
  info.callback([&to] { to.plugin.what = PluginCommandArgs::What::kInfo; });
}

void add_data(CLI::App& app, Parsed& to) {
  CLI::App& data = *app.add_subcommand("data", "databases that plugins ask for, from feeds");
  data.require_subcommand(1);
  CLI::App& take = *data.add_subcommand(
      "import",
      "take in files and folders of vulnerability feeds: OSV, Debian's tracker, Alpine's "
      "secdb, Grype 6, OpenVEX");
  take.add_option("source", to.data.sources, "files and folders")->required();
  take.add_option("--kind", to.data_kind,
                  "osv, debian, alpine, grype or openvex (default: by content)");
  take.add_option("--name", to.data.name,
                  "of the source, which an import of the same name replaces (default: by feed and "
                  "file)");
  CLI::App& list = *data.add_subcommand("list", "what was imported, from where, how old it is");
  add_format(list, to.data.format);
  take.callback([&to] { to.data.what = DataArgs::What::kImport; });
  list.callback([&to] { to.data.what = DataArgs::What::kList; });
}

void add_doctor(CLI::App& app, Parsed& to) {
  CLI::App& doctor =
      *app.add_subcommand("doctor", "what this environment allows, what is missing, the mend");
  doctor.add_option("--format", to.doctor.format, "text or json")
      ->transform(CLI::CheckedTransformer(kShowFormats));
  doctor
      .add_option("--plugin-dir", to.doctor.directories,
                  "a bundle, or a folder of bundles, whose needs are judged")
      ->allow_extra_args(false);
  doctor.add_option("--report", to.doctor.report,
                    "the file that a scan's --output will name: whether it can be written");
}

void add_deploy(CLI::App& app, Parsed& parsed) {
  CLI::App& deploy = *app.add_subcommand(
      "deploy", "the least that a scan beside its targets needs, as configuration");
  deploy.require_subcommand(1);
  DeployWords& to = parsed.deploy;
  DeployArgs& args = to.args;
  using What = DeployArgs::What;
  const std::tuple<const char*, What, const char*> kinds[] = {
      {"docker", What::kDocker, "a shell script with one `docker run`; podman takes it too"},
      {"compose", What::kCompose, "a compose file"},
      {"kubernetes", What::kKubernetes, "a DaemonSet, Job or CronJob"},
      {"seccomp", What::kSeccomp, "the seccomp profile that compose and kubernetes name"}};
  for (const auto& [name, what, help] : kinds) {
    CLI::App& kind = *deploy.add_subcommand(name, help);
    kind.add_option("--plugin-dir", args.plugins.directories,
                    "a bundle, or a folder of bundles, of the host: mounted into the container "
                    "(default: what is installed, which is what the image has)")
        ->allow_extra_args(false);
    kind.add_option("--plugin", args.plugins.only, "only this plugin (id or unique last part)")
        ->allow_extra_args(false);
    kind.add_option("--skip-plugin", args.plugins.skip, "not this plugin")->allow_extra_args(false);
    kind.add_option("--with", args.features,
                    "opaque-directories or processes: what costs one more capability")
        ->allow_extra_args(false)
        ->transform(CLI::CheckedTransformer(kFeatures));
    kind.add_option("--image", args.image, "name of the image (default: meridian:VERSION)");
    kind.add_option("--memory", to.memory, "512M, 2G (default: what the plugins declare)");
    kind.add_option("--cpus", to.cpus, "2, 0.5 (default: 2)");
    kind.add_option(
        "--report", args.report,
        "folder of the host for the report (default: standard output, and nothing is written)");
    kind.add_option(
        "--keep", args.keep,
        "folder of the host for the cache and the quarantine (default: nothing is kept)");
    kind.add_option("--output", args.output, "a file instead of standard output");
    if (what == What::kKubernetes) {
      kind.add_option("--kind", args.kind, "daemonset, job (default) or cronjob")
          ->transform(CLI::CheckedTransformer(kKinds));
      kind.add_option("--schedule", args.schedule,
                      "of a cronjob: a cron line (default: 17 3 * * *)");
      kind.add_option("--every", to.every, "of a daemonset: time between scans: 1h, 24h (default)");
    }
    kind.callback([&to, wanted = what] { to.args.what = wanted; });
  }
}

/// What CLI11 cannot say: the optional kind before REFs, durations, outputs.
std::optional<std::string> finish_scan(Parsed& parsed) {
  ScanArgs& scan = parsed.scan;
  auto words = parsed.scan_words.begin();
  if (words != parsed.scan_words.end()) {
    if (*words == "image" || *words == "container" || *words == "host") {
      scan.containers = *words == "container";
      scan.images = *words == "image";
      scan.host = *words == "host";
      ++words;
    }
  }
  scan.references.assign(words, parsed.scan_words.end());
  if (scan.host && !scan.references.empty()) return "scan host takes no REF";
  for (const std::string& text : parsed.scan_outputs) {
    scan.outputs.push_back(parse_output(text, parsed.scan_format));
    if (scan.outputs.back().path.empty()) return "--output '" + text + "' names no file";
  }
  if (scan.outputs.empty()) scan.outputs.push_back({parsed.scan_format, "-"});
  if (!parsed.scan_deadline.empty()) {
    scan.deadline = parse_duration(parsed.scan_deadline);
    if (!scan.deadline) return "--deadline '" + parsed.scan_deadline + "': expected 90s, 5m, 2h";
  }
  if (!parsed.scan_timeout.empty()) {
    const auto timeout = parse_duration(parsed.scan_timeout);
    if (!timeout || timeout->count() == 0)
      return "--timeout '" + parsed.scan_timeout + "': expected 300ms, 60s, 5m";
    scan.running.timeout = *timeout;
  }
  if (!parsed.scan_data_age.empty()) {
    scan.max_data_age = parse_duration(parsed.scan_data_age);
    if (!scan.max_data_age) {
      return "--max-data-age '" + parsed.scan_data_age + "': expected 90m, 24h, 168h";
    }
  }
  if (parsed.scan_quarantine == "off") {
    scan.quarantine.reset();
  } else if (!parsed.scan_quarantine.empty()) {
    scan.quarantine = parse_duration(parsed.scan_quarantine);
    if (!scan.quarantine) {
      return "--quarantine '" + parsed.scan_quarantine + "': expected off, 0, 90s, 5m, 24h";
    }
  }
  for (const auto& [option, text, value] :
       {std::tuple("--max-read-rate", &parsed.scan_read_rate, &scan.max_read_rate),
        std::tuple("--cache-size", &parsed.scan_cache_size, &scan.cache_size)}) {
    if (text->empty()) continue;
    *value = base::parse_byte_count(*text);
    if (*value && **value >= kLeastBytes) continue;
    return std::string(option) + " '" + *text + "': expected 1M or more, as in 50M, 2G";
  }
  return std::nullopt;
}

std::optional<std::string> finish_quarantine(Parsed& parsed) {
  QuarantineArgs& args = parsed.quarantine;
  if (args.what == QuarantineArgs::What::kClear && args.plugin.empty() && !args.all) {
    return "plugin quarantine clear: name a plugin, or --all";
  }
  if (parsed.quarantine_term.empty()) return std::nullopt;
  const auto term = parse_duration(parsed.quarantine_term);
  if (!term) return "--for '" + parsed.quarantine_term + "': expected 90s, 5m, 24h";
  args.term = *term;
  return std::nullopt;
}

std::optional<std::string> finish_data(Parsed& parsed) {
  if (parsed.data_kind.empty()) return std::nullopt;
  parsed.data.kind = data::parse_kind(parsed.data_kind);
  if (parsed.data.kind) return std::nullopt;
  return "--kind '" + parsed.data_kind + "': expected osv, debian, alpine, grype or openvex";
}

int usage_error(const std::string& message) {
  std::cerr << "meridian: " << message << "\n";
  return kUsage;
}

}  // namespace

std::variant<Args, int> parse_args(int argc, const char* const* argv) {
  Parsed parsed;
  // No command of a person's: a scan starts these itself.
  if (argc == 2 && std::string_view(argv[1]) == "lane") return Args{parsed.global, LaneArgs()};
  if (argc == 2 && std::string_view(argv[1]) == "reader") return Args{parsed.global, ReaderArgs()};
  CLI::App app(
      "Meridian reads the container engines' own files and runs plugins over what it finds.",
      "meridian");
  app.require_subcommand(1);
  app.fallthrough();
  add_global(app, parsed);
  add_scan(app, parsed);
  add_list(app, parsed);
  add_show(app, parsed);
  add_fs(app, parsed);
  add_plugin(app, parsed);
  add_data(app, parsed);
  add_doctor(app, parsed);
  add_deploy(app, parsed);
  add_format(*app.add_subcommand("version", "version of the host and of its plugin interface"),
             parsed.version.format);
  for (CLI::App* command : app.get_subcommands({})) {
    command->fallthrough();
    for (CLI::App* inner : command->get_subcommands({})) inner->fallthrough();
  }
  // CLI11 would only say that a command is missing.
  if (argc > 1 && argv[1][0] != '-' &&
      app.get_subcommands([&](const CLI::App* command) { return command->check_name(argv[1]); })
          .empty()) {
    return usage_error(
        "unknown command '" + base::escape(argv[1]) +
        "'; there are scan, list, show, fs, plugin, data, doctor, deploy and version");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : static_cast<int>(kUsage);
  }
  if (!parsed.platform.empty()) {
    auto platform = model::Platform::parse(parsed.platform);
    if (!platform) return usage_error("--platform: " + platform.error().message());
    parsed.global.platform = *std::move(platform);
  }
  const char* no_color = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): before threads
  parsed.global.color = !parsed.no_color && (no_color == nullptr || *no_color == '\0');

  Args args{parsed.global, VersionArgs{}};
  if (app.got_subcommand("scan")) {
    if (const auto wrong = finish_scan(parsed)) return usage_error(*wrong);
    args.command = parsed.scan;
  } else if (parsed.is_node) {
    args.command = parsed.node;
  } else if (app.got_subcommand("list")) {
    args.command = parsed.list;
  } else if (app.got_subcommand("show")) {
    args.command = parsed.show;
  } else if (app.got_subcommand("fs")) {
    args.command = parsed.fs;
  } else if (parsed.is_quarantine) {
    if (const auto wrong = finish_quarantine(parsed)) return usage_error(*wrong);
    args.command = parsed.quarantine;
  } else if (app.got_subcommand("plugin")) {
    args.command = parsed.plugin;
  } else if (app.got_subcommand("data")) {
    if (const auto wrong = finish_data(parsed)) return usage_error(*wrong);
    args.command = parsed.data;
  } else if (app.got_subcommand("doctor")) {
    args.command = parsed.doctor;
  } else if (app.got_subcommand("deploy")) {
    if (const auto wrong = finish_deploy(parsed.deploy)) return usage_error(*wrong);
    args.command = parsed.deploy.args;
  } else {
    args.command = parsed.version;
  }
  return args;
}

}  // namespace meridian::cli
