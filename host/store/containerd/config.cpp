// SPDX-License-Identifier: Apache-2.0
#include "store/containerd/config.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <deque>
#include <filesystem>
#include <set>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "store/containerd/toml.hpp"

namespace meridian::store::containerd {
namespace {

using model::HostPath;

constexpr std::uint64_t kMaxConfig = 1 << 20;  // real ones have a few hundred lines
constexpr std::size_t kMaxFiles = 100;         // imports, theirs among them

/// Sets `out` to what `entry` says, once.
Result<void> set(const TomlEntry& entry, TomlEntry::Kind kind, TomlEntry& out) {
  const std::string where = "line " + std::to_string(entry.line) + ": '" + entry.path.back() + "' ";
  if (entry.kind != kind) {
    const bool text = kind == TomlEntry::Kind::kText;
    return Error(ErrorCode::kCorrupt, where + (text ? "is no string" : "is no list of strings"));
  }
  if (out.line != 0) return Error(ErrorCode::kCorrupt, where + "is there twice");
  out = entry;
  return {};
}

/// [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.NAME], as versions 2 of the file have
/// it; 1 calls the plugin "cri", 3 "io.containerd.cri.v1.runtime".
void add_cri(const TomlEntry& entry, ConfigFile& out) {
  constexpr std::array<std::string_view, 3> kPlugins = {"io.containerd.grpc.v1.cri", "cri",
                                                        "io.containerd.cri.v1.runtime"};
  const std::vector<std::string>& path = entry.path;
  if (path.size() < 4 || path[0] != "plugins" || path[2] != "containerd") return;
  if (std::find(kPlugins.begin(), kPlugins.end(), path[1]) == kPlugins.end()) return;
  const bool is_text = entry.kind == TomlEntry::Kind::kText;
  if (path.size() == 4 && path[3] == "default_runtime_name" && is_text) {
    out.default_handler = entry.text;
  }
  if (path.size() < 6 || path[3] != "runtimes") return;
  CriHandler& handler = out.handlers[path[4]];
  if (!is_text) return;
  if (path.size() == 6 && path[5] == "runtime_type") handler.type = entry.text;
  if (path.size() != 7 || path[5] != "options") return;
  if (path[6] == "BinaryName") handler.binary = entry.text;
  if (path[6] == "ConfigPath") handler.config = entry.text;
}

class Reader {
 public:
  Reader(const rootfs::HostRoot& host, std::vector<model::Problem>& problems, Config otherwise)
      : host_(host), problems_(problems), config_(std::move(otherwise)) {}

  Config read(const HostPath& file);

 private:
  void take(const HostPath& file, bool imported);
  void import(const HostPath& from, const std::string& entry);
  void expand(const HostPath& folder, const std::string& pattern);
  /// False where there is no room for it, which is said once.
  bool enqueue(HostPath file);
  void problem(Error error, const HostPath& file) {
    problems_.push_back({std::move(error), file.text(), {}, model::kNoStore});
  }

