// SPDX-License-Identifier: Apache-2.0
//
// target.hpp: an image or container as the host knows it, its merged tree, its layers' facts.
//
// Views: valid until the callback returns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/target.h"
#include "content.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "isolation.hpp"
#include "privileges.hpp"
#include "process.hpp"
#include "result.hpp"
#include "text.hpp"

namespace meridian {

enum class TargetKind : std::uint32_t { kImage, kContainer, kHost };

/// The tree that the target would see. Paths are relative to its root.
class Tree {
 public:
  explicit Tree(const meridian_tree* tree) : tree_(tree) {}

  /// Of the name itself: a final symbolic link is not followed. kNotFound if it is not there.
  Result<meridian_stat> stat(std::string_view path) const {
    meridian_stat stat{};
    stat.struct_size = sizeof stat;
    Failure failure;
    const meridian_status status = tree_->stat(tree_->impl, lend(path), &stat, failure.get());
    if (status != MERIDIAN_OK) return failure.error(status);
    return stat;
  }

  /// Where a path leads once every link in it is followed, inside the tree.
  Result<std::string> resolve(std::string_view path) const { return text(tree_->resolve, path); }
  Result<std::string> readlink(std::string_view path) const { return text(tree_->readlink, path); }

  /// Names in a directory, sorted by bytes.
  Result<std::vector<std::string>> list(std::string_view path) const {
    meridian_strings names{};
    Failure failure;
    const meridian_status status = tree_->list(tree_->impl, lend(path), &names, failure.get());
    if (status != MERIDIAN_OK) return failure.error(status);
    std::vector<std::string> result;
    for (const std::string_view name : Strings(names)) result.emplace_back(name);
    return result;
  }

  /// The whole content, links followed; kLimit if it has more than `limit` bytes.
  Result<std::string> read(std::string_view path, std::uint64_t limit = 1 << 20) const {
    meridian_str bytes{};
    Failure failure;
    const meridian_status status =
        tree_->read(tree_->impl, lend(path), limit, &bytes, failure.get());
    if (status != MERIDIAN_OK) return failure.error(status);
    return std::string(view(bytes));
  }

  /// Index of the layer that put this name there.
  Result<std::uint32_t> origin(std::string_view path) const {
    std::uint32_t layer = 0;
    Failure failure;
    const meridian_status status = tree_->origin(tree_->impl, lend(path), &layer, failure.get());
    if (status != MERIDIAN_OK) return failure.error(status);
    return layer;
  }

 private:
  template <typename Function>
  Result<std::string> text(Function function, std::string_view path) const {
    meridian_str bytes{};
    Failure failure;
    const meridian_status status = function(tree_->impl, lend(path), &bytes, failure.get());
    if (status != MERIDIAN_OK) return failure.error(status);
    return std::string(view(bytes));
  }

  const meridian_tree* tree_;
};

/// One step of an image's history.
class History {
 public:
  explicit History(const meridian_history* step) : step_(step) {}
  std::string_view created_by() const { return view(step_->created_by); }
  std::string_view comment() const { return view(step_->comment); }
  /// The layer that this step made; -1 for an empty step.
  std::int32_t layer() const { return step_->layer_index; }

 private:
  const meridian_history* step_;
};

/// One layer; index 0 is the bottom.
class Layer {
 public:
  explicit Layer(const meridian_layer* layer) : layer_(layer) {}
  std::uint32_t index() const { return layer_->index; }
  std::string_view id() const { return view(layer_->id); }
  std::string_view diff_id() const { return view(layer_->diff_id); }
  std::string_view kind() const { return view(layer_->kind); }  // image, init, writable, directory
  std::string_view created_by() const { return view(layer_->created_by); }
  /// Bytes of regular files as the store says; 0: it does not.
  std::uint64_t size() const { return layer_->size; }

 private:
  const meridian_layer* layer_;
};

class Target {
 public:
  explicit Target(const meridian_target* target) : target_(target) {}

