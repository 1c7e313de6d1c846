// SPDX-License-Identifier: Apache-2.0
#include "java_archive.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "text_fields.hpp"
#include "zip_directory.hpp"

namespace meridian::packages {
namespace {

constexpr std::uint64_t kMaxManifest = 1 << 20;  // signed ones have a line or three a class
constexpr std::size_t kMaxProperties = 2'000;    // pom.properties of one archive

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

bool is_archive(std::string_view name) {
  constexpr std::array<std::string_view, 6> kEnds = {".jar", ".war", ".ear",
                                                     ".par", ".hpi", ".jpi"};
  const std::string small = lower(name.substr(name.size() - std::min<std::size_t>(name.size(), 4)));
  return name.size() > 4 && std::find(kEnds.begin(), kEnds.end(), small) != kEnds.end();
}

Package maven(std::string_view group, std::string_view artifact, std::string_view version) {
  Package package;
  package.type = "maven";
  package.kind = Kind::kEmbedded;
  package.name =
      group.empty() ? std::string(artifact) : std::string(group).append(":").append(artifact);
  package.version = version;
  return package;
}

/// pom.properties: "key=value" lines; Maven escapes nothing in these three.
std::optional<Package> of_properties(std::string_view text) {
  std::string_view group, artifact, version;
  while (!text.empty()) {
    const std::string_view line = trimmed(take_line(text));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || line[0] == '#') continue;
    const std::string_view key = trimmed(line.substr(0, equals));
    const std::string_view value = trimmed(line.substr(equals + 1));
    if (key == "groupId") group = value;
    if (key == "artifactId") artifact = value;
    if (key == "version") version = value;
  }
  if (artifact.empty() || version.empty()) return std::nullopt;
  return maven(group, artifact, version);
}

/// "guava-31.1-jre.jar": the version begins at the first "-" before a digit.
std::pair<std::string_view, std::string_view> of_file_name(std::string_view path) {
  std::string_view stem = path.substr(path.find_last_of("/:") + 1);
  stem = stem.substr(0, stem.rfind('.'));
  for (std::size_t dash = stem.find('-'); dash != std::string_view::npos;
       dash = stem.find('-', dash + 1)) {
    if (dash == 0 || dash + 1 >= stem.size()) continue;
    if (stem[dash + 1] >= '0' && stem[dash + 1] <= '9') {
      return {stem.substr(0, dash), stem.substr(dash + 1)};
    }
  }
  return {stem, {}};
}

/// The main section of MANIFEST.MF (JAR specification, "JAR Manifest").
std::optional<Package> of_manifest(std::string_view text, std::string_view path) {
  const Stanza main = Stanza::take(text);
  const auto [file_name, file_version] = of_file_name(path);
  std::string_view version;
  for (const char* key : {"Implementation-Version", "Bundle-Version", "Specification-Version"}) {
    if (version.empty()) version = main[key];
  }
  if (!file_version.empty()) version = file_version;  // as it was published
  std::string_view symbolic = main["Bundle-SymbolicName"];
  symbolic = trimmed(symbolic.substr(0, symbolic.find(';')));
  std::string_view group = main["Implementation-Vendor-Id"];
  if (group.find('.') == std::string_view::npos) group = {};
  // "org.slf4j.api" ends in the artifact, or is another name for it: the file's is what Maven's is.
  std::string_view artifact = file_version.empty() ? std::string_view() : file_name;
  if (artifact.empty()) artifact = symbolic;
  if (artifact.empty()) artifact = main["Implementation-Title"];
  if (artifact.find_first_of(" /") != std::string_view::npos) artifact = file_name;
  if (artifact.empty() || version.empty()) return std::nullopt;
  return maven(group, artifact, version);
}

/// An archive that is being looked into.
struct Open {
  std::string inside;  // path in the file; empty: the file itself
  std::string bytes;   // of a nested one
  std::optional<MemorySource> memory;
  std::optional<ZipDirectory> zip;
  std::size_t next = 0;  // of its members
  std::size_t named = 0, properties = 0;
  const ZipDirectory::Member* manifest = nullptr;
};

/// Depth first, so that only what encloses an archive is in memory with it.
class Walk {
 public:
  Walk(std::string_view path, const ByteSource& source) : path_(path), source_(source) {}

