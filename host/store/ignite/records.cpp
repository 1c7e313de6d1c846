// SPDX-License-Identifier: Apache-2.0
#include "store/ignite/records.hpp"

#include <map>
#include <utility>

#include "model/json.hpp"

namespace meridian::store::ignite {
namespace {

using model::Json;

/// "oci://sha256:..." or "docker://sha256:..."
std::string content_id(std::string text) {
  const std::size_t scheme = text.find("://");
  if (scheme != std::string::npos) text.erase(0, scheme + 3);
  return text;
}

Result<std::string> source_id(const Json& status, const char* key) {
  MERIDIAN_TRY(const Json source, status.object(key));
  MERIDIAN_TRY(auto id, source.text("id"));
  return content_id(std::move(id));
}

Result<std::vector<Volume>> volumes_of(const Json& spec) {
  MERIDIAN_TRY(const Json storage, spec.object("storage"));
  MERIDIAN_TRY(const auto list, storage.list("volumes"));
  MERIDIAN_TRY(const auto mounts, storage.list("volumeMounts"));
  std::map<std::string, std::string> devices;
  for (const Json& one : list) {
    MERIDIAN_TRY(const auto name, one.text("name"));
    MERIDIAN_TRY(const Json device, one.object("blockDevice"));
    MERIDIAN_TRY(devices[name], device.text("path"));
  }
  std::vector<Volume> volumes;
  for (const Json& one : mounts) {
    MERIDIAN_TRY(const auto name, one.text("name"));
    Volume volume;
    MERIDIAN_TRY(volume.inside, one.text("mountPath"));
    volume.device = devices[name];
    volumes.push_back(std::move(volume));
  }
  return volumes;
}

Result<void> add_machine(const Json& spec, const Json& status, Record& out) {
  MERIDIAN_TRY(const Json image, spec.object("image"));
  MERIDIAN_TRY(out.source, image.text("oci"));
  MERIDIAN_TRY(const Json kernel, spec.object("kernel"));
  MERIDIAN_TRY(out.kernel, kernel.text("oci"));
  MERIDIAN_TRY(out.command_line, kernel.text("cmdLine"));
  MERIDIAN_TRY(out.volumes, volumes_of(spec));
  MERIDIAN_TRY(out.running, status.flag("running"));
  MERIDIAN_TRY(out.started, status.text("startTime"));
  MERIDIAN_TRY(out.image_id, source_id(status, "image"));
  MERIDIAN_TRY(const Json runtime, status.object("runtime"));
  MERIDIAN_TRY(out.sandbox_id, runtime.text("id"));
  MERIDIAN_TRY(out.sandbox_engine, runtime.text("name"));
  return {};
}

}  // namespace

Result<Record> parse_record(std::string_view json) {
  MERIDIAN_TRY(const Json root, Json::parse(json));
  if (!root.is_object()) return Error(ErrorCode::kCorrupt, "is no JSON object");
  Record out;
  MERIDIAN_TRY(out.kind, root.text("kind"));
  MERIDIAN_TRY(const Json metadata, root.object("metadata"));
  MERIDIAN_TRY(out.uid, metadata.text("uid"));
  MERIDIAN_TRY(out.name, metadata.text("name"));
  MERIDIAN_TRY(out.created, metadata.text("created"));
  MERIDIAN_TRY(const Json spec, root.object("spec"));
  MERIDIAN_TRY(const Json status, root.object("status"));
  if (out.kind == "VM") {
    MERIDIAN_CHECK(add_machine(spec, status, out));
    return out;
  }
  MERIDIAN_TRY(out.source, spec.text("oci"));
  MERIDIAN_TRY(out.version, status.text("version"));
  MERIDIAN_TRY(out.content_id, source_id(status, "ociSource"));
  return out;
}

bool is_uid(std::string_view text) {
  return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace meridian::store::ignite
