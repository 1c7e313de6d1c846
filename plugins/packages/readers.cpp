// SPDX-License-Identifier: Apache-2.0
#include "readers.hpp"

#include <utility>

#include "binaries.hpp"
#include "java_archive.hpp"
#include "languages.hpp"
#include "node.hpp"
#include "rpm.hpp"
#include "system_databases.hpp"

namespace meridian::packages {
namespace {

// The largest that are known have a fifth of it.
constexpr std::uint64_t kMaxDatabase = 64 << 20, kMaxRpmDatabase = 128 << 20,
                        kMaxCard = 4 << 20,  // one package's own file
    kMaxLock = 16 << 20,                     // JSON takes twenty times its size
    kMaxProgram = 2ull << 30, kMinProgram = 64 << 10, kMaxArchive = 2ull << 30;

/// Of a parser that wants all bytes at once.
template <Parsed (*parser)(std::string_view)>
Parsed whole(std::string_view, const ByteSource& bytes) {
  const auto content = bytes.read(0, bytes.size());
  if (!content) return failed(content.error().code(), content.error().message());
  return parser(*content);
}

/// Of one that wants the path too.
template <Parsed (*parser)(std::string_view, std::string_view)>
Parsed whole_of(std::string_view path, const ByteSource& bytes) {
  const auto content = bytes.read(0, bytes.size());
  if (!content) return failed(content.error().code(), content.error().message());
  return parser(path, *content);
}

Parsed program(std::string_view, const ByteSource& bytes) { return parse_elf_program(bytes); }

/// `name` in each of the folders where rpm keeps its database.
std::vector<std::string> rpm_paths(const std::string& name) {
  std::vector<std::string> paths;
  for (const char* folder : {"var/lib/rpm/", "usr/lib/sysimage/rpm/", "usr/share/rpm/"}) {
    paths.push_back(folder + name);
  }
  return paths;
}

std::vector<Reader> make() {
  return {
      {"dpkg", {"var/lib/dpkg/status"}, &whole<parse_dpkg_status>, kMaxDatabase},
      {.name = "dpkg-stanza",
       .paths = {"var/lib/dpkg/status.d/*"},
       .parse = &whole<parse_dpkg_stanza>,
       .max_size = kMaxCard,
       .exclude = {"var/lib/dpkg/status.d/*.md5sums"}},
      {"apk",
       {"lib/apk/db/installed", "usr/lib/apk/db/installed"},
       &whole<parse_apk_installed>,
       kMaxDatabase},
      {"pacman", {"var/lib/pacman/local/*/desc"}, &whole<parse_pacman_desc>, kMaxCard},
      {"rpm-sqlite", rpm_paths("rpmdb.sqlite"), &whole<parse_rpm_sqlite>, kMaxRpmDatabase},
      {"rpm-ndb", rpm_paths("Packages.db"), &whole<parse_rpm_ndb>, kMaxRpmDatabase},
      {"rpm-bdb", rpm_paths("Packages"), &whole<parse_rpm_bdb>, kMaxRpmDatabase},
      {"python",
       {"**/*.dist-info/METADATA", "**/*.egg-info/PKG-INFO", "**/*.egg-info"},
       &whole<parse_python_metadata>,
       kMaxCard},
      {"node",
       {"**/node_modules/*/package.json", "**/node_modules/@*/*/package.json",
        "usr/share/nodejs/*/package.json", "usr/share/nodejs/@*/*/package.json"},
       &whole<parse_package_json>,
       kMaxCard},
      {.name = "npm-lock",
       .paths = {"**/package-lock.json", "**/npm-shrinkwrap.json"},
       .parse = &whole<parse_npm_lock>,
       .max_size = kMaxLock,
       .exclude = {"**/node_modules/**"}},
      {.name = "yarn-lock",
       .paths = {"**/yarn.lock"},
       .parse = &whole<parse_yarn_lock>,
       .max_size = kMaxLock,
       .exclude = {"**/node_modules/**"}},
      {.name = "pnpm-lock",
       .paths = {"**/pnpm-lock.yaml"},
       .parse = &whole<parse_pnpm_lock>,
       .max_size = kMaxLock,
       .exclude = {"**/node_modules/**"}},
      {"gemspec",
       {"**/specifications/*.gemspec", "**/specifications/default/*.gemspec"},
       &whole_of<parse_gemspec>,
       kMaxCard},
      {"gemfile-lock", {"**/Gemfile.lock"}, &whole<parse_gemfile_lock>, kMaxLock},
      {"composer-installed",
       {"**/vendor/composer/installed.json"},
       &whole<parse_composer_installed>,
       kMaxLock},
      {"composer-lock", {"**/composer.lock"}, &whole<parse_composer_lock>, kMaxLock},
      {"cargo-lock", {"**/Cargo.lock"}, &whole<parse_cargo_lock>, kMaxLock},
      {"dotnet-deps", {"**/*.deps.json"}, &whole<parse_dotnet_deps>, kMaxLock},
      {"java",
       {"**/*.jar", "**/*.war", "**/*.ear", "**/*.par", "**/*.hpi", "**/*.jpi"},
       &parse_java_archive,
       kMaxArchive},
      {.name = "program",
       .paths = {},
       .parse = &program,
       .max_size = kMaxProgram,
       .magic = {"\x7f"
                 "ELF"},
       .mode_any = 0111,
       .min_size = kMinProgram},
  };
}

}  // namespace

const std::vector<Reader>& readers() {
  static const std::vector<Reader> all = make();
  return all;
}

}  // namespace meridian::packages
