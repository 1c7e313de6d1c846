// SPDX-License-Identifier: Apache-2.0
#include "plugin/database_shelf.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "base/sha256.hpp"
#include "plugin/expression_widths.hpp"

namespace meridian::plugin {

namespace {

/// Everything that a database depends on, each part with its length. Hyperscan checks the
/// processor for itself when it takes one up.
std::string key_of(const std::vector<DatabaseEntry>& entries, unsigned mode) {
  base::Sha256 hash;
  const auto add = [&hash](std::string_view text) {
    hash.update(std::to_string(text.size()) + ":");
    hash.update(text);
  };
  add(hs_version());
  add(std::to_string(mode));
  for (const DatabaseEntry& entry : entries) {
    add(std::to_string(entry.id) + (entry.caseless ? "i" : ""));
    add(entry.expression);
  }
  return base::to_hex(hash.finish());
}

std::string key_of_widths() { return std::string("widths ") + hs_version(); }

/// No digest has a blank.
std::string prefix_of(const std::string& plugin) { return "plugin " + plugin + ' '; }

Database deserialised(const std::string& bytes) {
  hs_database_t* database = nullptr;
  const hs_error_t code = hs_deserialize_database(bytes.data(), bytes.size(), &database);
  return Database(code == HS_SUCCESS ? database : nullptr);
}

/// Empty: it cannot be, which costs the next start its time.
std::string serialised(const hs_database_t* database) {
  char* bytes = nullptr;
  std::size_t size = 0;
  if (hs_serialize_database(database, &bytes, &size) != HS_SUCCESS) return {};
  const std::unique_ptr<char, void (*)(void*)> owned(bytes, &std::free);
  return {bytes, size};
}

}  // namespace

DatabaseShelf::DatabaseShelf(KeptDatabases kept) : kept_(std::move(kept)) {
  for (const auto& [key, value] : kept_) {
    if (key != key_of_widths()) continue;
    ExpressionWidths::known().take_up(value);
    has_widths_ = true;
  }
  asked_before_ = ExpressionWidths::known().asked();
}

Result<Database> DatabaseShelf::get(const std::vector<DatabaseEntry>& entries, unsigned mode) {
  const std::string key = key_of(entries, mode);
  const auto found = std::find_if(kept_.begin(), kept_.end(),
                                  [&key](const auto& one) { return one.first == key; });
  if (found != kept_.end()) {
    if (Database database = deserialised(found->second)) {
      used_.push_back(*found);
      ++taken_up_;
      return database;
    }
  }
  MERIDIAN_TRY(Database database, compile_database(entries, mode));
  ++compiled_;
  changed_ = true;
  std::string bytes = serialised(database.get());
  if (!bytes.empty()) used_.emplace_back(key, std::move(bytes));
  return database;
}

KeptBytes DatabaseShelf::of_plugin(const std::string& id) const {
  KeptBytes bytes;
  const std::string prefix = prefix_of(id);
  for (const auto& [key, value] : kept_) {
    if (key.starts_with(prefix)) bytes.before.emplace_back(key.substr(prefix.size()), value);
  }
  return bytes;
}

void DatabaseShelf::keep(const std::string& id, KeptBytes bytes) {
  changed_ = changed_ || !bytes.given.empty();
  for (auto& [name, value] : bytes.given.empty() ? bytes.before : bytes.given) {
    used_.emplace_back(prefix_of(id) + name, std::move(value));
  }
}

KeptDatabases DatabaseShelf::take_changed() {
  ExpressionWidths& widths = ExpressionWidths::known();
  const bool has_asked = widths.asked() > asked_before_;
  if (!changed_ && !has_asked) return {};
  if (has_widths_ || has_asked) used_.emplace_back(key_of_widths(), widths.to_text());
  return std::move(used_);
}

}  // namespace meridian::plugin
