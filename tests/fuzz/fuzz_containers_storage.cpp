// SPDX-License-Identifier: Apache-2.0
//
// Properties: any bytes are a list of containers/storage, a record of an engine, a database of
// podman or a storage.conf, or have a reason why not; an id that is taken may be a path component,
// and so may the name under which data is kept.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "store/containers_storage/engine_records.hpp"
#include "store/containers_storage/place.hpp"
#include "store/containers_storage/podman_state.hpp"
#include "store/containers_storage/records.hpp"

namespace {

using namespace meridian::store::containers_storage;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "property violated: %s\n", what);
  std::abort();
}

template <typename Records>
void check(const Records& records) {
  require(records || !records.error().message().empty(), "an error says why");
  if (!records) return;
  for (const auto& one : records->good) require(is_id(one.id), "an id may be a path component");
  for (const auto& error : records->bad) require(!error.message().empty(), "an error says why");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  check(parse_images(bytes));
  check(parse_layers(bytes));
  check(parse_containers(bytes));
  if (const auto name = big_data_name(bytes)) {
    require(name->find('/') == std::string::npos && *name != "." && *name != "..", "no path");
  }
  const std::size_t half = bytes.find('\n');
  auto podman = parse_podman(bytes.substr(0, half));
  require(podman || !podman.error().message().empty(), "an error says why");
  if (podman && half != std::string::npos) {
    const auto added = add_podman_state(bytes.substr(half + 1), *podman);
    require(added || !added.error().message().empty(), "an error says why");
  }
  static_cast<void>(parse_health(bytes));
  const auto crio = parse_crio(bytes);
  require(crio || !crio.error().message().empty(), "an error says why");
  EngineRecord record;
  const auto state = add_crio_state(bytes, record);
  require(state || !state.error().message().empty(), "an error says why");
  static_cast<void>(parse_buildah(bytes));
  static_cast<void>(parse_pod_name(bytes));
  const auto conf = parse_storage_conf(bytes);
  require(conf || !conf.error().message().empty(), "an error says why");
  if (conf) {
    const meridian::store::HomeUser user = {"1000", "/home/ann", "ann"};
    const auto root = expand_path(conf->root, user);
    require(!root || root->find('$') == std::string::npos, "no variable is left");
  }
  const auto runtimes = parse_crio_runtimes(bytes);
  require(runtimes || !runtimes.error().message().empty(), "an error says why");
  if (bytes.compare(0, 15, "SQLite format 3") == 0) {
    const auto rows = parse_sqlite_state(bytes);
    require(rows || !rows.error().message().empty(), "an error says why");
  }
  return 0;
}
