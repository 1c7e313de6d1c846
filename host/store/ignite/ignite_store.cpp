// SPDX-License-Identifier: Apache-2.0
#include "store/ignite/ignite_store.hpp"

#include <map>
#include <utility>

#include "base/escape.hpp"
#include "store/engine_files.hpp"
#include "store/ignite/records.hpp"

namespace meridian::store::ignite {
namespace {

using model::HostPath;

Error not_read(const char* what) {
  return Error(ErrorCode::kUnsupported,
               std::string("its files lie in ") + what + ", which is not read");
}

model::Layer whole_disk(const std::string& id, std::size_t store) {
  model::Layer layer;
  layer.id = id;
  layer.store = store;
  layer.kind = model::LayerKind::kDirectory;
  layer.missing = true;
  return layer;
}

class Reader {
 public:
  Reader(EngineFiles& files, model::Inventory& out) : files_(files), out_(out) {}

  /// Every record in ROOT/`folder`/UID/metadata.json of that kind.
  template <typename Add>
  void each(const char* folder, const char* kind, Add&& add) {
    for (const std::string& uid : files_.list(files_.root() / folder)) {
      if (!is_uid(uid)) continue;
      const HostPath file = files_.root() / folder / uid / "metadata.json";
      auto text = files_.read(file);
      auto record = text ? parse_record(*text) : Result<Record>(std::move(text).error());
      if (record && (record->kind != kind || record->uid != uid)) {
        record = Error(ErrorCode::kCorrupt, std::string("is not of the ") + kind + " " + uid);
      }
      if (record) {
        add(*record, file);
      } else if (record.error().code() != ErrorCode::kNotFound) {  // it was removed meanwhile
        files_.problem(std::move(record).error(), file, {});
      }
    }
  }
  void add_image(const Record& record, const HostPath& file);
  void add_machine(const Record& record, const HostPath& file);

 private:
  EngineFiles& files_;
  model::Inventory& out_;
  std::map<std::string, std::string, std::less<>> images_;  // content id -> id of the image
};

void Reader::add_image(const Record& record, const HostPath& file) {
  model::Image image;
  image.id = "ignite:" + record.uid;
  const std::string& name = record.source.empty() ? record.name : record.source;
  if (!name.empty()) image.names = {name};
  image.config.created = record.created;
  image.layers = {whole_disk(record.uid, files_.store())};
  if (record.kind == "Kernel") image.layers.front().created_by = "kernel " + record.version;
  image.present_in = {{files_.store(), image.id, image.names}};
  files_.problem(not_read(record.kind == "Kernel" ? "a kernel's archive" : "an ext4 image"), file,
                 image.id);
  if (record.kind == "Image" && !record.content_id.empty()) images_[record.content_id] = image.id;
  out_.images.push_back(std::move(image));
}

void Reader::add_machine(const Record& record, const HostPath& file) {
  model::Container machine;
  machine.id = record.uid;
  machine.name = record.name;
  machine.image_name = record.source;
  const auto image = images_.find(record.image_id);
  if (image != images_.end()) machine.image_id = image->second;
  machine.created = record.created;
  machine.state = record.running ? model::ContainerState::kRunning : model::ContainerState::kExited;
  if (record.running) machine.run.liveness = model::Liveness::kUnverified;
  machine.run.started = record.started;
  const std::string at = file.text() + ": ";
  machine.boundary.kind = model::Boundary::kMicroVm;
  machine.boundary.runtime = "Weave Ignite with Firecracker";
  machine.boundary.evidence = {at + "kind = VM",
                               at + "spec.kernel.oci = " + base::escape(record.kernel)};
  if (!record.sandbox_id.empty()) {
    machine.boundary.evidence.push_back(at +
                                        "status.runtime = " + base::escape(record.sandbox_engine) +
                                        " " + base::escape(record.sandbox_id));
  }
  for (const Volume& volume : record.volumes) {
    model::Mount mount;
    mount.type = "device";
    mount.source = volume.device;
    mount.destination = volume.inside;
    machine.mounts.push_back(std::move(mount));
  }
  machine.layers = {whole_disk(record.uid, files_.store())};
  machine.layers.front().kind = model::LayerKind::kWritable;
  machine.present_in = {{files_.store(), machine.id, {machine.name}}};
  files_.problem(not_read("a thin device"), file, machine.id);
  out_.containers.push_back(std::move(machine));
}

}  // namespace

IgniteStore::IgniteStore(const rootfs::HostRoot& host, HostPath root, std::string found_by)
    : host_(host), root_(std::move(root)) {
  runtime_.kind = "ignite";
  runtime_.root = root_.text();
  runtime_.driver = "devicemapper";
  runtime_.found_by = std::move(found_by);
}

Result<std::unique_ptr<Store>> IgniteStore::open(const rootfs::HostRoot& host, HostPath root,
                                                 std::string found_by) {
  Result<base::UniqueFd> found = host.open_directory(root / "vm");
  if (!found) {
    if (found.error().code() != ErrorCode::kNotFound) return std::move(found).error();
    MERIDIAN_TRY(found, host.open_directory(root / "image"));
  }
  return std::unique_ptr<Store>(new IgniteStore(host, std::move(root), std::move(found_by)));
}

void IgniteStore::read(std::size_t index, model::Inventory& out) {
  EngineFiles files(host_, root_, index, out.problems);
  Reader reader(files, out);
  const auto image = [&](const Record& record, const HostPath& file) {
    reader.add_image(record, file);
  };
  reader.each("image", "Image", image);
  reader.each("kernel", "Kernel", image);
  reader.each("vm", "VM", [&](const Record& record, const HostPath& file) {
    reader.add_machine(record, file);
  });
}

Result<std::shared_ptr<const rootfs::Tree>> IgniteStore::open_layer(
    const model::Layer& /*layer*/) const {
  return not_read("an ext4 image or a thin device");
}

}  // namespace meridian::store::ignite
