// SPDX-License-Identifier: Apache-2.0
//
// fuzz_snapshot.cpp: the first byte chooses what a worker is given: a target, processes, facts for
// two plugins. What decodes encodes to the same bytes, and its parts can be looked at.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <tuple>

#include "lane/snapshot.hpp"
#include "plugin/privileges_view.hpp"
#include "plugin/processes_view.hpp"

using namespace meridian;

namespace {

void must(bool held) {
  if (!held) std::abort();
}

/// No tree behind it.
class NoTree final : public plugin::TargetTree {
 public:
  Result<rootfs::Stat> stat(std::string_view) override { return none(); }
  Result<std::string> resolve(std::string_view) override { return none(); }
  Result<std::string> readlink(std::string_view) override { return none(); }
  Result<std::vector<std::string>> list(std::string_view) override { return none(); }
  Result<std::string> read(std::string_view, std::uint64_t) override { return none(); }
  Result<std::uint32_t> origin(std::string_view) override { return none(); }

 private:
  static Error none() { return Error(ErrorCode::kNotFound, "no tree"); }
};

void check_target(std::string_view bytes) {
  const auto model = lane::TargetModel::decode(bytes);
  if (!model) return;
  must(model->encode() == bytes);
  plugin::TargetFacts facts = model->facts();
  if (model->has_processes) facts.processes = [] { return model::ProcessList(); };
  if (model->has_content) facts.check_content = [](auto) { return model::ContentCheck(); };
  must(lane::TargetModel::of(facts).encode() == bytes);
  NoTree tree;
  const plugin::TargetView view(std::move(facts), tree);
  must(view.id() == model->id && view.record()->layer_count == model->layers.size());
}

void check_processes(std::string_view bytes) {
  const auto list = lane::decode_processes(bytes);
  if (!list) return;
  must(lane::encode_processes(*list) == bytes);
  const plugin::ProcessesView view(list->processes);
  must(view.list().count == list->processes.size());
}

bool is_equal(const plugin::FactView& a, const plugin::FactView& b) {
  return std::tie(a.layer_index, a.visible, a.plugin, a.key, a.path, a.value) ==
         std::tie(b.layer_index, b.visible, b.plugin, b.key, b.path, b.value);
}

void check_facts(std::string_view bytes) {
  const auto snapshot = lane::FactsSnapshot::decode(std::string(bytes), 2);
  if (!snapshot) return;
  const auto bytes_again = lane::encode_facts(snapshot->facts());
  must(bytes_again.has_value());
  const auto again = lane::FactsSnapshot::decode(*bytes_again, 2);
  must(again.has_value());
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& before = snapshot->facts()[i];
    must(std::equal(before.begin(), before.end(), again->facts()[i].begin(),
                    again->facts()[i].end(), is_equal));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 0) check_target(rest);
  if (data[0] == 1) check_processes(rest);
  if (data[0] == 2) check_facts(rest);
  return 0;
}
