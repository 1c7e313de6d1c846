// SPDX-License-Identifier: Apache-2.0
#include "plugin/target_view.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "meridian/failure.hpp"
#include "plugin/file_view.hpp"

namespace meridian::plugin {

namespace {

std::vector<meridian_str> lent(const std::vector<std::string>& texts) {
  std::vector<meridian_str> list;
  list.reserve(texts.size());
  for (const std::string& text : texts) list.push_back(lend(text));
  return list;
}

}  // namespace

/// The functions of meridian_tree over a TargetTree.
struct TreeTable {
  static TargetView& self(void* impl) { return *static_cast<TargetView*>(impl); }

  /// Asks the tree, where that may be; `lend_it` gives what it said to the plugin.
  template <typename Ask, typename Lend>
  static meridian_status answer(void* impl, const char* function, meridian_failure* failure,
                                Ask ask, Lend lend_it) {
    if (auto role = self(impl).worker_.check(function); !role) return fail(failure, role.error());
    auto found = ask(self(impl).tree_);
    if (!found) return fail(failure, found.error());
    lend_it(*std::move(found));
    return MERIDIAN_OK;
  }
  static meridian_str keep(void* impl, std::string text) {
    self(impl).lent_texts_.push_back(std::move(text));
    return lend(self(impl).lent_texts_.back());
  }

  static meridian_status stat(void* impl, meridian_str path, meridian_stat* ret,
                              meridian_failure* failure) {
    return answer(
        impl, "stat", failure, [&](TargetTree& tree) { return tree.stat(view(path)); },
        [&](const rootfs::Stat& stat) {
          meridian_stat record = to_record(stat);
          record.struct_size = std::min(ret->struct_size, record.struct_size);
          std::memcpy(ret, &record, record.struct_size);  // an older plugin's is shorter
        });
  }

  static meridian_status resolve(void* impl, meridian_str path, meridian_str* ret,
                                 meridian_failure* failure) {
    return answer(
        impl, "resolve", failure, [&](TargetTree& tree) { return tree.resolve(view(path)); },
        [&](std::string text) { *ret = keep(impl, std::move(text)); });
  }

  static meridian_status readlink(void* impl, meridian_str path, meridian_str* ret,
                                  meridian_failure* failure) {
    return answer(
        impl, "readlink", failure, [&](TargetTree& tree) { return tree.readlink(view(path)); },
        [&](std::string text) { *ret = keep(impl, std::move(text)); });
  }

  static meridian_status list(void* impl, meridian_str path, meridian_strings* ret,
                              meridian_failure* failure) {
    return answer(
        impl, "list", failure, [&](TargetTree& tree) { return tree.list(view(path)); },
        [&](std::vector<std::string> found) {
          std::vector<meridian_str> names;
          names.reserve(found.size());
          for (std::string& name : found) names.push_back(keep(impl, std::move(name)));
          auto& lists = self(impl).lent_lists_;
          lists.push_back(std::move(names));
          *ret = {lists.back().data(), lists.back().size()};
        });
  }

  static meridian_status read(void* impl, meridian_str path, std::uint64_t limit, meridian_str* ret,
                              meridian_failure* failure) {
    return answer(
        impl, "read", failure, [&](TargetTree& tree) { return tree.read(view(path), limit); },
        [&](std::string bytes) { *ret = keep(impl, std::move(bytes)); });
  }

