// SPDX-License-Identifier: Apache-2.0
#include "store/docker/daemon_settings.hpp"

#include <array>

#include "model/json.hpp"

namespace meridian::store {
namespace {

struct Flag {
  std::string_view name;
  std::string DaemonSettings::*value;
};
constexpr std::array kFlags = {
    Flag{"--data-root", &DaemonSettings::data_root},
    Flag{"--graph", &DaemonSettings::data_root},
    Flag{"-g", &DaemonSettings::data_root},
    Flag{"--exec-root", &DaemonSettings::exec_root},
    Flag{"--config-file", &DaemonSettings::config_file},
    Flag{"--containerd", &DaemonSettings::containerd_address},
    Flag{"--containerd-namespace", &DaemonSettings::containerd_namespace},
    Flag{"--default-runtime", &DaemonSettings::default_handler},
};

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

Result<RuntimeHandler> parse_handler(const model::Json& runtime) {
  RuntimeHandler out;
  MERIDIAN_TRY(out.program, runtime.text("path"));
  MERIDIAN_TRY(out.shim, runtime.text("runtimeType"));
  MERIDIAN_TRY(out.arguments, runtime.texts("runtimeArgs"));
  MERIDIAN_TRY(const model::Json options, runtime.object("options"));
  if (options.is_null()) return out;
  MERIDIAN_TRY(out.config, options.text("ConfigPath"));
  MERIDIAN_TRY(const std::string binary, options.text("BinaryName"));
  if (!binary.empty()) out.program = binary;
  return out;
}

/// "name=path"
void add_handler(std::string_view text, DaemonSettings& out) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return;
  out.handlers[std::string(text.substr(0, equals))].program = text.substr(equals + 1);
}

}  // namespace

void DaemonSettings::fill_from(const DaemonSettings& weaker) {
  for (const auto member :
       {&DaemonSettings::data_root, &DaemonSettings::exec_root, &DaemonSettings::config_file,
        &DaemonSettings::containerd_address, &DaemonSettings::containerd_namespace,
        &DaemonSettings::default_handler}) {
    if ((this->*member).empty()) this->*member = weaker.*member;
  }
  handlers.insert(weaker.handlers.begin(), weaker.handlers.end());
}

Result<DaemonSettings> parse_daemon_json(std::string_view json) {
  MERIDIAN_TRY(const model::Json root, model::Json::parse(json));
  if (!root.is_object()) return Error(ErrorCode::kCorrupt, "is no JSON object");
  DaemonSettings out;
  MERIDIAN_TRY(out.data_root, root.text("data-root"));
  if (out.data_root.empty()) {
    MERIDIAN_TRY(out.data_root, root.text("graph"));
  }
  MERIDIAN_TRY(out.exec_root, root.text("exec-root"));
  MERIDIAN_TRY(out.containerd_address, root.text("containerd"));
  MERIDIAN_TRY(out.containerd_namespace, root.text("containerd-namespace"));
  MERIDIAN_TRY(out.default_handler, root.text("default-runtime"));
  MERIDIAN_TRY(const model::Json runtimes, root.object("runtimes"));
  if (runtimes.is_null()) return out;
  MERIDIAN_TRY(const auto members, runtimes.members());
  for (const auto& [name, runtime] : members) {
    MERIDIAN_TRY(out.handlers[name], parse_handler(runtime));
  }
  return out;
}

DaemonSettings settings_of_flags(const std::vector<std::string>& words) {
  DaemonSettings out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    constexpr std::string_view kAdd = "--add-runtime";
    if (word == kAdd && i + 1 < words.size()) add_handler(words[i + 1], out);
    if (word.substr(0, kAdd.size() + 1) == "--add-runtime=") {
      add_handler(word.substr(kAdd.size() + 1), out);
    }
    for (const Flag& flag : kFlags) {
      if (word.substr(0, flag.name.size()) != flag.name) continue;
      const std::string_view rest = word.substr(flag.name.size());
      if (rest.empty()) {
        if (i + 1 < words.size()) out.*flag.value = words[i + 1];
      } else if (rest[0] == '=') {
        out.*flag.value = rest.substr(1);
      } else if (flag.name[1] != '-') {  // "-g/x"
        out.*flag.value = rest;
      }
    }
  }
  return out;
}

std::optional<std::vector<std::string>> daemon_words(const std::vector<std::string>& command) {
  if (command.empty()) return std::nullopt;
  const std::string_view program = base_name(command[0]);
  std::size_t skip = 1;
  if (program == "docker") {
    if (command.size() < 2 || (command[1] != "daemon" && command[1] != "-d")) return std::nullopt;
    skip = 2;
  } else if (program != "dockerd" && program != "dockerd-rootless.sh" && program != "dockerd-ce") {
    return std::nullopt;
  }
  return std::vector<std::string>(command.begin() + static_cast<std::ptrdiff_t>(skip),
                                  command.end());
}

}  // namespace meridian::store
