// SPDX-License-Identifier: Apache-2.0
#include "cli/wiring.hpp"

#include <unistd.h>

#include <cstdlib>

#include "base/escape.hpp"
#include "environment/container.hpp"
#include "store/store.hpp"

namespace meridian::cli {

namespace {

std::string default_host_root() {
  const char* given =
      std::getenv("MERIDIAN_HOST_ROOT");  // NOLINT(concurrency-mt-unsafe): one thread
  if (given != nullptr && *given != '\0') return given;
  if (::access("/host/etc", F_OK) == 0 &&
      environment::find_container(environment::own_signs()).inside) {
    return "/host";
  }
  return "/";
}

Result<std::vector<store::StoreSpec>> parse_specs(const std::vector<std::string>& texts) {
  std::vector<store::StoreSpec> specs;
  for (const std::string& text : texts) {
    MERIDIAN_TRY(auto spec, store::StoreSpec::parse(text));
    specs.push_back(std::move(spec));
  }
  return specs;
}

/// Whose stores a transport names something in; none: it opens a place of its own.
std::vector<std::string> engines_of(const std::string& transport) {
  if (transport == "docker-daemon") return {"docker"};
  if (transport == "containers-storage") return {"podman", "cri-o"};
  if (transport == "containerd") return {transport};
  return {};
}

}  // namespace

std::string host_root_of(const GlobalArgs& args) {
  return args.host_root.empty() ? default_host_root() : args.host_root;
}

Result<Stores> open_stores(const GlobalArgs& args, const std::vector<std::string>& references,
                           archive::Unpacker& unpacker) {
  Stores stores;
  MERIDIAN_TRY(const auto specs, parse_specs(args.stores));
  std::vector<model::Reference> parsed;
  bool only_transports = !references.empty() && specs.empty();
  for (const std::string& text : references) {
    MERIDIAN_TRY(auto reference, model::Reference::parse(text));
    only_transports =
        only_transports && !reference.transport.empty() && engines_of(reference.transport).empty();
    parsed.push_back(std::move(reference));
  }
  std::vector<std::unique_ptr<store::Store>> opened;
  std::vector<model::Problem> problems;
  if (!only_transports) {
    const std::string root = host_root_of(args);
    MERIDIAN_TRY(stores.host_root, rootfs::HostRoot::open(root));
    auto found = store::discover(
        *stores.host_root, unpacker, specs,
        args.no_discover ? store::DiscoverMode::kSpecsOnly : store::DiscoverMode::kEverything);
    opened = std::move(found.stores);
    for (const auto& store : opened) stores.found.push_back(store->runtime().root);
    stores.looked_at = std::move(found.looked_at);
    problems = std::move(found.problems);
    stores.nothing_found = opened.empty() && problems.empty();
  }
  for (const model::Reference& reference : parsed) {
    scan::Wish wish{reference.name, std::nullopt, reference.text()};
    wish.kinds = engines_of(reference.transport);
    if (!wish.kinds.empty()) {
      wish.name_space = reference.path;
    } else if (!reference.transport.empty()) {
      MERIDIAN_TRY(auto transport, store::open_transport(unpacker, reference, args.platform));
      wish.name.clear();  // the store holds only what it names
      wish.store = opened.size();
      opened.push_back(std::move(transport));
      stores.nothing_found = false;
    }
    stores.wishes.push_back(std::move(wish));
  }
  stores.collection = std::make_unique<store::Collection>(std::move(opened), std::move(problems));
  return stores;
}

void say_nothing_found(const Stores& stores, const base::Log& log) {
  log.error("no store found below " + base::escape(stores.host_root->directory()) + "; looked at:");
  for (const std::string& place : stores.looked_at) log.error("  " + base::escape(place));
}

}  // namespace meridian::cli
