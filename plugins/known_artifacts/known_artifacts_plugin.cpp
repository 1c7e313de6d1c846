// SPDX-License-Identifier: Apache-2.0
#include "known_artifacts_plugin.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "archive_walk.hpp"

namespace meridian::known_artifacts {
namespace {

constexpr std::string_view kElf =
    "\x7f"
    "ELF";
constexpr std::string_view kMemberFact = "member";
constexpr std::string_view kOwnRule = "own-artifact";
constexpr std::uint64_t kPiece = 1 << 20;
constexpr std::uint64_t kMaxFile = 1 << 30;         // bytes of a file that is searched
constexpr std::uint64_t kMaxArchive = 4ull << 30;   // bytes; an ear of a whole application has 1 GB
constexpr std::uint64_t kMaxPackageJson = 4 << 20;  // as plugin packages reads them

/// Searches it piece by piece; empty: it could not be read, which is noted.
std::optional<ContentSearch> search(const File& file, const ContentTest& test, std::uint64_t limit,
                                    LayerSink& out) {
  if (file.size() > limit) {
    out.gap(file.path(), Error(ErrorCode::kLimit, std::to_string(file.size()) + " bytes, limit " +
                                                      std::to_string(limit)));
    return std::nullopt;
  }
  ContentSearch search(test);
  for (std::uint64_t at = 0; at < file.size(); at += kPiece) {
    const auto piece = file.window(at, kPiece + kSearchOverlap);
    if (!piece) {
      out.gap(file.path(), piece.error());
      return std::nullopt;
    }
    search.feed(*piece, at + piece->size() >= file.size());
  }
  return search;
}

/// "a/node_modules/@b/c/package.json": "@b/c"
std::string_view npm_name(std::string_view path) {
  constexpr std::string_view kFolder = "node_modules/", kEnd = "/package.json";
  const std::size_t folder = path.rfind(kFolder);
  if (folder == std::string_view::npos || path.size() < folder + kFolder.size() + kEnd.size()) {
    return {};
  }
  path.remove_prefix(folder + kFolder.size());
  return path.substr(0, path.size() - kEnd.size());
}

std::string with_version(std::string text, const std::string& version) {
  return version.empty() ? text : text + ", version " + version;
}

}  // namespace

Result<void> KnownArtifactsPlugin::configure(const Config& config, const RuleData& data) {
  const auto text = data.file("rules.json");
  if (!text) return Error(ErrorCode::kMissingData, "rules/rules.json is not there");
  auto parsed = parse_rules(*text);
  if (!parsed) return std::move(parsed).error().in("rules/rules.json");
  rules_ = *std::move(parsed);
  shipped_ = rules_.size();
  for (const std::string& own : config.texts("rules").value_or(std::vector<std::string>())) {
    auto rule = parse_rule(own);
    if (!rule) return std::move(rule).error().in("option 'rules'");
    rules_.push_back(*std::move(rule));
  }
  index_ = MemberIndex(rules_);
  return {};
}

void KnownArtifactsPlugin::subscribe(Subscriptions& on) const {
  for (std::size_t i = 0; i < shipped_; ++i) {
    const ArtifactRule& rule = rules_[i];
    on.rule({.id = rule.id,
             .severity = rule.severity,
             .title = rule.title,
             .help = rule.references.front()});
  }
  on.rule({.id = std::string(kOwnRule),
           .severity = Severity::kMedium,
           .title = "A file that a rule of this installation names"});
  on.layer_files({.names = {"*.jar", "*.war", "*.ear", "*.par", "*.hpi", "*.jpi", "*.[jwe]ar.*"}},
                 &KnownArtifactsPlugin::archive);
  std::vector<std::string> members;
  for (const std::string& suffix : index_.suffixes()) {
    members.push_back(suffix);
    members.push_back("**/" + suffix);
  }
  if (!members.empty()) on.layer_files({.paths = members}, &KnownArtifactsPlugin::member);
  for (const ArtifactRule& rule : rules_) {
    for (const FileTest& test : rule.files) {
      Files which{.paths = test.paths, .names = test.names, .exclude = test.exclude};
      if (test.elf) which.magic = {std::string(kElf)};
      which.min_size = test.min_size;
      on.layer_files(which, [this, &rule, &test](const File& file, NoState&, LayerSink& out) {
        this->file(rule, test, file, out);
      });
    }
    for (const HashTest& test : rule.hashes) {
      on.layer_files({.min_size = test.size, .max_size = test.size},
                     [this, &rule, &test](const File& file, NoState&, LayerSink& out) {
                       hashed(rule, test, file, out);
                     });
    }
    if (rule.npm.empty()) continue;
    Files which;
    for (const auto& [name, versions] : rule.npm) {
      which.paths.push_back("node_modules/" + name + "/package.json");
      which.paths.push_back("**/node_modules/" + name + "/package.json");
    }
    on.layer_files(
        which, [this, &rule](const File& file, NoState&, LayerSink& out) { npm(rule, file, out); });
  }
  on.finish_target(&KnownArtifactsPlugin::finish);
}

Finding KnownArtifactsPlugin::finding(const ArtifactRule& rule) const {
  const bool is_shipped = static_cast<std::size_t>(&rule - rules_.data()) < shipped_;
  Finding made;
  made.rule = is_shipped ? std::string_view(rule.id) : kOwnRule;
  made.field = is_shipped ? std::string_view() : std::string_view(rule.id);
  made.remediation = rule.remediation;
  made.severity = rule.severity;
  made.confidence = rule.confidence;
  return made;
}

void KnownArtifactsPlugin::archive(const File& file, LayerSink& out) const {
  if (file.size() > kMaxArchive) {
    return out.gap(file.path(),
                   Error(ErrorCode::kLimit, std::to_string(file.size()) + " bytes, limit " +
                                                std::to_string(kMaxArchive)));
  }
  const ArchiveLook look = look_into_archive(file, index_, rules_);
  for (const ArchiveHit& one : look.hits) {
    const ArtifactRule& rule = rules_[one.hit.rule];
    const std::string evidence = with_version(one.inside + one.hit.path, one.hit.version);
    const std::string message = rule.title + ": " + evidence;
    Finding found = finding(rule);
    found.message = message;
    found.file = file;
    found.evidence = evidence;
    out.report(found);
  }
  for (const Error& problem : look.problems) out.gap(file.path(), problem);
}

void KnownArtifactsPlugin::member(const File& file, LayerSink& out) const {
  for (const MemberId& id : index_.of(file.path())) {
    const ContentTest& test = index_.test(id).content;
    std::string fact = std::to_string(id.rule) + " " + std::to_string(id.test) + " " +
                       std::to_string(id.member) + " ";
    if (test.asks()) {
      const auto found = search(file, test, kMaxMember, out);
      if (!found) return;
      fact += found->holds() ? "1 " + found->version() : "0 ";
    } else {
      fact += "1 ";
    }
    out.fact(kMemberFact, fact, file.path());
  }
}

void KnownArtifactsPlugin::file(const ArtifactRule& rule, const FileTest& test, const File& file,
                                LayerSink& out) const {
  std::string version;
  if (test.content.asks()) {
    const auto found = search(file, test.content, kMaxFile, out);
    if (!found || !found->holds()) return;
    version = found->version();
  }
  const std::string message = with_version(rule.title, version);
  Finding made = finding(rule);
  made.message = message;
  made.file = file;
  made.evidence = version;
  out.report(made);
}

void KnownArtifactsPlugin::hashed(const ArtifactRule& rule, const HashTest& test, const File& file,
                                  LayerSink& out) const {
  const auto digest = file.sha256();
  if (!digest) return out.gap(file.path(), digest.error());
  if (*digest != test.sha256) return;
  Finding made = finding(rule);
  made.message = rule.title;
  made.file = file;
  out.report(made);
}

void KnownArtifactsPlugin::npm(const ArtifactRule& rule, const File& file, LayerSink& out) const {
  const auto text = file.content(kMaxPackageJson);
  if (!text) return out.gap(file.path(), text.error());
  const auto known = rule.npm.find(std::string(npm_name(file.path())));
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object()) {
    return out.gap(file.path(), Error(ErrorCode::kCorrupt, "is no JSON object"));
  }
  const auto version = json.find("version");
  if (known == rule.npm.end() || version == json.end() || !version->is_string()) return;
  const auto& text_of = version->get_ref<const std::string&>();
  if (std::find(known->second.begin(), known->second.end(), text_of) == known->second.end()) {
    return;
  }
  const std::string evidence = known->first + " " + text_of;
  const std::string message = rule.title + ": " + evidence;
  Finding made = finding(rule);
  made.message = message;
  made.file = file;
  made.evidence = evidence;
  out.report(made);
}

void KnownArtifactsPlugin::finish(const Target& /*target*/, const Facts& facts,
                                  TargetSink& out) const {
  MemberGroups groups(rules_);
  std::map<std::string, std::uint32_t> layers;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const Fact fact = facts[i];
    if (fact.key() != kMemberFact || !fact.visible()) continue;
    std::istringstream words{std::string(fact.value())};
    MemberId id;
    int holds = 0;
    std::string version;
    words >> id.rule >> id.test >> id.member >> holds >> version;
    groups.add(id, fact.path(), holds != 0, version);
    layers[std::string(fact.path())] = fact.layer();
  }
  for (const GroupHit& hit : groups.hits()) {
    const ArtifactRule& rule = rules_[hit.rule];
    const std::string message = with_version(rule.title, hit.version);
    Finding made = finding(rule);
    made.message = message;
    made.path = hit.path;
    made.evidence = hit.version;
    made.layer = layers.at(hit.path);
    out.report(made);
  }
}

}  // namespace meridian::known_artifacts
