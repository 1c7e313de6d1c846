// SPDX-License-Identifier: Apache-2.0
#include "testing/memory_store.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "meridian/content.hpp"
#include "meridian/isolation.hpp"
#include "meridian/process.hpp"
#include "meridian/text.hpp"

namespace meridian::testing {

namespace {

std::vector<std::string> copy(meridian_strings list) {
  std::vector<std::string> texts;
  for (const std::string_view text : Strings(list)) texts.emplace_back(text);
  return texts;
}

rootfs::EntryType type_of(std::uint32_t mode) {
  if (S_ISDIR(mode)) return rootfs::EntryType::kDirectory;
  if (S_ISLNK(mode)) return rootfs::EntryType::kSymlink;
  if (S_ISBLK(mode)) return rootfs::EntryType::kBlockDevice;
  if (S_ISCHR(mode)) return rootfs::EntryType::kCharDevice;
  return rootfs::EntryType::kRegular;
}

model::Layer layer_of(std::size_t number, std::size_t store, model::LayerKind kind,
                      std::string created_by) {
  model::Layer layer;
  layer.id = "layer-" + std::to_string(number);
  layer.store = store;
  layer.kind = kind;
  layer.dialect = model::MarkerDialect::kTar;
  layer.created_by = std::move(created_by);
  return layer;
}

model::Process process_of(const meridian_process& record) {
  const Process from(&record);
  model::Process process;
  process.pid = from.pid();
  process.inside_pid = from.inside_pid().value_or(0);
  process.parent = from.parent();
  process.start_time = from.start_time();
  process.uid = from.uid();
  process.gid = from.gid();
  process.name = from.name();
  process.arguments = copy(record.arguments);
  process.executable = from.executable();
  process.executable_deleted = from.executable_deleted();
  process.capabilities.effective = copy(record.effective);
  process.capabilities.permitted = copy(record.permitted);
  process.capabilities.inheritable = copy(record.inheritable);
  process.capabilities.bounding = copy(record.bounding);
  process.capabilities.ambient = copy(record.ambient);
  for (const ProcessNamespace one : from.namespaces()) {
    process.namespaces.push_back({std::string(one.type()), one.inode(), one.of_host()});
  }
  if (const auto files = from.open_files()) {
    process.open_files.emplace();
    for (const OpenFile file : *files) {
      process.open_files->push_back(
          {file.descriptor(), std::string(file.target()), file.deleted()});
    }
  }
  if (const auto sockets = from.listening()) {
    process.listening.emplace();
    for (const ListeningSocket socket : *sockets) {
      process.listening->push_back({std::string(socket.protocol()), std::string(socket.address()),
                                    static_cast<std::uint16_t>(socket.port())});
    }
  }
  return process;
}

model::KernelBoundary boundary_of(const meridian_isolation& record) {
  const Isolation from(&record);
  model::KernelBoundary out;
  out.kind = static_cast<model::Boundary>(from.boundary());
  out.state = static_cast<model::HandlerState>(from.state());
  out.is_default = from.is_default();
  out.handler = from.handler();
  out.runtime = from.runtime();
  out.program = from.program();
  out.binary = from.binary();
  out.evidence = copy(record.evidence);
  for (const RuntimeSetting one : from.settings()) {
    out.settings.push_back(
        {std::string(one.name()), std::string(one.value()), std::string(one.source())});
  }
  return out;
}

model::ContentCheck check_of(const meridian_content_check& record) {
  const ContentCheck from(record);
  model::ContentCheck out;
  out.state = static_cast<model::ContentState>(from.state());
  if (from.is_incomplete()) out.reason = from.why();
  out.expected = from.expected();
  out.computed = from.computed();
  out.difference_count = from.total();
  for (const ContentDifference one : from.differences()) {
    out.differences.push_back({std::string(one.path()), std::string(one.what())});
  }
  return out;
}

/// In the name of a layer of ours.
std::size_t number_of(const model::Layer& layer) {
  constexpr std::string_view kPrefix = "layer-";
  return std::stoul(layer.id.substr(kPrefix.size()));
}

}  // namespace

MemoryStore::MemoryStore(const meridian_testing_image& image)
    : container_env_(copy(image.container_env)),
      has_container_(image.has_container != 0),
      image_layers_(static_cast<std::size_t>(image.layer_count)) {
  image_.id = "image";
  image_.names = copy(image.names);
  for (std::size_t i = 0; i < image_layers_; ++i) {
    model::HistoryStep step;
    step.created_by = std::string(view(image.layers[i].created_by));
    step.layer = i;
    image_.layers.push_back(layer_of(i, 0, model::LayerKind::kImage, step.created_by));
    image_.config.history.push_back(std::move(step));
  }
  for (const Process process : Processes(image.processes.items, image.processes.count)) {
    processes_.processes.push_back(process_of(*process.raw()));
  }
  for (std::uint64_t i = 0; i < image.content_count; ++i) {
    contents_.push_back(check_of(image.contents[i]));
  }
  container_.image_name = view(image.image_name);
  if (image.isolation != nullptr) container_.boundary = boundary_of(*image.isolation);
  if (image.handler_count != 0) {
    std::vector<model::KernelBoundary> handlers;
    for (std::uint64_t i = 0; i < image.handler_count; ++i) {
      handlers.push_back(boundary_of(*image.handlers[i]));
    }
    container_.handlers =
        std::make_shared<const std::vector<model::KernelBoundary>>(std::move(handlers));
  }
  if (image.host_node.size != 0) {
    host_ = model::Host{"host:testing", {"testing"}, {}};
    host_->config.raw = view(image.host_node);
  }
  if (image.no_procfs != 0) {
    processes_.seen = false;
    processes_.gaps.push_back(
        {Error(ErrorCode::kPrivilege, "no procfs of the machine is there"), "/proc", ""});
  }
}

Result<void> MemoryStore::add_config(const meridian_testing_image& image) {
  model::ImageConfig& config = image_.config;
  config.raw = "{}";
  if (image.config.size != 0) {
    std::vector<model::HistoryStep> history = std::move(config.history);
    MERIDIAN_TRY(config, model::ImageConfig::parse(view(image.config)));
    config.history = std::move(history);  // one step for each layer that was made
  }
  const auto add = [](std::vector<std::string>& list, meridian_strings more) {
    for (std::string& text : copy(more)) list.push_back(std::move(text));
  };
  add(config.env, image.env);
  add(config.entrypoint, image.entrypoint);
  add(config.cmd, image.cmd);
  for (const std::string& label : copy(image.labels)) {
    const std::size_t equals = label.find('=');
    config.labels[label.substr(0, equals)] =
        equals == std::string::npos ? "" : label.substr(equals + 1);
  }
  return {};
}

Result<void> MemoryStore::add_spec(const meridian_testing_image& image) {
  if (image.container_spec.size == 0) return {};
  container_.spec_json = view(image.container_spec);
  container_.spec_origin = view(image.container_spec_origin) == "recorded"
                               ? model::SpecOrigin::kRecorded
                               : model::SpecOrigin::kSynthesised;
  MERIDIAN_TRY(const model::OciSpec spec, model::OciSpec::parse(container_.spec_json));
  container_.privileges = model::privileges_of(spec);
  container_.privileges->runtime_handler = view(image.runtime_handler);
  return {};
}

Result<std::unique_ptr<MemoryStore>> MemoryStore::create(const meridian_testing_image& image) {
  std::unique_ptr<MemoryStore> store(new MemoryStore(image));
  MERIDIAN_CHECK(store->add_config(image));
  MERIDIAN_CHECK(store->add_spec(image));
  for (std::size_t i = 0; i < store->image_layers_; ++i) {
    MERIDIAN_CHECK(store->add_layer(image.layers[i]));
  }
  if (store->has_container_) {
    const meridian_testing_layer nothing{};
    MERIDIAN_CHECK(store->add_layer(image.writable != nullptr ? *image.writable : nothing));
  }
  return store;
}

Result<void> MemoryStore::add_layer(const meridian_testing_layer& layer) {
  auto tree = std::make_shared<rootfs::MemoryTree>();
  for (std::uint64_t i = 0; i < layer.count; ++i) {
    const meridian_testing_entry& record = layer.entries[i];
    MERIDIAN_TRY(const auto path, rootfs::RootfsPath::parse(view(record.path)));
    rootfs::MemoryEntry entry;
    entry.content = std::string(view(record.content));
    entry.stat.type = type_of(record.mode);
    entry.stat.mode = record.mode & 07777;
    entry.stat.uid = record.uid;
    entry.stat.gid = record.gid;
    entry.stat.size = entry.stat.type == rootfs::EntryType::kDirectory ? 0 : entry.content.size();
    entry.stat.rdev = makedev(record.device_major, record.device_minor);
    const std::vector<std::string> xattrs = copy(record.xattrs);
    for (std::size_t k = 0; k + 1 < xattrs.size(); k += 2) entry.xattrs[xattrs[k]] = xattrs[k + 1];
    tree->add(path, std::move(entry));
  }
  trees_.push_back(std::move(tree));
  return {};
}

void MemoryStore::read(std::size_t index, model::Inventory& out) {
  for (model::Layer& layer : image_.layers) layer.store = index;
  image_.present_in = {{index, image_.id, image_.names}};
  out.host = host_;
  if (has_container_) {
    model::Container container = container_;
    container.id = "container";
    container.name = "container";
    container.image_id = image_.id;
    container.state = model::ContainerState::kRunning;
    container.config = image_.config;
    container.created = image_.config.created;
    container.config.env.insert(container.config.env.end(), container_env_.begin(),
                                container_env_.end());
    container.image_env = image_.config.env;
    container.image_labels = image_.config.labels;
    container.layers = image_.layers;
    container.layers.push_back(layer_of(image_layers_, index, model::LayerKind::kWritable, ""));
    container.present_in = {{index, container.id, {container.name}}};
    out.containers.push_back(std::move(container));
  }
  out.images.push_back(image_);
}

Result<std::shared_ptr<const rootfs::Tree>> MemoryStore::open_layer(
    const model::Layer& layer) const {
  return std::shared_ptr<const rootfs::Tree>(trees_[number_of(layer)]);
}

model::ContentCheck MemoryStore::check_content(const model::Layer& layer) const {
  const std::size_t number = number_of(layer);
  return number < contents_.size() ? contents_[number] : model::ContentCheck();
}

}  // namespace meridian::testing
