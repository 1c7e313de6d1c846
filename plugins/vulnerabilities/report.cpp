// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <nlohmann/json.hpp>

namespace meridian::vulnerabilities {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxNames = 40;  // that one finding lists

void put(Json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

Json list_of(const std::vector<std::string>& names) {
  Json list = Json::array();
  for (const std::string& name : names) {
    if (list.size() >= kMaxNames) break;
    list.push_back(name);
  }
  return list;
}

std::string detail_of(const Subject& subject, const Vulnerability& found, const Rating& rating,
                      const Statement* statement) {
  const Candidate& said = found.said;
  Json detail;
  detail["kind"] = "vulnerability";
  detail["id"] = said.id;
  detail["aliases"] = list_of(found.aliases);
  detail["type"] = subject.package.type;
  detail["package"] = subject.name;
  detail["version"] = subject.version;
  put(detail, "fixed_version", found.fixed);
  detail["packages"] = list_of(subject.names);
  detail["purls"] = list_of(subject.purls);
  put(detail, "summary", said.summary);
  put(detail, "published", said.published);
  put(detail, "state", said.state);
  detail["sources"] = list_of(found.sources);
  const bool own = said.score >= 0;
  const std::string& vector = own || rating.score < 0 ? said.vector : rating.vector;
  const double score = own ? said.score : rating.score;
  if (!vector.empty()) {
    detail["cvss"]["vector"] = vector;
    if (score >= 0) detail["cvss"]["score"] = score;
  }
  if (statement != nullptr) {
    Json& vex = detail["vex"];
    vex["status"] = statement->status;
    put(vex, "justification", statement->justification);
    put(vex, "note", statement->note);
    put(vex, "author", statement->author);
  }
  return detail.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void report(const Subject& subject, const Vulnerability& found, const Rating& rating,
            const Statement* statement, TargetSink& out) {
  const Candidate& said = found.said;
  const bool dismissed =
      statement != nullptr && (statement->status == "not_affected" || statement->status == "fixed");
  Finding finding;
  finding.rule = found.fixed.empty() ? rule::kUnfixed : rule::kFixable;
  if (said.id.starts_with("MAL-")) finding.rule = rule::kMalicious;
  finding.severity = severity_of(said, rating);
  if (dismissed) {
    finding.rule = rule::kNotAffecting;
    finding.severity = Severity::kInfo;
  }
  std::string message = said.id + " in " + subject.name + " " + subject.version;
  if (subject.names.size() > 1 || subject.names.front() != subject.name) {
    message += " (";
    for (std::size_t i = 0; i < subject.names.size() && i < 4; ++i) {
      message.append(i == 0 ? "" : ", ").append(subject.names[i]);
    }
    if (subject.names.size() > 4) {
      message.append(" and ").append(std::to_string(subject.names.size() - 4)).append(" more");
    }
    message += ")";
  }
  if (!said.summary.empty()) message += ": " + said.summary;
  if (dismissed) {
    message += " (VEX: " + statement->status +
               (statement->justification.empty() ? "" : ", " + statement->justification) + ")";
  }
  finding.message = message;
  finding.path = subject.package.path;
  finding.layer = subject.package.layer;
  const std::string evidence = said.id + " " + subject.name + " " + subject.version;
  finding.evidence = evidence;
  const std::string remediation =
      found.fixed.empty() ? std::string()
                          : "Update " + subject.name + " to " + found.fixed + " or later.";
  if (!dismissed) finding.remediation = remediation;
  const std::string detail = detail_of(subject, found, rating, statement);
  finding.detail = detail;
  // A lock file names what may never have been installed.
  finding.confidence = subject.package.kind == "declared" ? Confidence::kLow : Confidence::kHigh;
  if (subject.package.kind == "embedded" || said.state == "undetermined") {
    finding.confidence = Confidence::kMedium;
  }
  out.report(finding);
}

}  // namespace meridian::vulnerabilities
