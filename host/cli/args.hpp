// SPDX-License-Identifier: Apache-2.0
//
// args.hpp: the command line as values. args.cpp is the one user of CLI11.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/log.hpp"
#include "cli/priority.hpp"
#include "data/sniff.hpp"
#include "deploy/plan.hpp"
#include "finding/severity.hpp"
#include "model/image_config.hpp"
#include "plugin/quarantine.hpp"
#include "report/format.hpp"
#include "scan/file_query.hpp"

namespace meridian::cli {

/// Options before or after any command.
struct GlobalArgs {
  std::string host_root;               // empty: MERIDIAN_HOST_ROOT, /host in a container, /
  std::vector<std::string> stores;     // KIND=ROOT[,STATE]
  std::vector<std::string> manifests;  // --kube-manifests: folders of this process
  bool no_discover = false;
  std::optional<model::Platform> platform;  // --platform; empty: this machine's
  std::string state;                        // --state DIR or "none"; empty: the usual place
  std::string data;                         // --data-dir DIR; empty: the usual place
  base::LogLevel log_level = base::LogLevel::kInfo;
  bool color = true;  // false: --no-color or NO_COLOR
  bool quiet = false;
};

struct PluginArgs {
  std::vector<std::string> directories;  // --plugin-dir
  std::vector<std::string> only;         // --plugin
  std::vector<std::string> skip;         // --skip-plugin
  std::vector<std::string> settings;     // --set ID.KEY=VALUE
  std::string config;                    // --config FILE
};

struct OutputFile {
  report::Format format = report::Format::kTable;
  std::string path;  // "-": standard output
};

enum class ProgressMode { kAuto, kAlways, kNever };

/// Where plugins run. kAuto: bundles of this build share a lane, every other has its own.
enum class Isolation { kAuto, kPlugin, kNone };

struct Running {
  Isolation isolation = Isolation::kAuto;
  bool require_full_sandbox = false;
  std::chrono::milliseconds timeout{60'000};  // of one plugin with one file
};

struct ScanArgs {
  bool images = true;
  bool containers = true;
  bool host = false;
  std::vector<std::string> references;
  PluginArgs plugins;
  std::vector<std::string> rules;    // ID/RULE=off|SEVERITY
  std::vector<std::string> exclude;  // globs
  std::vector<OutputFile> outputs;   // at least one
  std::optional<finding::Severity> fail_on;
  finding::Severity minimum = finding::Severity::kUnknown;
  std::size_t jobs = 0;  // 0: one for each processor
  Priority priority = Priority::kLow;
  Running running;
  std::optional<std::chrono::milliseconds> deadline;
  std::optional<std::chrono::milliseconds> max_data_age;  // an older database is a missing one
  /// How long a plugin is kept from what it broke on; nothing: the quarantine is off.
  std::optional<std::chrono::milliseconds> quarantine = plugin::kQuarantineTerm;
  std::string cache;                           // --cache DIR or "none"; empty: the usual place
  std::optional<std::uint64_t> cache_size;     // bytes
  std::optional<std::uint64_t> max_read_rate;  // bytes a second
  bool all = false;
  bool require_complete = false;
  bool show_secrets = false;
  ProgressMode progress = ProgressMode::kAuto;
  std::optional<std::uint64_t> shuffle;  // --shuffle, hidden: order of units, for tests
};

struct ListArgs {
  enum class What { kRuntimes, kImages, kContainers } what = What::kImages;
  bool all = false;
  report::Format format = report::Format::kTable;
};

/// `list pods`, `show node`
struct NodeArgs {
  enum class What { kPods, kNode } what = What::kPods;
  report::Format format = report::Format::kTable;
};

struct ShowArgs {
  enum class What { kImage, kContainer } what = What::kImage;
  std::vector<std::string> references;  // each means one
  report::Format format = report::Format::kTable;
};

struct FsArgs {
  enum class What { kList, kCat, kStat, kFind } what = What::kList;
  std::string reference;
  std::string path;
  std::optional<std::size_t> layer;
  scan::FileQueryTexts query;  // of find
  bool raw = false;            // -0: names as they are, each ended by a NUL
  report::Format format = report::Format::kTable;
};

struct PluginCommandArgs {
  enum class What { kList, kInfo } what = What::kList;
  std::vector<std::string> directories;
  std::string id;  // of info: an id, its last part, or a bundle folder
  report::Format format = report::Format::kTable;
};

/// `plugin quarantine`
struct QuarantineArgs {
  enum class What { kList, kAdd, kClear } what = What::kList;
  std::vector<std::string> directories;  // of add
  std::string plugin;                    // an id, or its last part
  std::string reason;
  std::chrono::milliseconds term = plugin::kQuarantineTerm;
  bool all = false;
  report::Format format = report::Format::kTable;
};

/// `data`
struct DataArgs {
  enum class What { kImport, kList } what = What::kList;
  std::vector<std::string> sources;  // files and folders
  std::optional<data::Kind> kind;    // --kind
  std::string name;                  // --name
  report::Format format = report::Format::kTable;
};

struct DoctorArgs {
  std::string report;                              // --report: what a scan's --output will name
  std::vector<std::string> directories;            // --plugin-dir: whose needs are judged
  report::Format format = report::Format::kTable;  // table stands for text
};

struct DeployArgs {
  enum class What { kDocker, kCompose, kKubernetes, kSeccomp } what = What::kDocker;
  PluginArgs plugins;
  std::string image;  // empty: meridian:VERSION
  std::string output = "-";
  std::vector<deploy::Feature> features;  // --with
  std::optional<std::uint64_t> memory;    // bytes
  std::uint32_t milli_cpus = 2000;
  std::string report, keep;  // folders of the host; empty: none
  deploy::Kind kind = deploy::Kind::kJob;
  std::string schedule = "17 3 * * *";
  std::chrono::seconds every{86'400};
};

struct VersionArgs {
  report::Format format = report::Format::kTable;
};

/// `meridian lane`: only for a process that a scan has started.
struct LaneArgs {};
/// `meridian reader`: the same.
struct ReaderArgs {};

struct Args {
  GlobalArgs global;
  std::variant<ScanArgs, ListArgs, NodeArgs, ShowArgs, FsArgs, PluginCommandArgs, QuarantineArgs,
               DataArgs, DoctorArgs, DeployArgs, VersionArgs, LaneArgs, ReaderArgs>
      command;
};

/// Either what to do, or (help printed, usage error printed) the status to leave with.
std::variant<Args, int> parse_args(int argc, const char* const* argv);

}  // namespace meridian::cli
