// SPDX-License-Identifier: Apache-2.0
//
// catalog.cpp: see catalog.hpp.
#include "plugin/catalog.hpp"

#include <dirent.h>
#include <elf.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/read_file.hpp"
#include "base/sha256.hpp"
#include "base/system_error.hpp"
#include "meridian/abi/entry.h"
#include "plugin/elf_lint.hpp"
#include "plugin/policy.hpp"
#include "plugin/refusal.hpp"

namespace meridian::plugin {
namespace {

constexpr const char* kManifestName = "plugin.json";

/// Names in an open folder, sorted, without "." and "..".
Result<std::vector<std::string>> list(int folder, const std::string& path, std::size_t limit) {
  // A descriptor of its own: the stream would move and close ours.
  base::UniqueFd own(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!own) return base::system_error(errno, path);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(own.get()), &::closedir);
  if (!stream) return base::system_error(errno, path);
  (void)own.release();
  std::vector<std::string> names;
  for (errno = 0; const dirent* entry = ::readdir(stream.get()); errno = 0) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() >= limit) {
      return Error(ErrorCode::kLimit,
                   base::escape(path) + ": more than " + std::to_string(limit) + " entries");
    }
    names.emplace_back(name);
  }
  if (errno != 0) return base::system_error(errno, path);
  std::sort(names.begin(), names.end());
  return names;
}

