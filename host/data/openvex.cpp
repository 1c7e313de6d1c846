// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "data/feeds.hpp"
#include "data/json_fields.hpp"

namespace meridian::data {

namespace {

using nlohmann::json;

constexpr std::array kStatuses = {"not_affected", "affected", "fixed", "under_investigation"};
constexpr std::size_t kMaxProducts = 10'000;

/// "@id", and the purls of "identifiers"; 0.0.1 had texts.
std::vector<std::string> purls_of(const json& product) {
  std::vector<std::string> purls;
  const auto take = [&](const std::string& text) {
    if (text.starts_with("pkg:")) purls.push_back(text);
  };
  if (product.is_string()) take(name_of(product));
  if (!product.is_object()) return purls;
  take(name_of(product, "@id"));
  if (const json* const identifiers = object_of(product, "identifiers")) {
    take(name_of(*identifiers, "purl"));
  }
  std::sort(purls.begin(), purls.end());
  purls.erase(std::unique(purls.begin(), purls.end()), purls.end());
  return purls;
}

/// 0.2.0 has an object with a name and aliases, 0.0.1 a text.
std::vector<std::string> vulnerabilities_of(const json& statement) {
  const auto found = statement.find("vulnerability");
  if (found == statement.end()) return {};
  if (found->is_string()) return {name_of(*found)};
  if (!found->is_object()) return {};
  std::vector<std::string> names = names_of(*found, "aliases");
  names.push_back(name_of(*found, "name"));
  names.erase(std::remove(names.begin(), names.end(), ""), names.end());
  return names;
}

Result<void> take_products(const json& products, Statement statement, std::size_t& count,
                           Sink& sink) {
  for (const json& product : products) {
    std::vector<std::string> parts = {""};
    if (const json* const list = array_of(product, "subcomponents"); list && !list->empty()) {
      parts.clear();
      for (const json& part : *list) {
        for (std::string& purl : purls_of(part)) parts.push_back(std::move(purl));
      }
    }
    for (const std::string& purl : purls_of(product)) {
      for (const std::string& part : parts) {
        if (++count > kMaxProducts) {
          return Error(ErrorCode::kLimit,
                       "a statement about more than " + std::to_string(kMaxProducts) + " products");
        }
        statement.product = purl;
        statement.subcomponent = part;
        MERIDIAN_CHECK(sink.add(statement));
      }
    }
  }
  return {};
}

}  // namespace

Result<void> read_openvex(std::string_view text, Sink& sink) {
  MERIDIAN_TRY(const json document, parse_bounded(text));
  const json* const statements = array_of(document, "statements");
  if (statements == nullptr) return Error(ErrorCode::kCorrupt, "without \"statements\"");
  sink.dated(name_of(document, "timestamp"));
  sink.dated(name_of(document, "last_updated"));
  std::size_t number = 0;
  for (const json& one : *statements) {
    const std::string where = "statement " + std::to_string(number++);
    if (!one.is_object()) {
      sink.failed(where, Error(ErrorCode::kCorrupt, "not an object"));
      continue;
    }
    Statement statement;
    statement.status = name_of(one, "status");
    statement.justification = name_of(one, "justification");
    statement.note = words_of(one, "impact_statement");
    if (statement.note.empty()) statement.note = words_of(one, "action_statement");
    statement.author = words_of(document, "author");
    const auto vulnerabilities = vulnerabilities_of(one);
    const json* const products = array_of(one, "products");
    if (std::find(kStatuses.begin(), kStatuses.end(), statement.status) == kStatuses.end() ||
        vulnerabilities.empty() || products == nullptr) {
      sink.failed(where, Error(ErrorCode::kCorrupt,
                               "without a vulnerability, products or a status of OpenVEX"));
      continue;
    }
    std::size_t count = 0;
    for (const std::string& vulnerability : vulnerabilities) {
      statement.vulnerability = vulnerability;
      MERIDIAN_CHECK(take_products(*products, statement, count, sink));
    }
  }
  return {};
}

}  // namespace meridian::data