  const rootfs::HostRoot& host_;
  std::vector<model::Problem>& problems_;
  Config config_;
  std::deque<HostPath> queue_;
  std::set<HostPath> seen_;
  bool is_full_ = false;
};

bool Reader::enqueue(HostPath file) {
  if (seen_.count(file) != 0) return true;
  if (seen_.size() == kMaxFiles) {
    if (!std::exchange(is_full_, true)) {
      problem(Error(ErrorCode::kLimit, "is one of more than " + std::to_string(kMaxFiles) +
                                           " files that containerd's configuration imports; the " +
                                           "rest is not read"),
              file);
    }
    return false;
  }
  seen_.insert(file);
  queue_.push_back(std::move(file));
  return true;
}

void Reader::expand(const HostPath& folder, const std::string& pattern) {
  const auto entries = host_.list(folder);
  if (!entries) {  // a pattern may match nothing
    if (entries.error().code() != ErrorCode::kNotFound) problem(entries.error(), folder);
    return;
  }
  for (const rootfs::DirEntry& entry : *entries) {
    const bool matches = ::fnmatch(pattern.c_str(), entry.name.c_str(), FNM_PATHNAME) == 0;
    if (matches && !enqueue(folder / entry.name)) return;
  }
}

void Reader::import(const HostPath& from, const std::string& entry) {
  const std::string& parent = from.text();
  const bool absolute = !entry.empty() && entry.front() == '/';
  // Without "..", as containerd takes it, so that no file has two names.
  const std::string text =
      std::filesystem::path(absolute ? entry : parent.substr(0, parent.rfind('/') + 1) + entry)
          .lexically_normal()
          .string();
  const auto path = HostPath::parse(text);
  if (!path) return problem(Error(path.error()).in("'imports'"), from);
  const auto name = text.rfind('/') + 1;
  const auto wildcard = text.find('*');
  if (wildcard == std::string::npos) {
    enqueue(*path);
    return;
  }
  if (wildcard < name) {
    return problem(Error(ErrorCode::kUnsupported,
                         "'imports': '" + base::escape(entry) + "' is a pattern of folders"),
                   from);
  }
  const auto folder = HostPath::parse(name == 1 ? "/" : text.substr(0, name - 1));
  if (folder) expand(*folder, text.substr(name));
}

void Reader::take(const HostPath& file, bool imported) {
  auto text = host_.read_file(file, kMaxConfig);
  if (!text) {
    const bool said = imported || text.error().code() != ErrorCode::kNotFound;
    if (said) problem(std::move(text).error(), file);
    return;
  }
  auto parsed = parse_config(*text);
  if (!parsed) return problem(std::move(parsed).error(), file);
  if (!parsed->root.empty()) config_.root = std::move(parsed->root);
  if (!parsed->state.empty()) config_.state = std::move(parsed->state);
  if (!parsed->address.empty()) config_.address = std::move(parsed->address);
  if (!parsed->default_handler.empty()) config_.default_handler = parsed->default_handler;
  for (auto& [name, handler] : parsed->handlers) config_.handlers[name] = std::move(handler);
  for (const std::string& entry : parsed->imports) import(file, entry);
}

Config Reader::read(const HostPath& file) {
  enqueue(file);
  while (!queue_.empty()) {
    const HostPath next = std::move(queue_.front());
    queue_.pop_front();
    take(next, next != file);
  }
  return std::move(config_);
}

}  // namespace

Result<ConfigFile> parse_config(std::string_view toml) {
  MERIDIAN_TRY(const auto entries, parse_toml(toml));
  using Path = std::vector<std::string>;
  TomlEntry root, state, address, imports;
  for (const TomlEntry& entry : entries) {
    if (entry.path == Path{"root"}) MERIDIAN_CHECK(set(entry, TomlEntry::Kind::kText, root));
    if (entry.path == Path{"state"}) MERIDIAN_CHECK(set(entry, TomlEntry::Kind::kText, state));
    if (entry.path == Path{"imports"}) MERIDIAN_CHECK(set(entry, TomlEntry::Kind::kTexts, imports));
    if (entry.path == Path{"grpc", "address"}) {
      MERIDIAN_CHECK(set(entry, TomlEntry::Kind::kText, address));
    }
    if (entry.path == Path{"grpc"}) {
      return Error(ErrorCode::kUnsupported,
                   "line " + std::to_string(entry.line) + ": 'grpc' is an inline table");
    }
  }
  ConfigFile out{std::move(root.text), std::move(state.text), std::move(address.text),
                 std::move(imports.texts)};
  for (const TomlEntry& entry : entries) add_cri(entry, out);
  return out;
}

Config read_config(const rootfs::HostRoot& host, const HostPath& file,
                   std::vector<model::Problem>& problems, Config otherwise) {
  return Reader(host, problems, std::move(otherwise)).read(file);
}

}  // namespace meridian::store::containerd
