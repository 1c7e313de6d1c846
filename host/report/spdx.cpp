// SPDX-License-Identifier: Apache-2.0
//
// spdx.cpp: the components as SPDX 2.3 (ISO/IEC 5962 has 2.2.1). A licence that is no id of SPDX's
// list is a LicenseRef of its own, whose text is the name that the package has for it.
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "report/components.hpp"
#include "report/json_bytes.hpp"
#include "report/writers.hpp"

namespace meridian::report {
namespace {

using Json = nlohmann::ordered_json;

std::string name_of(const finding::TargetEntry& target) {
  return json_text(target.names.empty() ? target.id : target.names.front());
}

class Document {
 public:
  explicit Document(const finding::Report& report) : report_(report) {}

  std::string write() {
    std::map<const finding::TargetEntry*, std::string> ids;
    for (const finding::TargetEntry& target : report_.targets) {
      const std::string id = "SPDXRef-Target-" + std::to_string(ids.size() + 1);
      ids[&target] = id;
      add_target(target, id);
    }
    std::size_t number = 0;
    each_component(report_, [&](const Component& component) {
      const std::string id = "SPDXRef-Package-" + std::to_string(++number);
      add_package(component, id);
      relate(ids[component.target], "CONTAINS", id);
    });
    return text();
  }

 private:
  void relate(const std::string& from, const char* how, const std::string& to) {
    relationships_.push_back(
        {{"spdxElementId", from}, {"relationshipType", how}, {"relatedSpdxElement", to}});
  }

  void add_target(const finding::TargetEntry& target, const std::string& id) {
    packages_.push_back({{"SPDXID", id},
                         {"name", name_of(target)},
                         {"versionInfo", json_text(target.id)},
                         {"downloadLocation", "NOASSERTION"},
                         {"filesAnalyzed", false},
                         {"primaryPackagePurpose", "CONTAINER"}});
    relate("SPDXRef-DOCUMENT", "DESCRIBES", id);
  }

  void add_package(const Component& component, const std::string& id) {
    Json package = {{"SPDXID", id}, {"name", json_text(component.name)}};
    if (!component.version.empty()) package["versionInfo"] = json_text(component.version);
    package["downloadLocation"] = "NOASSERTION";
    package["filesAnalyzed"] = false;
    package["licenseConcluded"] = "NOASSERTION";
    package["licenseDeclared"] = declared(component);
    package["copyrightText"] = "NOASSERTION";
    package["externalRefs"] = {{{"referenceCategory", "PACKAGE-MANAGER"},
                                {"referenceType", "purl"},
                                {"referenceLocator", json_text(component.purl)}}};
    std::string source = "layer " + std::to_string(component.layer);
    for (const std::string& path : component.paths) source += ", " + path;
    package["sourceInfo"] = json_text(source);
    packages_.push_back(std::move(package));
  }

  std::string declared(const Component& component) {
    std::string expression;
    for (const std::string& license : component.licenses) {
      if (!expression.empty()) expression += " AND ";
      expression += is_spdx_license(license) ? license : reference(license);
    }
    return expression.empty() ? "NOASSERTION" : expression;
  }

  std::string reference(const std::string& license) {
    const auto [found, is_new] =
        references_.emplace(license, "LicenseRef-" + std::to_string(references_.size() + 1));
    if (is_new) {
      licenses_.push_back({{"licenseId", found->second},
                           {"name", json_text(license)},
                           {"extractedText", json_text(license)}});
    }
    return found->second;
  }

  std::string text() {
    Json document;
    document["spdxVersion"] = "SPDX-2.3";
    document["dataLicense"] = "CC0-1.0";
    document["SPDXID"] = "SPDXRef-DOCUMENT";
    const auto& targets = report_.targets;
    document["name"] = targets.size() == 1
                           ? name_of(targets[0])
                           : "meridian scan of " + std::to_string(targets.size()) + " targets";
    const std::string content = packages_.dump(-1, ' ', true, Json::error_handler_t::replace);
    // A name, not an address: nothing is to be found there. The same for the same content.
    document["documentNamespace"] = "urn:uuid:" + uuid_of(content);
    document["creationInfo"] = {{"created", json_text(report_.finished)},
                                {"creators", {"Tool: meridian-" + json_text(report_.version)}}};
    document["packages"] = std::move(packages_);
    if (!licenses_.empty()) document["hasExtractedLicensingInfos"] = std::move(licenses_);
    document["relationships"] = std::move(relationships_);
    return document.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
  }

  const finding::Report& report_;
  Json packages_ = Json::array(), relationships_ = Json::array(), licenses_ = Json::array();
  std::map<std::string, std::string> references_;
};

}  // namespace

std::string report_spdx(const finding::Report& report) { return Document(report).write(); }

}  // namespace meridian::report
