// SPDX-License-Identifier: Apache-2.0
#include "deploy/plan.hpp"

#include <algorithm>

#include "base/escape.hpp"
#include "model/capabilities.hpp"
#include "plugin/manifest.hpp"

namespace meridian::deploy {

namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
/// What a scan of some hundred images holds beside its plugins: model, matcher, what is decoded.
constexpr std::uint64_t kHostMemory = 512 * kMiB;
/// Of a plugin that does not say, in each job.
constexpr std::uint64_t kPluginMemory = 64 * kMiB;
/// Less does not start: the three plugins of this build and the program.
constexpr std::uint64_t kLeastMemory = 128 * kMiB;
constexpr std::uint32_t kLeastCpus = 100;  // thousandths of one
/// Host, lanes, readers, a shell and their threads; a job adds a worker a lane, and its reader.
constexpr std::uint32_t kProcesses = 64;
constexpr std::uint32_t kProcessesOfJob = 16;
constexpr std::uint64_t kNoBytes = 4096;  // memory of a mount that only hides what is below it

Error invalid(const std::string& message) { return Error(ErrorCode::kInvalid, message); }

/// [HOST[:PORT]/]PATH[:TAG][@DIGEST]: the letters of it. What else stands there could be an option
/// or end a word.
Result<void> check_image(const std::string& image) {
  const bool letters = std::all_of(image.begin(), image.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-/:@").find(c) != std::string_view::npos;
  });
  if (!letters || image.empty() || image.front() == '-') {
    return invalid("--image '" + base::escape(image) + "' is no name of an image");
  }
  return {};
}

/// `*` and numbers, or @daily: what a cron line is made of.
Result<void> check_schedule(const std::string& schedule) {
  const bool letters = std::all_of(schedule.begin(), schedule.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("*/,-@ ").find(c) != std::string_view::npos;
  });
  if (!letters || schedule.empty()) {
    return invalid("--schedule '" + base::escape(schedule) +
                   "': expected a cron line, '17 3 * * *'");
  }
  return {};
}