bool exists(int folder, const char* name) {
  struct stat status {};
  return ::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

bool has_note(int folder, const std::string& name) {
  const auto part = read_part(folder, name, name, limits::kMaxPluginBinary);
  return part && read_elf_note(part->bytes).has_value();
}

/// A note in any file that looks like a library: somebody meant it to be a plugin.
bool holds_note(int folder) {
  const auto names = list(folder, "", limits::kMaxBundles);
  return names && std::any_of(names->begin(), names->end(), [&](const std::string& name) {
           return name.ends_with(".so") && has_note(folder, name);
         });
}

/// Reads rules/ into the bundle with an explicit stack; a bundle without it has none.
class RuleReader {
 public:
  explicit RuleReader(Bundle& bundle) : bundle_(bundle) {}

  Result<void> read(int bundle_folder) {
    if (!exists(bundle_folder, "rules")) return {};
    MERIDIAN_CHECK(enter(bundle_folder, "rules", ""));
    while (!waiting_.empty()) {
      const Folder folder = std::move(waiting_.back());
      waiting_.pop_back();
      MERIDIAN_CHECK(take(folder));
    }
    std::sort(bundle_.rules.begin(), bundle_.rules.end());
    bundle_.rules_digest = digest_of_rules(bundle_.rules, {});
    return {};
  }

 private:
  struct Folder {
    base::UniqueFd fd;
    std::string prefix;  // "" or "a/b/"
    std::size_t depth = 0;
  };

  std::string path_of(const std::string& name) const {
    return bundle_.directory + "/rules/" + name;
  }

  Result<void> enter(int parent, const std::string& name, const std::string& prefix,
                     std::size_t depth = 0) {
    struct stat status {};
    if (depth > limits::kMaxRuleDepth) {
      return Error(ErrorCode::kLimit, "rules/" + base::escape(prefix) + ": deeper than " +
                                          std::to_string(limits::kMaxRuleDepth) + " folders");
    }
    MERIDIAN_TRY(base::UniqueFd fd, open_folder(parent, name, path_of(prefix), status));
    MERIDIAN_CHECK(check_owner(status, path_of(prefix)));
    waiting_.push_back({std::move(fd), prefix, depth});
    return {};
  }

  Result<void> take(const Folder& folder) {
    MERIDIAN_TRY(const auto names,
                 list(folder.fd.get(), path_of(folder.prefix), limits::kMaxRuleFiles));
    for (const std::string& name : names) {
      const std::string inside = folder.prefix + name;
      struct stat status {};
      if (::fstatat(folder.fd.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
          S_ISDIR(status.st_mode)) {
        MERIDIAN_CHECK(enter(folder.fd.get(), name, inside + "/", folder.depth + 1));
        continue;
      }
      auto part = read_part(folder.fd.get(), name, path_of(inside), limits::kMaxRuleFile);
      if (!part) return std::move(part).error().in("rules/" + base::escape(inside));
      MERIDIAN_CHECK(check_owner(part->status, path_of(inside)));
      bytes_ += part->bytes.size();
      if (bytes_ > limits::kMaxRuleData || bundle_.rules.size() >= limits::kMaxRuleFiles) {
        return Error(ErrorCode::kLimit, "rules/: more than " +
                                            std::to_string(limits::kMaxRuleData) + " bytes or " +
                                            std::to_string(limits::kMaxRuleFiles) + " files");
      }
      bundle_.rules.emplace_back(inside, std::move(part->bytes));
    }
    return {};
  }

  Bundle& bundle_;
  std::vector<Folder> waiting_;
  std::uint64_t bytes_ = 0;
};

/// The signature step of the fixed order. Nothing is signed yet.
Result<void> check_signature(const Bundle&) { return {}; }

Result<void> check_versions(const ElfNote& note) {
  const std::string ours =
      std::to_string(MERIDIAN_ABI_MAJOR) + "." + std::to_string(MERIDIAN_ABI_MINOR);
  if (note.abi_major != MERIDIAN_ABI_MAJOR) {
    return refused("ABI " + std::to_string(note.abi_major) + "." + std::to_string(note.abi_minor),
                   "ABI " + std::to_string(MERIDIAN_ABI_MAJOR) + ".x (this host has " + ours + ")",
                   "rebuild it with this host's SDK");
  }
  if (note.host_minor_min > MERIDIAN_ABI_MINOR) {
    return refused("it needs a host of ABI " + std::to_string(note.abi_major) + "." +
                       std::to_string(note.host_minor_min) + " or newer",
                   "at most " + ours, "update the host, or take an older version of the plugin");
  }
  return {};
}

Result<void> check_identity(const ElfNote& note, const Manifest& manifest) {
  if (note.id == manifest.id && note.version == manifest.version) return {};
  return refused("its ELF note says '" + base::escape(note.id) + "' " + base::escape(note.version) +
                     ", plugin.json '" + manifest.id + "' " + manifest.version,
                 "the same id and version", "rebuild the bundle as a whole");
}

Result<void> inspect_library(Bundle& bundle) {
  MERIDIAN_TRY(bundle.note, read_elf_note(bundle.library));
  MERIDIAN_CHECK(check_versions(bundle.note));
  MERIDIAN_CHECK(lint_elf(bundle.library));
  return check_identity(bundle.note, bundle.manifest);
}

Result<Bundle> read_bundle(int folder, const struct stat& status, const std::string& path) {
  Bundle bundle;
  bundle.directory = path;
  const auto in = [](Error error, std::string_view where) { return std::move(error).in(where); };

  const std::string manifest_path = path + "/" + kManifestName;
  auto manifest = read_part(folder, kManifestName, manifest_path, limits::kMaxManifest);
  if (!manifest) return in(std::move(manifest).error(), kManifestName);
  auto parsed = Manifest::parse(manifest->bytes);
  if (!parsed) {
    return refused(std::string(kManifestName) + ": " + parsed.error().message(),
                   "a manifest as in sdk/README.md",
                   "correct '" + base::escape(manifest_path) + "'");
  }
  bundle.manifest = *std::move(parsed);
  bundle.manifest_json = manifest->bytes;

  MERIDIAN_CHECK(check_owner(status, path));
  MERIDIAN_CHECK(check_owner(manifest->status, manifest_path));
  const std::string& name = bundle.manifest.library;
  const std::string library_path = path + "/" + name;
  auto library = read_part(folder, name, library_path, limits::kMaxPluginBinary);
  if (!library && library.error().code() == ErrorCode::kNotFound) {
    return refused("no file '" + name + "'", "the library that plugin.json names",
                   "put it into '" + base::escape(path) + "' or correct \"library\"");
  }
  if (!library) return in(std::move(library).error(), name);
  MERIDIAN_CHECK(check_owner(library->status, library_path));
  bundle.library = std::move(library->bytes);
  MERIDIAN_CHECK(RuleReader(bundle).read(folder));

  MERIDIAN_CHECK(check_signature(bundle));

  auto inspected = inspect_library(bundle);
  if (!inspected && inspected.error().code() == ErrorCode::kRefused) {
    return in(std::move(inspected).error(), name);
  }
  if (!inspected) {
    return refused(name + ": " + inspected.error().message(),
                   "a plugin library of this machine's architecture with its ELF note",
                   "rebuild it with meridian_add_plugin()");
  }
  bundle.digest = "sha256:" + base::sha256_hex(bundle.library);
  return bundle;
}

void refuse(Catalog& catalog, const std::string& path, std::string message, bool is_plugin) {
  catalog.refusals.push_back({path, std::move(message), is_plugin});
}

void add_bundle(int folder, const struct stat& status, const std::string& path, Catalog& catalog) {
  const auto same_place = [&](const Bundle& other) { return other.directory == path; };
  if (std::any_of(catalog.bundles.begin(), catalog.bundles.end(), same_place)) return;
  auto bundle = read_bundle(folder, status, path);
  if (!bundle) return refuse(catalog, path, bundle.error().message(), true);
  const auto place =
      std::lower_bound(catalog.bundles.begin(), catalog.bundles.end(), bundle->manifest.id,
                       [](const Bundle& b, const std::string& id) { return b.manifest.id < id; });
  if (place != catalog.bundles.end() && place->manifest.id == bundle->manifest.id) {
    return refuse(catalog, path,
                  refusal_text("plugin " + bundle->manifest.id + " is also in '" +
                                   base::escape(place->directory) + "'",
                               "one bundle of each id", "name only one of the two folders"),
                  true);
  }
  catalog.bundles.insert(place, *std::move(bundle));
}

/// A file where a folder is expected.
void refuse_file(int parent, const std::string& name, const struct stat& status,
                 const std::string& path, Catalog& catalog) {
  const bool is_plugin = S_ISREG(status.st_mode) && has_note(parent, name);
  refuse(
      catalog, path,
      refusal_text(std::string("it is ") + type_name(status), "a bundle: a folder with plugin.json",
                   is_plugin ? "put it into a folder with its plugin.json"
                             : "move it out of the plugin directory"),
      is_plugin);
}

void add_entry(int parent, const std::string& name, const std::string& path, Catalog& catalog) {
  struct stat status {};
  if (::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return refuse(catalog, path, base::system_error(errno, path).message(), false);
  }
  if (!S_ISDIR(status.st_mode)) return refuse_file(parent, name, status, path, catalog);
  const auto folder = open_folder(parent, name, path, status);
  if (!folder) return refuse(catalog, path, folder.error().message(), false);
  if (exists(folder->get(), kManifestName)) {
    return add_bundle(folder->get(), status, path, catalog);
  }
  refuse(catalog, path,
         refusal_text("it has no plugin.json", "a bundle: a folder with plugin.json",
                      "add one, or move the folder out of the plugin directory"),
         holds_note(folder->get()));
}

}  // namespace

std::string digest_of_rules(const std::vector<std::pair<std::string, std::string>>& rules,
                            const std::vector<DataFile>& data) {
  if (rules.empty() && data.empty()) return "";
  base::Sha256 hash;
  const auto field = [&](const std::string& bytes) {
    hash.update(std::to_string(bytes.size()) + ":");
    hash.update(bytes);
  };
  for (const auto& [name, bytes] : rules) {
    field(name);
    field(bytes);
  }
  for (const DataFile& one : data) {
    field("data/" + one.name);
    field(one.identity);
  }
  return "sha256:" + base::to_hex(hash.finish());
}

Result<void> add_directory(const std::string& directory, Catalog& catalog) {
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0) return base::system_error(errno, directory);
  if (!S_ISDIR(status.st_mode)) {
    refuse_file(AT_FDCWD, directory, status, directory, catalog);
    return {};
  }
  const base::UniqueFd folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fstat(folder.get(), &status) != 0) return base::system_error(errno, directory);
  if (exists(folder.get(), kManifestName)) {
    add_bundle(folder.get(), status, directory, catalog);
    return {};
  }
  MERIDIAN_TRY(const auto names, list(folder.get(), directory, limits::kMaxBundles));
  const bool slash = directory.ends_with('/');
  for (const std::string& name : names) {
    add_entry(folder.get(), name, directory + (slash ? "" : "/") + name, catalog);
  }
  return {};
}

}  // namespace meridian::plugin
