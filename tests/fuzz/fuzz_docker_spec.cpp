// SPDX-License-Identifier: Apache-2.0
//
// Property: whatever config.v2.json and hostconfig.json say, a spec is made or there is a reason;
// made twice it is the same, and its text parses to the same value. The input is both texts with a
// line of "====" between them; what follows another such line are passwd and group.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "model/privileges.hpp"
#include "store/docker/spec_mounts.hpp"
#include "store/docker/spec_synthesis.hpp"

namespace {

using namespace meridian;

std::vector<std::string> parts_of(std::string_view text) {
  constexpr std::string_view kMark = "\n====\n";
  std::vector<std::string> parts;
  while (parts.size() < 4) {
    const auto at = text.find(kMark);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + kMark.size());
  }
  parts.resize(4);
  return parts;
}

class Context final : public store::SpecContext {
 public:
  explicit Context(store::AccountFiles files) : files_(std::move(files)) {}
  std::optional<Peer> peer(const std::string& container) const override {
    if (container == "none") return std::nullopt;
    return Peer{7, "/shm"};
  }
  std::vector<model::SpecDevice> devices(const std::string& path) const override {
    return path.empty() ? std::vector<model::SpecDevice>()
                        : std::vector<model::SpecDevice>{{"", "c", 1, 3, 0666, 0, 0}};
  }
  std::vector<model::SpecDevice> all_devices() const override { return {}; }
  Result<store::AccountFiles> accounts() const override { return files_; }

 private:
  store::AccountFiles files_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = parts_of({reinterpret_cast<const char*>(data), size});
  const auto record = store::parse_container(parts[0]);
  const auto host = store::HostConfig::parse(parts[1]);
  if (!record || !host) return 0;
  const Context context({parts[2], parts[3]});
  store::EngineFacts engine;
  engine.data_root = "/var/lib/docker";
  engine.exec_root = "/run/docker";
  engine.all_capabilities = {"CAP_CHOWN", "CAP_SYS_ADMIN"};
  const auto spec = store::synthesise_spec(*record, *host, "/merged", engine, context);
  const auto again = store::synthesise_spec(*record, *host, "/merged", engine, context);
  if (spec.has_value() != again.has_value()) std::abort();
  if (!spec) {
    if (spec.error().message().empty()) std::abort();
    return 0;
  }
  if (*spec != *again) std::abort();
  const auto parsed = model::OciSpec::parse(spec->text());
  if (!parsed || *parsed != *spec) std::abort();
  const auto privileges = model::privileges_of(*parsed);
  if (host->privileged && !host->masked_paths && !privileges.all_devices) std::abort();
  const auto mounts = store::listed_mounts(*record, &*host, engine.data_root);
  if (mounts.size() < std::max(record->mounts.size(), host->tmpfs.size())) std::abort();
  return 0;
}
