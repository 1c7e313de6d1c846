// SPDX-License-Identifier: Apache-2.0
#include "packages_plugin.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "merge.hpp"
#include "package_json.hpp"
#include "system_databases.hpp"
#include "text_fields.hpp"

namespace meridian::packages {
namespace {

constexpr std::string_view kLicences = "licences";  // a fact of our own: one a line
constexpr std::uint64_t kMaxCopyright = 4 << 20;    // Chromium's has 1.6 MiB
constexpr std::uint64_t kMaxOsRelease = 64 << 10;   // real ones have one KiB

class FileSource final : public ByteSource {
 public:
  explicit FileSource(const File& file) : file_(file) {}
  std::uint64_t size() const override { return file_.size(); }
  Result<std::string> read(std::uint64_t offset, std::uint64_t size) const override {
    return file_.window(offset, size);
  }

 private:
  const File& file_;
};

/// "usr/share/doc/PACKAGE/copyright"
std::string package_of(std::string_view path) {
  const std::string_view folder = path.substr(0, path.rfind('/'));
  return std::string(folder.substr(folder.rfind('/') + 1));
}

/// ID and VERSION_ID of the os-release that the target shows; none there is no gap.
Distribution distribution_of(const Target& target, TargetSink& out) {
  for (const char* path : {"etc/os-release", "usr/lib/os-release"}) {
    const auto text = target.tree().read(path, kMaxOsRelease);
    if (!text) {
      if (text.error().code() == ErrorCode::kNotFound) continue;
      out.gap(path, text.error());
      return {};
    }
    Distribution found;
    for (std::string_view rest = *text; !rest.empty();) {
      const std::string_view line = take_line(rest);
      const std::size_t equals = line.find('=');
      if (equals == std::string_view::npos) continue;
      const std::string value(unquoted(trimmed(line.substr(equals + 1))));
      if (value.size() > kMaxText) continue;
      if (line.substr(0, equals) == "ID") found.id = value;
      if (line.substr(0, equals) == "VERSION_ID") found.version = value;
    }
    return found;
  }
  return {};
}

}  // namespace

void PackagesPlugin::subscribe(Subscriptions& on) const {
  for (const Reader& reader : readers()) {
    on.layer_files({.paths = reader.paths,
                    .exclude = reader.exclude,
                    .magic = reader.magic,
                    .mode_any = reader.mode_any,
                    .min_size = reader.min_size},
                   [this, &reader](const File& file, NoState&, LayerSink& out) {
                     this->file(reader, file, out);
                   });
  }
  on.layer_files({.paths = {"usr/share/doc/*/copyright"}, .magic = {"Format:"}},
                 &PackagesPlugin::copyright);
  on.layer_files({.paths = {"var/lib/rpm/rpmdb.sqlite-wal", "usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
                            "usr/share/rpm/rpmdb.sqlite-wal"},
                  .min_size = 1},
                 &PackagesPlugin::write_ahead_log);
  on.finish_target(&PackagesPlugin::target);
}

void PackagesPlugin::file(const Reader& reader, const File& file, LayerSink& out) const {
  if (file.size() > reader.max_size) {
    return out.gap(file.path(),
                   Error(ErrorCode::kLimit, std::to_string(file.size()) + " bytes, limit " +
                                                std::to_string(reader.max_size)));
  }
  Parsed parsed = reader.parse(file.path(), FileSource(file));
  for (const std::string& fact : layer_facts(parsed.packages)) {
    out.fact(kSchema, fact, file.path());
  }
  for (const Error& problem : parsed.problems) out.gap(file.path(), problem);
}

void PackagesPlugin::copyright(const File& file, LayerSink& out) const {
  const auto bytes = file.content(kMaxCopyright);
  if (!bytes) return out.gap(file.path(), bytes.error());
  std::string lines;
  for (const std::string& one : parse_copyright(*bytes)) lines += one + "\n";
  if (!lines.empty()) out.fact(kLicences, lines, file.path());
}

// Committed, but not yet in the database: SQLite would take them from there.
void PackagesPlugin::write_ahead_log(const File& file, LayerSink& out) const {
  out.gap(file.path(),
          Error(ErrorCode::kUnsupported, "a write-ahead log of " + std::to_string(file.size()) +
                                             " bytes: changes in it are not seen"));
}

void PackagesPlugin::target(const Target& target, const Facts& facts, TargetSink& out) const {
  Merge merge;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const Fact fact = facts[i];
    const std::string path(fact.path());
    if (fact.key() == kSchema) {
      // Perhaps of another plugin, that knows one more kind of packages.
      const auto packages = parse_layer_fact(fact.value());
      if (packages) {
        merge.add(fact.layer(), path, fact.visible(), *packages);
      } else if (fact.visible()) {
        out.gap(path, Error(ErrorCode::kCorrupt, "a fact " + std::string(kSchema) + " of plugin " +
                                                     std::string(fact.plugin()) +
                                                     " is not of its schema"));
      }
    } else if (fact.key() == kLicences && fact.visible()) {
      std::vector<std::string> licenses;
      for (std::string_view rest = fact.value(); !rest.empty();) {
        licenses.emplace_back(take_line(rest));
      }
      merge.add_licenses(package_of(path), std::move(licenses));
    }
  }
  const Distribution distribution = distribution_of(target, out);
  for (const std::string& fact : target_facts(merge.take(distribution))) out.fact(kSchema, fact);
}

}  // namespace meridian::packages