  TargetKind kind() const { return static_cast<TargetKind>(target_->kind); }
  std::string_view id() const { return view(target_->id); }
  Strings names() const { return Strings(target_->names); }
  std::string_view state() const { return view(target_->state); }
  std::string_view image_id() const { return view(target_->image_id); }
  /// Of a container: as its user typed it; may be empty.
  std::string_view image_name() const { return view(target_->image_name); }
  /// The image's config, or the container's own record, as stored: JSON. Of a host: its Kubernetes
  /// node as `meridian show node --format json` has it (meridian.node/1), which may be empty lists.
  std::string_view config_json() const { return view(target_->config_json); }
  Strings env() const { return Strings(target_->env); }              // "NAME=value"
  Strings image_env() const { return Strings(target_->image_env); }  // of a container's image
  Strings entrypoint() const { return Strings(target_->entrypoint); }
  Strings cmd() const { return Strings(target_->cmd); }
  Strings labels() const { return Strings(target_->labels); }              // "key=value"
  Strings image_labels() const { return Strings(target_->image_labels); }  // of a container's image
  std::string_view user() const { return view(target_->user); }
  std::string_view working_dir() const { return view(target_->working_dir); }
  std::string_view created() const { return view(target_->created); }        // RFC 3339
  std::string_view platform() const { return view(target_->platform); }      // "linux/arm64/v8"
  Strings exposed_ports() const { return Strings(target_->exposed_ports); }  // "80/tcp"

  std::size_t history_size() const { return static_cast<std::size_t>(target_->history_count); }
  History history(std::size_t i) const { return History(target_->history[i]); }
  std::size_t layer_count() const { return static_cast<std::size_t>(target_->layer_count); }
  Layer layer(std::size_t i) const { return Layer(target_->layers[i]); }
  Tree tree() const { return Tree(target_->tree); }

  /// A container's OCI runtime spec: JSON. What it was started with ("recorded"), or what its
  /// engine would start it with, made of the engine's records ("synthesised"); empty: there is
  /// none.
  std::string_view spec_json() const { return view(target_->spec_json); }
  std::string_view spec_origin() const { return view(target_->spec_origin); }
  /// What that spec lets it do to its host; nullopt: no spec.
  std::optional<Privileges> privileges() const {
    if (target_->privileges == nullptr) return std::nullopt;
    return Privileges(target_->privileges);
  }

  /// Which kernel a container's processes call; nullopt of images.
  std::optional<Isolation> isolation() const {
    if (target_->isolation == nullptr) return std::nullopt;
    return Isolation(target_->isolation);
  }
  /// What its engine could run containers with, and then what is installed and could be given to
  /// it (kNotConfigured, without a name). Empty: not known.
  Records<Isolation, meridian_isolation> handlers() const {
    return {target_->handlers, target_->handler_count};
  }

  /// Whether layer(i) is still what its engine unpacked: by Docker's record of its tar, or by its
  /// blob in containerd. Costs reading all of it, at the first call of a scan; nothing is cached.
  Result<ContentCheck> check_content(std::size_t i) const {
    meridian_content_check check{};
    Failure failure;
    const meridian_status status =
        target_->check_content(target_->impl, static_cast<std::uint32_t>(i), &check, failure.get());
    if (status != MERIDIAN_OK) return failure.error(status);
    return ContentCheck(check);
  }

  /// What runs in a container now: of an image, or where nothing runs, none. Costs a walk of the
  /// machine's procfs at the first call of a scan. What could not be seen is a gap of this plugin,
  /// noted by the host. kPrivilege: nothing could be seen, as no procfs of the machine is there.
  Result<Processes> processes() const {
    meridian_processes list{};
    Failure failure;
    const meridian_status status = target_->processes(target_->impl, &list, failure.get());
    if (status != MERIDIAN_OK) return failure.error(status);
    return Processes(list.items, list.count);
  }

 private:
  const meridian_target* target_;
};

/// A file as the target sees it: under its path in the merged tree.
class MergedFile : public File {
 public:
  MergedFile(const meridian_file* file, const meridian_target* target)
      : File(file), target_(target) {}
  Target target() const { return Target(target_); }
  /// Index of the layer that it shows from.
  std::uint32_t layer() const { return raw()->layer_index; }

 private:
  const meridian_target* target_;
};

/// Something a plugin learnt and kept.
class Fact {
 public:
  explicit Fact(const meridian_fact* fact) : fact_(fact) {}
  std::string_view plugin() const { return view(fact_->plugin); }
  std::string_view key() const { return view(fact_->key); }
  std::string_view path() const { return view(fact_->path); }
  std::string_view value() const { return view(fact_->value); }
  std::uint32_t layer() const { return fact_->layer_index; }
  /// Its path is what the target sees; false: a later layer deleted or overwrote it.
  bool visible() const { return fact_->visible != 0; }

 private:
  const meridian_fact* fact_;
};

/// All facts of a target, bottom layer first.
class Facts {
 public:
  explicit Facts(const meridian_facts* facts) : facts_(facts) {}
  std::size_t size() const { return static_cast<std::size_t>(facts_->count); }
  Fact operator[](std::size_t i) const { return Fact(facts_->items[i]); }

 private:
  const meridian_facts* facts_;
};

}  // namespace meridian
