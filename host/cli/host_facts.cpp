// SPDX-License-Identifier: Apache-2.0
#include "cli/host_facts.hpp"

#include <sys/utsname.h>

#include <utility>

#include "base/escape.hpp"
#include "base/utc_time.hpp"
#include "environment/diagnosis.hpp"

namespace meridian::cli {

namespace {

constexpr std::uint64_t kMaxHostname = 4096;

/// /etc/hostname of the scanned machine, first line; its kernel is ours, its UTS namespace may not
/// be.
std::string host_name(const rootfs::HostRoot& root) {
  const auto path = model::HostPath::parse("/etc/hostname");
  if (!path) return "";
  const auto text = root.read_file(*path, kMaxHostname);
  return text ? base::escape(text->substr(0, text->find('\n'))) : "";
}

}  // namespace

finding::HostFacts host_facts(const Stores& stores) {
  finding::HostFacts facts;
  utsname names{};
  if (::uname(&names) == 0) {
    facts.kernel = names.release;
    facts.name = names.nodename;
  }
  if (stores.host_root) {
    facts.root = stores.host_root->directory();
    environment::Observed seen;
    environment::ContainerSigns signs = environment::own_signs();
    seen.container = environment::find_container(signs);
    seen.mounts = std::move(signs.mounts);
    seen.root = facts.root;
    facts.parallel_container = environment::is_parallel_container(seen);
    const std::string name = host_name(*stores.host_root);
    if (!name.empty()) facts.name = name;
  }
  return facts;
}

std::string timestamp() { return base::to_text(base::utc_now()); }

}  // namespace meridian::cli
