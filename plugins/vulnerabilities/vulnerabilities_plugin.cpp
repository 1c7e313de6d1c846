// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities_plugin.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "database.hpp"
#include "inventory.hpp"
#include "judge.hpp"
#include "report.hpp"
#include "vex.hpp"

namespace meridian::vulnerabilities {
namespace {

constexpr const char* kData = "vulnerabilities";

/// The packages of one target against the database.
class Search {
 public:
  Search(Database& database, const Target& target, const Host& host, TargetSink& out)
      : database_(database), target_(target), host_(host), out_(out) {}

  void run(const Facts& facts) {
    Inventory inventory = inventory_of(facts);
    for (const std::string& plugin : inventory.unread) {
      out_.gap("", Error(ErrorCode::kCorrupt,
                         "a fact of plugin " + plugin + " is not of schema meridian.packages/1"));
    }
    const bool any_system = std::any_of(inventory.packages.begin(), inventory.packages.end(),
                                        [](const Package& package) { return package.is_system(); });
    auto distribution = distribution_of(target_.tree());
    if (distribution) {
      distribution_ = *std::move(distribution);
    } else if (any_system && distribution.error().code() != ErrorCode::kNotFound) {
      out_.gap("etc/os-release", distribution.error());
    }
    for (const Subject& subject : subjects_of(std::move(inventory.packages))) {
      if (host_.cancelled()) return;
      if (auto done = look_up(subject); !done) out_.gap(subject.package.path, done.error());
    }
    for (const auto& [what, count] : without_data_) {
      out_.gap("", Error(ErrorCode::kMissingData, "the database has nothing on " + what + ": " +
                                                      std::to_string(count) +
                                                      " packages were not looked up"));
    }
  }

 private:
  /// A system's packages by what they were built from, since that is what advisories and fixes are
  /// of; in the order of the facts otherwise.
  std::vector<Subject> subjects_of(std::vector<Package> packages) const {
    std::vector<Subject> subjects;
    std::map<std::tuple<std::string, std::string, std::string, std::string>, std::size_t> places;
    for (Package& package : packages) {
      // An rpm's own version has the epoch, which its source's name does not tell.
      const bool by_source =
          package.type == "deb" || package.type == "apk" || package.type == "rpm";
      const std::string name = by_source && !package.source.empty() ? package.source : package.name;
      const bool own = package.type == "rpm" || package.source_version.empty() || !by_source;
      const std::string version = own ? package.version : package.source_version;
      const std::string where = package.is_system() ? "" : package.path;
      const auto [place, added] =
          places.try_emplace({package.type, name, version, where}, subjects.size());
      if (added) subjects.push_back({package, name, version, {}, {}});
      Subject& subject = subjects[place->second];
      subject.purls.push_back(purl_of(package, distribution_));
      subject.names.push_back(std::move(package.name));
    }
    for (Subject& subject : subjects) {
      std::sort(subject.names.begin(), subject.names.end());
      subject.names.erase(std::unique(subject.names.begin(), subject.names.end()),
                          subject.names.end());
      std::sort(subject.purls.begin(), subject.purls.end());
      subject.purls.erase(std::unique(subject.purls.begin(), subject.purls.end()),
                          subject.purls.end());
    }
    return subjects;
  }

  Result<std::optional<EcosystemRow>> ecosystem_of(const Package& package) {
    if (!package.is_system()) return database_.ecosystem(package.type);
    for (const std::string& name : distribution_.ecosystems) {
      MERIDIAN_TRY(auto found, database_.ecosystem(name));
      if (found) return found;
    }
    return std::optional<EcosystemRow>();
  }

  std::string shown_ecosystem(const Package& package) const {
    if (!package.is_system()) return package.type;
    if (distribution_.id.empty()) return package.type + " packages of an unknown distribution";
    return distribution_.id + " " +
           (distribution_.version.empty() ? "without a release" : distribution_.version);
  }

