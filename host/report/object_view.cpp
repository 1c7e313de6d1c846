// SPDX-License-Identifier: Apache-2.0
#include "report/object_view.hpp"

#include <nlohmann/json.hpp>

#include "base/escape.hpp"
#include "report/columns.hpp"
#include "report/entry_json.hpp"
#include "report/object_json.hpp"
#include "report/wording.hpp"

namespace meridian::report {
namespace {

using Rows = std::vector<std::vector<std::string>>;

void add(Rows& rows, const char* name, const std::string& value) {
  if (!value.empty()) rows.push_back({name, base::escape(value)});
}

std::string words(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& one : list) out += (out.empty() ? "" : " ") + one;
  return out;
}

void add_config(Rows& rows, const model::ImageConfig& config) {
  add(rows, "platform", config.platform.text() == "/" ? "" : config.platform.text());
  add(rows, "created", config.created);
  add(rows, "user", config.user);
  add(rows, "entrypoint", words(config.entrypoint));
  add(rows, "command", words(config.cmd));
  add(rows, "directory", config.working_dir);
  for (const std::string& variable : config.env) add(rows, "variable", variable);
  for (const auto& [key, value] : config.labels) add(rows, "label", key + "=" + value);
}

std::string state_line(const model::Container& container) {
  std::string line = model::state_text(container);
  const model::RunState& run = container.run;
  if (run.liveness != model::Liveness::kNotRunning) {
    line += ", process " + std::to_string(run.pid) + " (" + model::to_text(run.liveness) + ")";
  } else if (container.state == model::ContainerState::kExited) {
    line += " with " + std::to_string(run.exit_code);
  }
  if (!run.error.empty()) line += ": " + run.error;
  return line;
}

void add_mounts(Rows& rows, const model::Container& container) {
  for (const model::Mount& mount : container.mounts) {
    std::string line = mount.destination + " " + mount.type;
    if (!mount.name.empty()) line += " " + mount.name;
    if (!mount.source.empty()) line += " " + mount.source;
    line += mount.writable ? " rw" : " ro";
    if (!mount.propagation.empty()) line += " " + mount.propagation;
    add(rows, "mount", line);
  }
  for (const auto& [destination, path] : container.engine_files) {
    add(rows, "engine's file", destination + " " + path);
  }
}

void add_privileges(Rows& rows, const model::Privileges& of) {
  if (of.privileged) add(rows, "privileged", "yes");
  add(rows, "user id",
      std::to_string(of.uid) + ":" + std::to_string(of.gid) +
          (of.host_uid               ? ", on the host " + std::to_string(*of.host_uid)
           : of.uid_mappings.empty() ? ", on the host not known"
                                     : ", none on the host"));
  add(rows, "capabilities added", words(of.added));
  add(rows, "capabilities dropped", words(of.dropped));
  for (const model::NamespacePrivilege& one : of.namespaces) {
    std::string line = one.type + " " + model::to_text(one.sharing);
    if (!one.container.empty()) line += " with container " + one.container;
    add(rows, "namespace", line);
  }
  add(rows, "seccomp", model::to_text(of.seccomp));
  add(rows, "AppArmor", of.apparmor_profile);
  add(rows, "SELinux", of.selinux_label);
  add(rows, "no new privileges", of.no_new_privileges ? "yes" : "no");
  add(rows, "root file system", of.read_only_root ? "read-only" : "writable");
  if (of.all_devices) {
    add(rows, "devices", "all");
  } else {
    for (const model::SpecDevice& device : of.devices) add(rows, "device", device.path);
  }
  add(rows, "runtime", of.runtime_handler);
}

std::string process_line(const model::Process& process) {
  std::string line = std::to_string(process.pid) + " (";
  if (process.inside_pid != 0) line += "inside " + std::to_string(process.inside_pid) + ", ";
  line += "parent " + std::to_string(process.parent) + ", user " + std::to_string(process.uid) +
          ":" + std::to_string(process.gid);
  if (process.open_files) line += ", " + counted(process.open_files->size(), "open file");
  line += ") ";
  return line + (process.arguments.empty() ? "[" + process.name + "]" : words(process.arguments));
}

void add_processes(Rows& rows, const model::ProcessList& list) {
  for (const model::Process& process : list.processes) {
    const std::string pid = std::to_string(process.pid);
    add(rows, "process", process_line(process));
    if (process.executable_deleted) {
      add(rows, "deleted executable", pid + " " + process.executable);
    }
    if (!process.listening) continue;
    for (const model::ListeningSocket& socket : *process.listening) {
      std::string line = pid + " " + socket.protocol + " " + socket.address;
      if (socket.protocol != "unix") line += " port " + std::to_string(socket.port);
      add(rows, "listens", line);
    }
  }
}

void add_history(Rows& rows, const model::Image& image) {
  for (const model::HistoryStep& step : image.config.history) {
    add(rows, "history",
        (step.layer ? "layer " + std::to_string(*step.layer) + ": " : "no layer: ") +
            step.created_by);
  }
}

std::string object_text(const ShownObject& object, Style style) {
  const finding::TargetEntry& target = object.target;
  std::string out =
      paint(target.kind + " " + joined(target.names, short_id(target.id)), Tone::kHeading, style) +
      "\n";
  Rows rows;
  add(rows, "id", target.id);
  if (object.container != nullptr) {
    const model::Container& container = *object.container;
    add(rows, "image", container.image_name + " " + container.image_id);
    add(rows, "state", state_line(container));
    add_config(rows, container.config);
    add_mounts(rows, container);
    if (container.privileges) add_privileges(rows, *container.privileges);
    add(rows, "runtime spec", model::to_text(container.spec_origin));
    add_processes(rows, object.processes);
  }
  if (object.image != nullptr) {
    add_config(rows, object.image->config);
    add_history(rows, *object.image);
  }
  if (target.isolation) {
    const std::string& runtime = target.isolation->runtime;
    add(rows, "isolation", target.isolation->kind + (runtime.empty() ? "" : ", " + runtime));
    for (const std::string& line : target.isolation->evidence) add(rows, "", line);
  }
  std::size_t index = 0;
  for (const finding::LayerEntry& layer : target.layers) {
    add(rows, "layer",
        std::to_string(index++) + " " + layer.kind + " " + layer.id + " " + size_text(layer.size));
  }
  return out + columns(rows);
}

}  // namespace

std::string render_objects(const std::vector<ShownObject>& objects,
                           const std::vector<finding::Gap>& gaps, Format format, Style style) {
  std::string out;
  if (format == Format::kTable) {
    for (const ShownObject& object : objects) {
      out += (out.empty() ? "" : "\n") + object_text(object, style);
    }
    finding::Report report;
    for (const ShownObject& object : objects) report.targets.push_back(object.target);
    report.gaps = gaps;
    append_gaps(out, report, style);
    return out;
  }
  using Json = nlohmann::ordered_json;
  Json document;
  document["schema"] = "meridian.show/1";
  document["objects"] = Json::array();
  document["gaps"] = Json::array();
  for (const ShownObject& object : objects) {
    document["objects"].push_back(Json::parse(object_json(object), nullptr, false));
  }
  for (const finding::Gap& gap : gaps) {
    document["gaps"].push_back(Json::parse(entry_json(gap, Layout::kOneLine), nullptr, false));
  }
  return document.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace meridian::report
