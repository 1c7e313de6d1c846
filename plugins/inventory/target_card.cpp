// SPDX-License-Identifier: Apache-2.0
#include "target_card.hpp"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "mask.hpp"

namespace meridian::inventory {
namespace {

using Json = nlohmann::ordered_json;

std::string shortened(std::string text) {
  constexpr std::string_view kEnd = "...";
  if (text.size() > kMaxText) text.replace(kMaxText - kEnd.size(), std::string::npos, kEnd);
  return text;
}

std::string dumped(const Json& json) {
  // Bytes that are no UTF-8 become U+FFFD: JSON has no other way, and nobody parses names here.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

class CardWriter {
 public:
  explicit CardWriter(const Target& target) : target_(target) {}

  Card write(const std::optional<OsRelease>& os) {
    const bool image = target_.kind() == TargetKind::kImage;
    json_["kind"] = image ? "image" : "container";
    json_["names"] = list("names", target_.names());
    json_["created"] = shortened(std::string(target_.created()));
    json_["platform"] = shortened(std::string(target_.platform()));
    json_["os"] = os_object(os);
    json_["user"] = shortened(std::string(target_.user()));
    json_["working_dir"] = shortened(std::string(target_.working_dir()));
    json_["entrypoint"] = command("entrypoint", target_.entrypoint());
    json_["command"] = command("command", target_.cmd());
    json_["exposed_ports"] = list("exposed_ports", target_.exposed_ports());
    json_["environment"] = names_of_environment();
    json_["labels"] = labels();
    json_["layers"] = layers();
    if (!image) add_container();
    return finished();
  }

 private:
  /// At most kMaxItems of `count`; tells if that is not all.
  std::size_t bounded(const char* what, std::size_t count) {
    if (count <= kMaxItems) return count;
    cut_.push_back(std::string(what) + " has " + std::to_string(count) + " entries, " +
                   std::to_string(kMaxItems) + " are listed");
    return kMaxItems;
  }

  Json list(const char* what, Strings texts) {
    Json array = Json::array();
    const std::size_t count = bounded(what, texts.size());
    for (std::size_t i = 0; i < count; ++i) array.push_back(shortened(std::string(texts[i])));
    return array;
  }

  Json command(const char* what, Strings texts) {
    std::vector<std::string> words;
    const std::size_t count = bounded(what, texts.size());
    for (std::size_t i = 0; i < count; ++i) words.emplace_back(texts[i]);
    Json array = Json::array();
    for (std::string& word : masked_words(words)) array.push_back(shortened(std::move(word)));
    return array;
  }

  Json names_of_environment() {
    Json array = Json::array();
    const Strings env = target_.env();
    const std::size_t count = bounded("environment", env.size());
    for (std::size_t i = 0; i < count; ++i) {
      array.push_back(shortened(std::string(env[i].substr(0, env[i].find('=')))));
    }
    return array;
  }

  Json labels() {
    Json object = Json::object();
    const Strings labels = target_.labels();
    const std::size_t count = bounded("labels", labels.size());
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view label = labels[i];
      const std::size_t equals = std::min(label.find('='), label.size());
      const std::string key(label.substr(0, equals));
      const std::string_view value = label.substr(std::min(equals + 1, label.size()));
      object[shortened(key)] =
          promises_secret(key) ? std::string(kMasked) : shortened(masked(value));
    }
    return object;
  }

  Json layers() const {
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < target_.layer_count(); ++i) bytes += target_.layer(i).size();
    return {{"count", target_.layer_count()}, {"bytes", bytes}};
  }

  static Json os_object(const std::optional<OsRelease>& os) {
    if (!os) return nullptr;
    Json object = Json::object();
    for (const auto& [name, value] : *os) object[name] = shortened(value);
    return object;
  }

  void add_container() {
    json_["image_id"] = target_.image_id();
    json_["state"] = target_.state();
    const auto privileges = target_.privileges();
    if (!privileges) {
      json_["run"] = nullptr;
      return;
    }
    Json& run = json_["run"] = Json::object();
    run["spec_origin"] = target_.spec_origin();
    run["runtime_handler"] = shortened(std::string(privileges->runtime_handler()));
    run["privileged"] = privileges->privileged();
    run["uid"] = privileges->uid();
    run["gid"] = privileges->gid();
    run["host_uid"] = privileges->host_uid() ? Json(*privileges->host_uid()) : Json();
    run["read_only_root"] = privileges->read_only_root();
    run["no_new_privileges"] = privileges->no_new_privileges();
    run["capabilities_added"] = list("capabilities_added", privileges->added());
    run["capabilities_dropped"] = list("capabilities_dropped", privileges->dropped());
    run["host_namespaces"] = host_namespaces(*privileges);
    run["seccomp"] = privileges->seccomp() == Seccomp::kFilter ? "filter" : "none";
    run["apparmor_profile"] = shortened(std::string(privileges->apparmor_profile()));
    run["selinux_label"] = shortened(std::string(privileges->selinux_label()));
    json_["mounts"] = mounts(*privileges);
  }

  static Json host_namespaces(const Privileges& privileges) {
    Json array = Json::array();
    for (const Namespace one : privileges.namespaces()) {
      if (one.sharing() == Sharing::kHost) array.push_back(one.type());
    }
    return array;
  }

  /// Those of the host, and what else is mounted besides the runtime's own /proc, /sys and /dev.
  Json mounts(const Privileges& privileges) {
    Json array = Json::array();
    const std::size_t count = bounded("mounts", privileges.mounts().size());
    for (std::size_t i = 0; i < count; ++i) {
      const Mount mount = privileges.mounts()[i];
      if (!mount.of_host() && is_of_runtime(mount.destination())) continue;
      array.push_back({{"destination", shortened(std::string(mount.destination()))},
                       {"type", shortened(std::string(mount.type()))},
                       {"source", shortened(std::string(mount.source()))},
                       {"read_only", mount.read_only()}});
    }
    return array;
  }

  static bool is_of_runtime(std::string_view destination) {
    for (const std::string_view top : {"/proc", "/sys", "/dev"}) {
      if (destination.substr(0, top.size()) != top) continue;
      if (destination.size() == top.size() || destination[top.size()] == '/') return true;
    }
    return false;
  }

  /// Longest lists go first until it fits.
  Card finished() {
    std::string text = dumped(json_);
    for (const char* list : {"labels", "environment", "mounts", "command", "entrypoint", "names",
                             "exposed_ports", "os", "run"}) {
      if (text.size() <= kMaxCard) break;
      json_.erase(list);
      cut_.push_back(std::string(list) + " is left out: a fact has at most " +
                     std::to_string(kMaxCard) + " bytes");
      text = dumped(json_);
    }
    return {std::move(text), std::move(cut_)};
  }

  const Target& target_;
  Json json_ = Json::object();
  std::vector<std::string> cut_;
};

}  // namespace

Card target_card(const Target& target, const std::optional<OsRelease>& os) {
  return CardWriter(target).write(os);
}

}  // namespace meridian::inventory