  /// Under the name of its source; feeds of RPM distributions also go by the package's own.
  Result<std::vector<Candidate>> candidates_of(const Subject& subject, std::int64_t ecosystem) {
    std::set<std::string> names = {normalised(subject.package.type, subject.name)};
    if (subject.package.type == "rpm") names.insert(subject.names.begin(), subject.names.end());
    std::vector<Candidate> all;
    for (const std::string& name : names) {
      MERIDIAN_TRY(auto some, database_.candidates(ecosystem, name));
      std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    return all;
  }

  Result<void> look_up(const Subject& subject) {
    MERIDIAN_TRY(const auto ecosystem, ecosystem_of(subject.package));
    if (!ecosystem) {
      ++without_data_[shown_ecosystem(subject.package)];
      return {};
    }
    MERIDIAN_TRY(const auto candidates, candidates_of(subject, ecosystem->id));
    if (candidates.empty()) return {};
    const auto order = order_of(ecosystem->order);
    if (!order) {
      return Error(ErrorCode::kUnsupported,
                   subject.name + ": versions of " + ecosystem->order + " cannot be compared");
    }
    const Judgement judgement = judge(candidates, *order, subject.version);
    for (const Vulnerability& found : judgement.affected) {
      MERIDIAN_TRY(const Rating rating, database_.rating(found.said.id));
      MERIDIAN_TRY(const auto statements, statements_of(subject, found));
      report(subject, found, rating, statements ? &*statements : nullptr, out_);
    }
    if (judgement.unknown.empty()) return {};
    return Error(ErrorCode::kUnsupported,
                 subject.name + " '" + subject.version + "': whether " + judgement.unknown.front() +
                     (judgement.unknown.size() > 1
                          ? " and " + std::to_string(judgement.unknown.size() - 1) + " more"
                          : "") +
                     " is in it is not known: versions that cannot be compared");
  }

  /// What VEX documents say of it, under any of its names.
  Result<std::optional<Statement>> statements_of(const Subject& subject,
                                                 const Vulnerability& found) {
    if (!database_.has_statements()) return std::optional<Statement>();
    Product product{subject.purls, {std::string(target_.id()), std::string(target_.image_id())}};
    if (subject.package.is_system()) {
      Package source = subject.package;
      source.name = subject.name;
      source.version = subject.version;
      product.purls.push_back(purl_of(source, distribution_));
    }
    for (const std::string_view name : target_.names()) product.images.emplace_back(name);
    product.images.emplace_back(target_.image_name());
    std::vector<std::string> ids = found.aliases;
    ids.push_back(found.said.id);
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
      MERIDIAN_TRY(const auto statements, database_.statements(*id));
      if (const Statement* const one = find_statement(statements, product))
        return std::optional(*one);
    }
    return std::optional<Statement>();
  }

  Database& database_;
  const Target& target_;
  const Host& host_;
  TargetSink& out_;
  Distribution distribution_;
  std::map<std::string, std::size_t> without_data_;
};

}  // namespace

Result<void> VulnerabilitiesPlugin::configure(const Config&, const RuleData& data) {
  database_ = data.data(kData);
  return {};
}

void VulnerabilitiesPlugin::subscribe(Subscriptions& on) const {
  on.rule({.id = rule::kFixable,
           .severity = Severity::kUnknown,
           .title = "Package with a known vulnerability that a newer version fixes",
           .help = "https://cwe.mitre.org/data/definitions/1395.html"});
  on.rule({.id = rule::kUnfixed,
           .severity = Severity::kUnknown,
           .title = "Package with a known vulnerability that nothing fixes yet",
           .help = "https://cwe.mitre.org/data/definitions/1395.html"});
  on.rule({.id = rule::kMalicious,
           .severity = Severity::kCritical,
           .title = "Package that was published to do harm",
           .help = "https://cwe.mitre.org/data/definitions/506.html"});
  on.rule({.id = rule::kNotAffecting,
           .severity = Severity::kInfo,
           .title = "Known vulnerability that a VEX document says does not matter here",
           .help = "https://github.com/openvex/spec"});
  on.finish_target([this](const Target& target, const Facts& facts, NoState&, TargetSink& out) {
    this->target(target, facts, out);
  });
}

void VulnerabilitiesPlugin::target(const Target& target, const Facts& facts,
                                   TargetSink& out) const {
  if (!database_) {
    return out.gap("",
                   Error(ErrorCode::kMissingData,
                         "no vulnerabilities were imported: `meridian data import` takes feeds"));
  }
  // Of this unit alone: SQLite's handle is no thing to share.
  auto database = Database::open(*database_);
  if (!database) return out.gap("", database.error());
  Search(*database, target, host(), out).run(facts);
}

}  // namespace meridian::vulnerabilities
