// SPDX-License-Identifier: Apache-2.0
//
// json.hpp: an engine's JSON file, read strictly by type and leniently by absence.
//
// Why our own face: engines write null for "nothing" everywhere, and Go's decoder, which reads
// these files, takes keys in any case. nlohmann stays inside json.cpp, with its exceptions.
// Threads: const methods from any thread. A value keeps its document alive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "meridian/result.hpp"

namespace meridian::model {

class Json {
 public:
  /// kCorrupt with the place if it is no JSON; kLimit as base::check_json_bounds.
  static Result<Json> parse(std::string_view text);

  Json() = default;  // null
  bool is_null() const;
  bool is_object() const;
  bool is_list() const;
  /// An object with a member of that name that is not null.
  bool has(std::string_view key) const;

  // Members of an object, by key: exactly, else in any case. Absent and null are "nothing"; of a
  // null value every member is absent. kCorrupt if this is no object, or the member has another
  // type than asked for.
  Result<Json> object(std::string_view key) const;
  Result<std::vector<Json>> list(std::string_view key) const;
  Result<std::string> text(std::string_view key) const;
  Result<bool> flag(std::string_view key) const;
  /// Whole numbers, as Go's decoder takes them: kCorrupt for a fraction or one out of range.
  Result<std::optional<std::int64_t>> integer(std::string_view key) const;
  Result<std::optional<std::uint64_t>> natural(std::string_view key) const;
  Result<std::vector<std::string>> texts(std::string_view key) const;
  /// As texts(), and one string counts as a list of one (Docker's Cmd and Entrypoint).
  Result<std::vector<std::string>> words(std::string_view key) const;
  Result<std::map<std::string, std::string>> text_map(std::string_view key) const;

  /// This value itself. Its members in the order of their keys; its elements.
  Result<std::vector<std::pair<std::string, Json>>> members() const;
  Result<std::vector<Json>> elements() const;
  Result<std::string> as_text() const;
  Result<std::uint64_t> as_natural() const;

 private:
  explicit Json(std::shared_ptr<const void> node) : node_(std::move(node)) {}
  Result<Json> member(std::string_view key) const;
  std::shared_ptr<const void> node_;
};

}  // namespace meridian::model
