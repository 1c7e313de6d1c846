// SPDX-License-Identifier: Apache-2.0
//
// package.hpp: one package as some database, lock file or binary names it, and what a parser gives.
//
// Every parser of this folder is a pure function of bytes. What it cannot read it says in
// Parsed::problems and goes on with the rest.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/result.hpp>

namespace meridian::packages {

/// How sure it is that the package is there.
enum class Kind {
  kInstalled,  // a package manager's record of what it unpacked
  kEmbedded,   // said by a binary or archive of what it was built from
  kDeclared,   // a lock file: would be there after an installation
};
std::string_view to_text(Kind kind);  // "installed", "embedded", "declared"

/// Names and versions are the ecosystem's own, whole: "@babel/core", "org.slf4j:slf4j-api",
/// "1:2.36-9". Bytes of the file, not promised to be UTF-8.
struct Package {
  std::string type = {};  // of a purl: "deb", "rpm", "pypi", ...
  std::string name = {};
  std::string version = {};  // empty: the file does not know it
  std::string arch = {};
  std::string source = {};  // what it was built from, where that is known; empty: itself
  std::string source_version = {};
  std::vector<std::string> licenses = {};  // as written there
  std::string inside = {};                 // path in an archive, ":" between nested ones
  Kind kind = Kind::kInstalled;
  auto operator<=>(const Package&) const = default;
};

struct Parsed {
  std::vector<Package> packages;  // in the file's order
  std::vector<Error> problems;
};

constexpr std::size_t kMaxPackages = 50'000;  // of one file; a distribution has that many in all
constexpr std::size_t kMaxText = 512;         // bytes of a name, version or licence
constexpr std::size_t kMaxLicenses = 32;      // of one package
constexpr std::size_t kMaxProblems = 16;      // of one file; the last says how many more

/// Collects what a parser finds, within these bounds.
class Collector {
 public:
  /// A package without a name, or with a text above kMaxText, is a problem. Licences are cleaned:
  /// sorted, each once, at most kMaxLicenses; a longer one is left out.
  void add(Package package);
  void problem(Error error);
  /// False once kMaxPackages are there: the parser may stop.
  bool has_room() const { return parsed_.packages.size() < kMaxPackages; }
  Parsed take();

 private:
  Parsed parsed_;
  std::size_t more_ = 0;
  bool full_ = false;
};

/// A Parsed that is one problem.
Parsed failed(ErrorCode code, std::string why);

}  // namespace meridian::packages
