// SPDX-License-Identifier: Apache-2.0
#include "schema_check.hpp"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace meridian::test {

std::string violations(const std::string& schema, const std::string& document) {
  std::ifstream file(std::string(MERIDIAN_SOURCE_DIR) + "/" + schema, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto schema_json = nlohmann::json::parse(text, nullptr, false);
  if (schema_json.is_discarded()) return "the schema is not JSON";
  const auto json = nlohmann::json::parse(document, nullptr, false);
  if (json.is_discarded()) return "the document is not JSON";

  valijson::Schema compiled;
  valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_json), compiled);
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults results;
  if (validator.validate(compiled, valijson::adapters::NlohmannJsonAdapter(json), &results)) {
    return {};
  }
  std::string out = "refused";
  for (valijson::ValidationResults::Error error; results.popError(error);) {
    out += "\n";
    for (const std::string& part : error.context) out += part;
    out += ": " + error.description;
  }
  return out;
}

}  // namespace meridian::test