  Parsed run() {
    enter("", "");
    while (!open_.empty() && out_.has_room()) {
      Open& archive = *open_.back();
      if (archive.next < archive.zip->members().size()) {
        look_at(archive, archive.zip->members()[archive.next++]);
      } else {
        finish(archive);
        open_.pop_back();
      }
    }
    return out_.take();
  }

 private:
  void problem(const std::string& inside, Error error) {
    out_.problem(inside.empty() ? std::move(error) : std::move(error).in(inside));
  }

  void enter(std::string inside, std::string bytes) {
    if (++archives_ > kMaxArchives) {
      if (archives_ == kMaxArchives + 1) {
        problem(inside, Error(ErrorCode::kLimit,
                              "more than " + std::to_string(kMaxArchives) + " archives"));
      }
      return;
    }
    auto made = std::make_unique<Open>();
    made->inside = std::move(inside);
    made->bytes = std::move(bytes);
    const ByteSource* source = &source_;
    if (!open_.empty()) source = &made->memory.emplace(made->bytes);
    auto zip = ZipDirectory::read(*source);
    if (!zip) return problem(made->inside, std::move(zip).error());
    made->zip.emplace(*std::move(zip));
    open_.push_back(std::move(made));
  }

  Result<std::string> content(const Open& archive, const ZipDirectory::Member& member,
                              std::uint64_t limit) {
    if (left_ == 0) {
      return Error(ErrorCode::kLimit,
                   "more than " + std::to_string(kMaxUnpacked) + " bytes unpacked");
    }
    auto bytes = archive.zip->content(member, std::min(limit, left_));
    if (bytes) left_ -= bytes->size();
    return bytes;
  }

  void add(const Open& archive, Package package) {
    package.inside = archive.inside;
    out_.add(std::move(package));
  }

  void look_at(Open& archive, const ZipDirectory::Member& member) {
    const std::string& name = member.name;
    if (name == "META-INF/MANIFEST.MF") archive.manifest = &member;
    if (name.rfind("META-INF/maven/", 0) == 0 && ends_with(name, "/pom.properties") &&
        ++archive.properties <= kMaxProperties) {
      const auto text = content(archive, member, kMaxManifest);
      if (!text) return problem(archive.inside, Error(text.error()).in(name));
      if (auto package = of_properties(*text)) {
        add(archive, *std::move(package));
        ++archive.named;
      }
    }
    if (!is_archive(name)) return;
    std::string inside = archive.inside.empty() ? name : archive.inside + ":" + name;
    if (open_.size() > kMaxNesting) {
      return problem(inside, Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxNesting) +
                                                          " archives within each other"));
    }
    auto bytes = content(archive, member, kMaxNested);
    if (!bytes) return problem(inside, std::move(bytes).error());
    enter(std::move(inside), *std::move(bytes));
  }

  void finish(const Open& archive) {
    if (archive.properties > kMaxProperties) {
      problem(archive.inside,
              Error(ErrorCode::kLimit, std::to_string(archive.properties) + " pom.properties"));
    }
    if (archive.named > 0) return;
    std::string text;
    if (archive.manifest != nullptr) {
      auto bytes = content(archive, *archive.manifest, kMaxManifest);
      if (!bytes) {
        return problem(archive.inside, std::move(bytes).error().in(archive.manifest->name));
      }
      text = *std::move(bytes);
    }
    const std::string_view path = archive.inside.empty() ? path_ : archive.inside;
    if (auto package = of_manifest(text, path)) add(archive, *std::move(package));
  }

  std::string_view path_;
  const ByteSource& source_;
  std::vector<std::unique_ptr<Open>> open_;
  std::size_t archives_ = 0;
  std::uint64_t left_ = kMaxUnpacked;
  Collector out_;
};

}  // namespace

Parsed parse_java_archive(std::string_view path, const ByteSource& source) {
  return Walk(path, source).run();
}

}  // namespace meridian::packages
