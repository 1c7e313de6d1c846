// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include "base/escape.hpp"
#include "cli/commands.hpp"
#include "cli/data.hpp"
#include "cli/exit_status.hpp"
#include "cli/output.hpp"
#include "cli/plugins.hpp"
#include "deploy/render.hpp"

namespace meridian::cli {

namespace {

using What = DeployArgs::What;

bool holds(const std::vector<const plugin::Bundle*>& bundles, const plugin::Bundle& bundle) {
  return std::find(bundles.begin(), bundles.end(), &bundle) != bundles.end();
}

Result<std::vector<const plugin::Bundle*>> named(const plugin::Catalog& catalog,
                                                 const std::vector<std::string>& names) {
  std::vector<const plugin::Bundle*> bundles;
  for (const std::string& name : names) {
    MERIDIAN_TRY(const plugin::Bundle* bundle, find_bundle(catalog, name));
    bundles.push_back(bundle);
  }
  return bundles;
}

deploy::PluginNeeds needs_of(const plugin::Bundle& bundle) {
  const plugin::Needs& needs = bundle.manifest.needs;
  return {bundle.manifest.id, needs.memory,     needs.scratch,
          needs.threads,      needs.privileges, !bundle.manifest.data.empty()};
}

/// As the engine will be told: from the root, no link or ".." of this machine's left.
std::string whole_path(const std::string& path) {
  if (path.empty()) return path;
  std::error_code failed;
  const auto whole = std::filesystem::weakly_canonical(std::filesystem::absolute(path), failed);
  return failed ? path : whole.string();
}

/// As scan chooses: all, or those of --plugin, but for those of --skip-plugin.
Result<void> choose(const DeployArgs& args, deploy::Request& request, const base::Log& log) {
  MERIDIAN_TRY(const plugin::Catalog catalog, open_catalog(args.plugins.directories));
  for (const plugin::Refusal& refusal : catalog.refusals) {
    log.warn("refused " + base::escape(refusal.path) + ": " + refusal.message);
  }
  MERIDIAN_TRY(const auto only, named(catalog, args.plugins.only));
  MERIDIAN_TRY(const auto skip, named(catalog, args.plugins.skip));
  for (const plugin::Bundle& bundle : catalog.bundles) {
    if (holds(skip, bundle) || (!only.empty() && !holds(only, bundle))) continue;
    request.plugins.push_back(needs_of(bundle));
    if (!only.empty() || !skip.empty()) request.only.push_back(bundle.manifest.id);
  }
  for (const std::string& directory : args.plugins.directories) {
    request.plugin_folders.push_back(whole_path(directory));
  }
  return {};
}

Result<std::string> rendered(const GlobalArgs& global, const DeployArgs& args,
                             const base::Log& log) {
  deploy::Request request;
  request.version = version();
  request.image = args.image.empty() ? "meridian:" + request.version : args.image;
  request.features = args.features;
  request.memory = args.memory;
  request.milli_cpus = args.milli_cpus;
  request.report = whole_path(args.report);
  request.keep = whole_path(args.keep);
  // Of root, who the container is, unless one is named; never of whoever calls this.
  request.data = whole_path(named_data_folder(global).value_or(kRootsDataFolder));
  request.kind = args.kind;
  request.schedule = args.schedule;
  request.every_seconds = static_cast<std::uint64_t>(args.every.count());
  MERIDIAN_CHECK(choose(args, request, log));
  MERIDIAN_TRY(const deploy::Plan plan, deploy::make_plan(request));
  switch (args.what) {
    case What::kDocker:
      return deploy::docker_script(plan);
    case What::kCompose:
      return deploy::compose_file(plan);
    case What::kKubernetes:
      return deploy::kubernetes_manifest(plan);
    case What::kSeccomp:
      break;
  }
  return deploy::seccomp_profile(plan);
}

}  // namespace

int run_deploy(const GlobalArgs& global, const DeployArgs& args, const base::Log& log) {
  if (auto usable = check_output(args.output); !usable) {
    log.error(usable.error().message());
    return kUsage;
  }
  const auto text = rendered(global, args, log);
  if (!text) {
    log.error(text.error().message());
    return kUsage;
  }
  if (auto written = write_output(args.output, *text); !written) {
    log.error(written.error().message());
    return kIncomplete;
  }
  return kDone;
}

}  // namespace meridian::cli
