// SPDX-License-Identifier: Apache-2.0
#include "data/sniff.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace meridian::data {

namespace {

using nlohmann::json;

constexpr std::array kWords = {
    std::pair{Kind::kOsv, "osv"},         std::pair{Kind::kDebian, "debian"},
    std::pair{Kind::kAlpine, "alpine"},   std::pair{Kind::kGrype, "grype"},
    std::pair{Kind::kOpenVex, "openvex"}, std::pair{Kind::kArchive, "archive"}};

/// Reads until the keys say what it is; nothing is built.
class Keys final : public nlohmann::json_sax<json> {
 public:
  std::optional<Kind> found() const { return found_; }

  bool null() override { return go(); }
  bool boolean(bool) override { return go(); }
  bool number_integer(number_integer_t) override { return go(); }
  bool number_unsigned(number_unsigned_t) override { return go(); }
  bool number_float(number_float_t, const string_t&) override { return go(); }
  bool string(string_t&) override { return go(); }
  bool binary(binary_t&) override { return go(); }
  bool start_object(std::size_t) override { return descend(); }
  bool end_object() override { return --depth_, go(); }
  bool start_array(std::size_t) override { return descend(); }
  bool end_array() override { return --depth_, go(); }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override {
    return false;
  }
  bool key(string_t& name) override {
    if (depth_ == 1) {
      id_ = id_ || name == "id";
      osv_ = osv_ || name == "affected" || name == "modified" || name == "schema_version";
      packages_ = packages_ || name == "packages";
      alpine_ = alpine_ || name == "distroversion" || name == "apkurl" || name == "urlprefix" ||
                name == "reponame";
      if (id_ && osv_) found_ = Kind::kOsv;
      if (packages_ && alpine_) found_ = Kind::kAlpine;
      if (name == "statements") found_ = Kind::kOpenVex;
    }
    // package -> issue -> "releases"
    if (depth_ == 3 && name == "releases") found_ = Kind::kDebian;
    return go();
  }

 private:
  bool go() const { return !found_; }
  bool descend() { return ++depth_ < 64 && go(); }

  int depth_ = 0;
  bool id_ = false, osv_ = false, packages_ = false, alpine_ = false;
  std::optional<Kind> found_;
};

}  // namespace

const char* to_text(Kind kind) {
  for (const auto& [one, word] : kWords) {
    if (one == kind) return word;
  }
  return "";
}

std::optional<Kind> parse_kind(std::string_view text) {
  for (const auto& [kind, word] : kWords) {
    if (text == word && kind != Kind::kArchive) return kind;
  }
  return std::nullopt;
}

std::optional<Kind> sniff(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("SQLite format 3\0"sv)) return Kind::kGrype;
  for (const std::string_view magic : {"PK\3\4"sv, "\x1f\x8b"sv, "\x28\xb5\x2f\xfd"sv,
                                       "\xfd"
                                       "7zXZ\0"sv}) {
    if (bytes.starts_with(magic)) return Kind::kArchive;
  }
  constexpr std::size_t kUstar = 257;
  if (bytes.size() > kUstar && bytes.substr(kUstar).starts_with("ustar")) return Kind::kArchive;
  const std::size_t start = bytes.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  if (start == std::string_view::npos || bytes[start] != '{') return std::nullopt;
  Keys keys;
  json::sax_parse(bytes.begin() + static_cast<std::ptrdiff_t>(start), bytes.end(), &keys,
                  json::input_format_t::json, false);
  return keys.found();
}

}  // namespace meridian::data
