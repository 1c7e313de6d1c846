// SPDX-License-Identifier: Apache-2.0
#include "cli/environment_look.hpp"

#include <utility>

#include "archive/unpacker.hpp"
#include "environment/doctor.hpp"
#include "store/store.hpp"

namespace meridian::cli {

std::vector<environment::PluginNeed> needs_of(const plugin::Catalog& catalog) {
  std::vector<environment::PluginNeed> needs;
  for (const plugin::Bundle& bundle : catalog.bundles) {
    needs.push_back({bundle.manifest.id, bundle.manifest.needs.privileges, {}, {}});
  }
  return needs;
}

environment::Observed look_around(const GlobalArgs& global, const KeptFolders& kept,
                                  std::vector<environment::PluginNeed> plugins,
                                  const environment::BeforeConfinement& before) {
  environment::Subject subject;
  subject.root_directory = host_root_of(global);
  subject.cache_folder = kept.cache;
  subject.state_folder = kept.state;
  subject.plugins = std::move(plugins);
  const auto root = rootfs::HostRoot::open(subject.root_directory);
  if (!root) {
    subject.root_error = root.error().message();
    return environment::observe(subject, before);
  }
  subject.root = root->get();
  std::vector<store::StoreSpec> specs;
  for (const std::string& text : global.stores) {
    auto spec = store::StoreSpec::parse(text);
    if (spec) specs.push_back(*std::move(spec));
  }
  // Nothing is unpacked by looking for stores.
  store::Discovery found = store::discover(
      **root, archive::local_unpacker(), specs,
      global.no_discover ? store::DiscoverMode::kSpecsOnly : store::DiscoverMode::kEverything);
  subject.looked_at = std::move(found.looked_at);
  subject.problems = std::move(found.problems);
  for (const auto& store : found.stores) subject.found.push_back(store->runtime().root);
  return environment::observe(subject, before);
}

environment::Observed look_around(const Stores& stores, const KeptFolders& kept,
                                  std::vector<environment::PluginNeed> plugins,
                                  const environment::BeforeConfinement& before) {
  environment::Subject subject;
  subject.cache_folder = kept.cache;
  subject.state_folder = kept.state;
  subject.plugins = std::move(plugins);
  if (stores.host_root) {
    subject.root = stores.host_root.get();
    subject.root_directory = stores.host_root->directory();
    subject.looked_at = stores.looked_at;
    subject.found = stores.found;
    subject.problems = stores.collection->inventory().problems;
  }
  return environment::observe(subject, before);
}

void say_what_is_missing(const environment::Container& container,
                         const std::vector<environment::Diagnosis>& entries, const base::Log& log) {
  for (const std::string& line : environment::scan_lines(container, entries)) log.warn(line);
}

}  // namespace meridian::cli