  static meridian_status origin(void* impl, meridian_str path, std::uint32_t* ret,
                                meridian_failure* failure) {
    return answer(
        impl, "origin", failure, [&](TargetTree& tree) { return tree.origin(view(path)); },
        [&](std::uint32_t layer) { *ret = layer; });
  }
};

namespace {

/// Empty where the store does not say.
std::string platform_text(const model::Platform& platform) {
  return platform.os.empty() || platform.architecture.empty() ? "" : platform.text();
}

}  // namespace

TargetFacts describe(const model::Image& image) {
  TargetFacts facts;
  facts.kind = MERIDIAN_TARGET_IMAGE;
  facts.id = image.id;
  facts.names = image.names;
  facts.config = &image.config;
  facts.image_env = image.config.env;
  facts.image_labels = image.config.labels;
  facts.layers = &image.layers;
  facts.created = image.config.created;
  facts.platform = platform_text(image.config.platform);
  return facts;
}

TargetFacts describe(const model::Container& container) {
  TargetFacts facts;
  facts.kind = MERIDIAN_TARGET_CONTAINER;
  facts.id = container.id;
  facts.names = {container.name};
  facts.state = model::state_text(container);
  facts.image_id = container.image_id;
  facts.config = &container.config;
  facts.image_env = container.image_env;
  facts.image_labels = container.image_labels;
  facts.layers = &container.layers;
  facts.spec_json = container.spec_json;
  facts.spec_origin = model::to_text(container.spec_origin);
  if (container.privileges) facts.privileges = &*container.privileges;
  facts.created = container.created;
  facts.platform = platform_text(container.config.platform);
  facts.image_name = container.image_name;
  facts.isolation = &container.boundary;
  facts.handlers = container.handlers.get();
  return facts;
}

TargetFacts describe(const model::Host& host) {
  TargetFacts facts;
  facts.kind = MERIDIAN_TARGET_HOST;
  facts.id = host.id;
  facts.names = host.names;
  facts.config = &host.config;
  facts.layers = &host.layers;
  return facts;
}

TargetView::TargetView(TargetFacts facts, TargetTree& tree)
    : facts_(std::move(facts)), tree_(tree) {
  const model::ImageConfig& config = *facts_.config;
  record_.struct_size = sizeof record_;
  record_.kind = facts_.kind;
  record_.id = lend(facts_.id);
  record_.state = lend(facts_.state);
  record_.image_id = lend(facts_.image_id);
  record_.config_json = lend(config.raw);
  record_.user = lend(config.user);
  record_.working_dir = lend(config.working_dir);
  record_.spec_json = lend(facts_.spec_json);
  record_.spec_origin = lend(facts_.spec_origin);
  record_.created = lend(facts_.created);
  record_.platform = lend(facts_.platform);
  if (facts_.privileges != nullptr) {
    record_.privileges = privileges_.emplace(*facts_.privileges).record();
  }
  record_.impl = this;
  record_.processes = &TargetView::processes;
  record_.check_content = &TargetView::check_content;
  record_.image_name = lend(facts_.image_name);
  fill_lists();
  fill_steps();
  fill_isolation();
  fill_tree();
}

meridian_status TargetView::processes(void* impl, meridian_processes* ret,
                                      meridian_failure* failure) {
  TargetView& self = *static_cast<TargetView*>(impl);
  if (auto role = self.worker_.check("processes"); !role) return fail(failure, role.error());
  self.asked_processes_ = true;
  if (!self.process_list_) {
    self.process_list_.emplace(self.facts_.processes ? self.facts_.processes()
                                                     : model::ProcessList());
    self.processes_.emplace(self.process_list_->processes);
  }
  if (!self.process_list_->seen) return fail(failure, self.process_list_->gaps.front().error);
  *ret = self.processes_->list();
  return MERIDIAN_OK;
}

meridian_status TargetView::check_content(void* impl, std::uint32_t index,
                                          meridian_content_check* ret, meridian_failure* failure) {
  TargetView& self = *static_cast<TargetView*>(impl);
  if (auto role = self.worker_.check("check_content"); !role) return fail(failure, role.error());
  if (index >= self.facts_.layers->size()) {
    return fail(failure,
                Error(ErrorCode::kLimit,
                      "the target has " + std::to_string(self.facts_.layers->size()) + " layers"));
  }
  auto known = self.contents_.find(index);
  if (known == self.contents_.end()) {
    const auto& ask = self.facts_.check_content;
    known = self.contents_.try_emplace(index, ask ? ask(index) : model::ContentCheck()).first;
  }
  *ret = known->second.record();
  return MERIDIAN_OK;
}

const std::vector<model::ProcessGap>* TargetView::process_gaps() const {
  return asked_processes_ && process_list_ ? &process_list_->gaps : nullptr;
}

void TargetView::fill_lists() {
  const model::ImageConfig& config = *facts_.config;
  record_.names = keep(lent(facts_.names));
  record_.env = keep(lent(config.env));
  record_.image_env = keep(lent(facts_.image_env));
  record_.entrypoint = keep(lent(config.entrypoint));
  record_.cmd = keep(lent(config.cmd));
  record_.exposed_ports = keep(lent(config.exposed_ports));
  record_.labels = keep(config.labels);
  record_.image_labels = keep(facts_.image_labels);
}

void TargetView::fill_steps() {
  for (const model::HistoryStep& step : facts_.config->history) {
    meridian_history record{};
    record.struct_size = sizeof record;
    record.layer_index = step.layer ? static_cast<std::int32_t>(*step.layer) : -1;
    record.created_by = lend(step.created_by);
    record.comment = lend(step.comment);
    steps_.push_back(record);
  }
  for (const meridian_history& step : steps_) step_pointers_.push_back(&step);
  record_.history = step_pointers_.data();
  record_.history_count = step_pointers_.size();

  std::uint32_t index = 0;
  for (const model::Layer& layer : *facts_.layers) {
    layer_records_.push_back(layer_record(layer, index++));
  }
  for (const meridian_layer& layer : layer_records_) layer_pointers_.push_back(&layer);
  record_.layers = layer_pointers_.data();
  record_.layer_count = layer_pointers_.size();
}

void TargetView::fill_isolation() {
  if (facts_.isolation != nullptr) {
    isolation_.add(*facts_.isolation);
    record_.isolation = *isolation_.data();
  }
  if (facts_.handlers == nullptr) return;
  for (const model::KernelBoundary& one : *facts_.handlers) handlers_.add(one);
  record_.handlers = handlers_.data();
  record_.handler_count = handlers_.size();
}

void TargetView::fill_tree() {
  tree_record_.struct_size = sizeof tree_record_;
  tree_record_.impl = this;
  tree_record_.stat = &TreeTable::stat;
  tree_record_.resolve = &TreeTable::resolve;
  tree_record_.readlink = &TreeTable::readlink;
  tree_record_.list = &TreeTable::list;
  tree_record_.read = &TreeTable::read;
  tree_record_.origin = &TreeTable::origin;
  record_.tree = &tree_record_;
}

meridian_layer TargetView::layer_record(const model::Layer& layer, std::uint32_t index) {
  meridian_layer record{};
  record.struct_size = sizeof record;
  record.index = index;
  record.id = lend(layer.name());
  record.diff_id = layer.diff_id ? lend(layer.diff_id->text()) : meridian_str{};
  record.kind = lend(model::to_text(layer.kind));
  record.created_by = lend(layer.created_by);
  record.size = layer.size;
  return record;
}

void TargetView::end_call() {
  asked_processes_ = false;
  lent_texts_.clear();
  lent_lists_.clear();
}

meridian_str TargetView::keep(std::string text) {
  kept_texts_.push_back(std::move(text));
  return lend(kept_texts_.back());
}

meridian_strings TargetView::keep(const std::map<std::string, std::string>& labels) {
  std::vector<meridian_str> list;
  list.reserve(labels.size());
  for (const auto& [key, value] : labels) list.push_back(keep(key + "=" + value));
  return keep(std::move(list));
}

meridian_strings TargetView::keep(std::vector<meridian_str> list) {
  kept_lists_.push_back(std::move(list));
  return {kept_lists_.back().data(), kept_lists_.back().size()};
}

}  // namespace meridian::plugin