Result<void> check_folder(const std::string& option, const std::string& folder) {
  const bool plain =
      base::is_utf8(folder) && std::none_of(folder.begin(), folder.end(),
                                            [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (folder.empty() || folder.front() != '/' || !plain) {
    return invalid(option + " '" + base::escape(folder) +
                   "': expected an absolute path of the host, in UTF-8");
  }
  return {};
}

bool is_of_container(const std::string& name) {
  return model::capability_number(name) || name == plugin::privilege::kNetwork ||
         name == plugin::privilege::kHostNetwork || name == plugin::privilege::kHostPid;
}

Result<std::vector<Feature>> features_of(const Request& request) {
  std::vector<Feature> features = request.features;
  for (const PluginNeeds& plugin : request.plugins) {
    for (const std::string& name : plugin.privileges) {
      const auto feature = feature_of(name);
      if (!feature) {
        return invalid("plugin " + base::escape(plugin.id) + " needs '" + base::escape(name) +
                       (is_of_container(name)
                            ? "': its sandbox would take that from it, so it is not granted; with "
                              "--isolation none, add it by hand"
                            : "', which nothing here stands for; there are: opaque-directories, "
                              "processes"));
      }
      features.push_back(*feature);
    }
  }
  std::sort(features.begin(), features.end());
  features.erase(std::unique(features.begin(), features.end()), features.end());
  return features;
}

std::string who_needs(const Request& request, Feature feature) {
  std::string who;
  for (const PluginNeeds& plugin : request.plugins) {
    const auto& names = plugin.privileges;
    if (std::find(names.begin(), names.end(), to_text(feature)) == names.end()) continue;
    who += (who.empty() ? "" : ", ") + plugin.id;
  }
  return who.empty() ? "asked for by --with" : "needed by " + who;
}

Capability capability_of(const Request& request, Feature feature) {
  const std::string who = " (" + who_needs(request, feature) + ")";
  if (feature == Feature::kOpaqueDirectories) {
    return {
        {"cap-sys-admin",
         "the kernel shows trusted.overlay.* attributes, in which overlay notes what it "
         "deleted, to CAP_SYS_ADMIN alone" +
             who +
             "; the seccomp profile still refuses mount, "
             "unshare and bpf",
         "directories that a container replaced whole are seen merged with what they hid, a gap "
         "of kind privilege says so"},
        "SYS_ADMIN"};
  }
  return {
      {"cap-sys-ptrace",
       "environment, program and namespaces of processes that are another user's" + who +
           "; the seccomp profile still refuses ptrace and process_vm_readv, but their memory can "
           "be read through /host/proc",
       "of such processes only what everybody may see is reported, a gap of kind privilege says "
       "so"},
      "SYS_PTRACE"};
}

std::uint64_t round_up(std::uint64_t bytes) { return (bytes + kMiB - 1) / kMiB * kMiB; }

std::uint32_t jobs_of(const Request& request) { return (request.milli_cpus + 999) / 1000; }

Result<std::uint64_t> memory_of(const Request& request) {
  if (request.memory) {
    if (*request.memory < kLeastMemory) return invalid("--memory: less than 128M does not start");
    return round_up(*request.memory);
  }
  constexpr std::uint64_t kMost = std::uint64_t{1} << 44;
  std::uint64_t bytes = kHostMemory;
  for (const PluginNeeds& plugin : request.plugins) {
    const std::uint64_t each = plugin.memory == 0 ? kPluginMemory : plugin.memory;
    if (each > kMost || plugin.scratch > kMost) {
      return invalid("plugin " + base::escape(plugin.id) +
                     " declares more memory than machines have");
    }
    bytes += each * jobs_of(request) + plugin.scratch;
  }
  return round_up(bytes);
}

void add_host(Plan& plan) {
  plan.mounts.push_back(
      {{"host-root",
        "the engines' files, read where they are; rslave: what the host mounts later is seen too. "
        "read-only holds for this mount and not for those below it: no mount option can make both "
        "true, so the seccomp profile refuses to open anything for writing",
        "no store is found, nothing is scanned"},
       Mount::Type::kBind,
       "/",
       "/host",
       true,
       true,
       0});
  plan.mounts.push_back(
      {{"host-proc",
        "the host's procfs once more, read-only: below /host it would be writable, and uid 0 may "
        "write kernel.core_pattern without any capability",
        "/host/proc is writable to whoever gets around the seccomp profile"},
       Mount::Type::kBind,
       "/proc",
       "/host/proc",
       true,
       false,
       0});
  for (const char* const name : {"sys", "dev"}) {
    plan.mounts.push_back(
        {{std::string("host-") + name,
          std::string("nothing of the host's /") + name + " is read, so none of it is there",
          std::string("/host/") + name +
              " is there and writable to whoever gets around the "
              "seccomp profile"},
         Mount::Type::kMemory,
         "",
         std::string("/host/") + name,
         true,
         false,
         kNoBytes});
  }
}

/// The databases are read where `meridian data import` wrote them: everything of the host is there.
Result<void> add_data(const Request& request, Plan& plan) {
  const bool wanted = std::any_of(request.plugins.begin(), request.plugins.end(),
                                  [](const PluginNeeds& plugin) { return plugin.data; });
  if (!wanted) return {};
  MERIDIAN_CHECK(check_folder("--data-dir", request.data));
  plan.environment.emplace_back("MERIDIAN_DATA", "/host" + request.data);
  return {};
}

/// The folders that may be written to, if any.
Result<void> add_writable(const Request& request, Plan& plan) {
  if (!request.report.empty()) {
    MERIDIAN_CHECK(check_folder("--report", request.report));
    plan.mounts.push_back({{"report", "the report is written here",
                            "no report: the scan ends with status 2 before it begins"},
                           Mount::Type::kBind,
                           request.report,
                           "/report",
                           false,
                           false,
                           0});
  }
  if (!request.keep.empty()) {
    MERIDIAN_CHECK(check_folder("--keep", request.keep));
    plan.mounts.push_back(
        {{"keep", "results of layers already seen, and which plugin broke on what",
          "every scan opens every file again; --cache fails, status 2"},
         Mount::Type::kBind,
         request.keep,
         "/keep",
         false,
         false,
         0});
  }
  std::uint64_t scratch = 0;
  std::string who;
  for (const PluginNeeds& plugin : request.plugins) {
    scratch += plugin.scratch;
    if (plugin.scratch > 0) who += " " + plugin.id;
  }
  if (scratch > 0) {
    plan.mounts.push_back({{"scratch", "private disk that these plugins declare:" + who,
                            "these plugins do not start: gaps of theirs in every target"},
                           Mount::Type::kMemory,
                           "",
                           "/tmp",
                           false,
                           false,
                           round_up(scratch * jobs_of(request))});
  }
  plan.writes = !request.report.empty() || !request.keep.empty() || scratch > 0;
  return {};
}

Result<void> add_plugins(const Request& request, Plan& plan) {
  std::size_t number = 0;
  for (const std::string& folder : request.plugin_folders) {
    MERIDIAN_CHECK(check_folder("--plugin-dir", folder));
    const std::string target = "/plugins/" + std::to_string(++number);
    plan.mounts.push_back(
        {{"plugins-" + std::to_string(number), "plugins that are not in the image",
          "these plugins do not run: status 2"},
         Mount::Type::kBind,
         folder,
         target,
         true,
         false,
         0});
    plan.arguments.insert(plan.arguments.end(), {"--plugin-dir", target});
  }
  for (const std::string& id : request.only) {
    plan.arguments.insert(plan.arguments.end(), {"--plugin", id});
  }
  return {};
}

}  // namespace

const char* to_text(Feature feature) {
  return feature == Feature::kProcesses ? plugin::privilege::kProcesses
                                        : plugin::privilege::kOpaqueDirectories;
}

std::optional<Feature> feature_of(const std::string& name) {
  for (const Feature feature : {Feature::kOpaqueDirectories, Feature::kProcesses}) {
    if (name == to_text(feature)) return feature;
  }
  return std::nullopt;
}

Result<Plan> make_plan(const Request& request) {
  MERIDIAN_CHECK(check_image(request.image));
  MERIDIAN_CHECK(check_schedule(request.schedule));
  if (request.plugins.empty()) return invalid("no plugin is chosen");
  if (request.milli_cpus < kLeastCpus) return invalid("--cpus: less than 0.1 does not end in time");
  MERIDIAN_TRY(const auto features, features_of(request));
  Plan plan;
  plan.version = request.version;
  plan.image = request.image;
  plan.milli_cpus = request.milli_cpus;
  plan.kind = request.kind;
  plan.schedule = request.schedule;
  plan.every_seconds = request.every_seconds;
  MERIDIAN_TRY(plan.memory, memory_of(request));
  plan.processes = kProcesses + kProcessesOfJob * jobs_of(request);
  plan.capabilities.push_back({{"cap-dac-read-search",
                                "files of every owner and mode are read; the one capability of a "
                                "scan, and only uid 0 gets it",
                                "what root alone may read - the engine's own folders first - is "
                                "not seen: no store, or gaps"},
                               "DAC_READ_SEARCH"});
  for (const Feature feature : features) {
    plan.capabilities.push_back(capability_of(request, feature));
  }
  plan.arguments = {"scan",     "--host-root", "/host", "--jobs", std::to_string(jobs_of(request)),
                    "--format", "json"};
  add_host(plan);
  MERIDIAN_CHECK(add_plugins(request, plan));
  MERIDIAN_CHECK(add_writable(request, plan));
  if (!request.report.empty()) {
    plan.arguments.insert(plan.arguments.end(), {"--output", "json=/report/report.json"});
  }
  const bool kept = !request.keep.empty();
  plan.environment = {{"MERIDIAN_CACHE", kept ? "/keep/cache" : "none"},
                      {"MERIDIAN_STATE", kept ? "/keep/state" : "none"}};
  MERIDIAN_CHECK(add_data(request, plan));
  if (!plan.writes) plan.environment.emplace_back("MERIDIAN_WRITES", "none");
  return plan;
}

}  // namespace meridian::deploy
