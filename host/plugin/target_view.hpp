// SPDX-License-Identifier: Apache-2.0
//
// target_view.hpp: an image, container or host as plugins see it (abi/target.h).
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "meridian/abi/target.h"
#include "meridian/text.hpp"
#include "model/content_check.hpp"
#include "model/inventory.hpp"
#include "model/process.hpp"
#include "plugin/content_view.hpp"
#include "plugin/isolation_view.hpp"
#include "plugin/privileges_view.hpp"
#include "plugin/processes_view.hpp"
#include "plugin/target_tree.hpp"
#include "plugin/thread_role.hpp"

namespace meridian::plugin {

/// A fact on its way to finish_target; views live as long as the layer results.
struct FactView {
  std::uint32_t layer_index = 0;
  bool visible = true;
  std::string_view plugin, key, path, value;
};

/// What a target is, for each kind; values copied from the model.
struct TargetFacts {
  meridian_target_kind kind = MERIDIAN_TARGET_IMAGE;
  std::string id;
  std::vector<std::string> names;
  std::string state;
  std::string image_id;
  const model::ImageConfig* config = nullptr;
  std::vector<std::string> image_env;
  std::map<std::string, std::string> image_labels;
  const std::vector<model::Layer>* layers = nullptr;
  std::string_view spec_json = {};
  std::string spec_origin = {};
  const model::Privileges* privileges = nullptr;
  std::string created = {};
  std::string platform = {};
  std::string image_name = {};
  const model::KernelBoundary* isolation = nullptr;              // of a container
  const std::vector<model::KernelBoundary>* handlers = nullptr;  // of its engine; null: not known
  std::function<model::ProcessList()> processes = {};  // asked once, if at all; empty: none
  /// Of a layer by its index; asked once for each, if at all; empty: nothing is recorded of any.
  std::function<model::ContentCheck(std::size_t)> check_content = {};
};
TargetFacts describe(const model::Image& image);
TargetFacts describe(const model::Container& container);
TargetFacts describe(const model::Host& host);

class TargetView {
 public:
  /// `facts` refers to model values, which outlive it; `tree` is borrowed.
  TargetView(TargetFacts facts, TargetTree& tree);
  TargetView(const TargetView&) = delete;
  TargetView& operator=(const TargetView&) = delete;
  ~TargetView() = default;

  const meridian_target* record() const { return &record_; }
  const std::string& id() const { return facts_.id; }
  meridian_target_kind kind() const { return facts_.kind; }
  /// What could not be seen of the processes, if the callback that has just returned asked for
  /// them; else nullptr.
  const std::vector<model::ProcessGap>* process_gaps() const;
  /// Forgets what was lent to the callback that has just returned.
  void end_call();

  static meridian_layer layer_record(const model::Layer& layer, std::uint32_t index);

 private:
  static meridian_status processes(void* impl, meridian_processes* ret, meridian_failure* failure);
  static meridian_status check_content(void* impl, std::uint32_t index, meridian_content_check* ret,
                                       meridian_failure* failure);
  void fill_lists();
  void fill_steps();
  void fill_isolation();
  void fill_tree();
  meridian_str keep(std::string text);
  meridian_strings keep(const std::map<std::string, std::string>& labels);
  meridian_strings keep(std::vector<meridian_str> list);

  ThreadRole worker_;
  TargetFacts facts_;
  TargetTree& tree_;
  std::deque<std::string> kept_texts_;
  std::deque<std::vector<meridian_str>> kept_lists_;
  std::deque<std::string> lent_texts_;
  std::deque<std::vector<meridian_str>> lent_lists_;
  std::vector<meridian_history> steps_;
  std::vector<const meridian_history*> step_pointers_;
  std::vector<meridian_layer> layer_records_;
  std::vector<const meridian_layer*> layer_pointers_;
  std::optional<PrivilegesView> privileges_;
  IsolationView isolation_, handlers_;
  std::map<std::uint32_t, ContentView> contents_;  // by layer
  bool asked_processes_ = false;                   // in this callback
  std::optional<model::ProcessList> process_list_;
  std::optional<ProcessesView> processes_;
  meridian_tree tree_record_{};
  meridian_target record_{};

  friend struct TreeTable;
};

}  // namespace meridian::plugin
