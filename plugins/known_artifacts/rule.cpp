// SPDX-License-Identifier: Apache-2.0
#include "rule.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace meridian::known_artifacts {
namespace {

using nlohmann::json;

/// An object of a rule file, with what it is called in errors.
class Object {
 public:
  Object(const json& value, std::string where) : value_(value), where_(std::move(where)) {}

  Error wrong(const std::string& what) const {
    return Error(ErrorCode::kCorrupt, where_ + ": " + what);
  }
  Result<void> only(const std::set<std::string>& known) const {
    if (!value_.is_object()) return wrong("is not an object");
    for (const auto& item : value_.items()) {
      if (known.count(item.key()) == 0) return wrong("key '" + item.key() + "' is not known");
    }
    return {};
  }
  bool has(const char* key) const { return value_.contains(key); }
  const json& at(const char* key) const { return value_.at(key); }
  const json& value() const { return value_; }
  const std::string& where() const { return where_; }

  Result<std::string> text(const char* key, bool is_needed = true) const {
    if (!has(key) && !is_needed) return std::string();
    const auto* const found = has(key) ? at(key).get_ptr<const json::string_t*>() : nullptr;
    if (found == nullptr) return wrong(std::string("'") + key + "' is not a text");
    return *found;
  }
  Result<std::vector<std::string>> texts(const char* key) const {
    std::vector<std::string> out;
    if (!has(key)) return out;
    if (!at(key).is_array()) return wrong(std::string("'") + key + "' is not a list of texts");
    for (const json& one : at(key)) {
      const auto* const found = one.get_ptr<const json::string_t*>();
      if (found == nullptr || found->empty()) {
        return wrong(std::string("'") + key + "' is not a list of texts");
      }
      out.push_back(*found);
    }
    return out;
  }
  Result<std::uint64_t> number(const char* key) const {
    if (!has(key)) return std::uint64_t{0};
    const auto* const found = at(key).get_ptr<const json::number_unsigned_t*>();
    if (found == nullptr) return wrong(std::string("'") + key + "' is not a number");
    return *found;
  }
  Result<bool> flag(const char* key) const {
    if (!has(key)) return false;
    if (!at(key).is_boolean()) return wrong(std::string("'") + key + "' is not true or false");
    return at(key).get<bool>();
  }

 private:
  const json& value_;
  std::string where_;
};

/// "f30f1e": bytes as two digits each; empty: it is none.
std::string from_hex(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return {};
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return text.size() % 2 == 0 ? out : std::string();
}

Result<VersionTest> parse_version(const Object& object) {
  MERIDIAN_CHECK(object.only({"after", "ranges"}));
  VersionTest test;
  MERIDIAN_TRY(test.after, object.text("after"));
  if (test.after.empty() || test.after.size() > kMaxNeedle)
    return object.wrong("'after' is empty or too long");
  if (!object.has("ranges") || !object.at("ranges").is_array() || object.at("ranges").empty()) {
    return object.wrong("'ranges' is not a list");
  }
  for (const json& one : object.at("ranges")) {
    if (!one.is_array() || one.size() != 2 || !one[0].is_string() || !one[1].is_string() ||
        one[1].get_ref<const std::string&>().empty()) {
      return object.wrong("a range is not [from, before]");
    }
    test.ranges.push_back({one[0].get<std::string>(), one[1].get<std::string>()});
  }
  return test;
}

/// The keys `contains`, `lacks`, `bytes` and `version` of a test.
Result<ContentTest> parse_content(const Object& object) {
  ContentTest test;
  MERIDIAN_TRY(test.contains, object.texts("contains"));
  MERIDIAN_TRY(test.lacks, object.texts("lacks"));
  MERIDIAN_TRY(const auto bytes, object.texts("bytes"));
  for (const std::string& one : bytes) {
    test.contains.push_back(from_hex(one));
    if (test.contains.back().empty()) return object.wrong("'bytes' is not hexadecimal");
  }
  for (const auto* list : {&test.contains, &test.lacks}) {
    for (const std::string& one : *list) {
      if (one.size() > kMaxNeedle) return object.wrong("a text is too long");
    }
  }
  if (object.has("version")) {
    MERIDIAN_TRY(test.version,
                 parse_version(Object(object.at("version"), object.where() + ": version")));
  }
  return test;
}

Result<ArchiveTest> parse_archive(const Object& object) {
  if (!object.value().is_array() || object.value().empty()) return object.wrong("is not a list");
  ArchiveTest test;
  for (const json& one : object.value()) {
    const Object member(one, object.where());
    MERIDIAN_CHECK(member.only({"path", "absent", "contains", "lacks", "bytes", "version"}));
    MemberTest made;
    MERIDIAN_TRY(made.suffix, member.text("path"));
    MERIDIAN_TRY(made.absent, member.flag("absent"));
    MERIDIAN_TRY(made.content, parse_content(member));
    if (made.suffix.empty() || made.suffix.back() == '/')
      return member.wrong("'path' is no file's");
    if (made.absent && (made.content.asks() || test.members.empty())) {
      return member.wrong("'absent' has no content and does not come first");
    }
    test.members.push_back(std::move(made));
  }
  return test;
}

Result<FileTest> parse_file(const Object& object) {
  MERIDIAN_CHECK(object.only(
      {"names", "paths", "exclude", "elf", "min_size", "contains", "lacks", "bytes", "version"}));
  FileTest test;
  MERIDIAN_TRY(test.names, object.texts("names"));
  MERIDIAN_TRY(test.paths, object.texts("paths"));
  MERIDIAN_TRY(test.exclude, object.texts("exclude"));
  MERIDIAN_TRY(test.elf, object.flag("elf"));
  MERIDIAN_TRY(test.min_size, object.number("min_size"));
  MERIDIAN_TRY(test.content, parse_content(object));
  if (test.names.empty() && test.paths.empty() && !(test.elf && test.min_size > 0)) {
    return object.wrong("would read every file: neither names nor paths, nor elf with min_size");
  }
  return test;
}

Result<HashTest> parse_hash(const Object& object) {
  MERIDIAN_CHECK(object.only({"sha256", "size"}));
  MERIDIAN_TRY(const std::string text, object.text("sha256"));
  HashTest test;
  MERIDIAN_TRY(test.size, object.number("size"));
  const std::string bytes = from_hex(text);
  if (bytes.size() != test.sha256.size() || test.size == 0) {
    return object.wrong("is not a sha256 with a size");
  }
  std::copy(bytes.begin(), bytes.end(), test.sha256.begin());
  return test;
}

Result<NpmTest> parse_npm(const Object& object) {
  if (!object.value().is_object()) return object.wrong("is not an object");
  NpmTest test;
  for (const auto& [name, versions] : object.value().items()) {
    MERIDIAN_TRY(test[name], object.texts(name.c_str()));
    if (test[name].empty()) return object.wrong("'" + name + "' has no versions");
  }
  return test;
}

Result<void> parse_tests(const Object& object, ArtifactRule& rule) {
  if (!object.has("when") || !object.at("when").is_array() || object.at("when").empty()) {
    return object.wrong("'when' is not a list of tests");
  }
  for (const json& one : object.at("when")) {
    const Object test(one, object.where());
    MERIDIAN_CHECK(test.only({"archive", "file", "hash", "npm"}));
    if (one.size() != 1) return test.wrong("a test is not one of archive, file, hash, npm");
    const std::string kind = one.begin().key();
    const Object inner(one.begin().value(), object.where() + ": " + kind);
    if (kind == "archive") {
      MERIDIAN_TRY(auto made, parse_archive(inner));
      rule.archives.push_back(std::move(made));
    } else if (kind == "file") {
      MERIDIAN_TRY(auto made, parse_file(inner));
      rule.files.push_back(std::move(made));
    } else if (kind == "hash") {
      MERIDIAN_TRY(auto made, parse_hash(inner));
      rule.hashes.push_back(made);
    } else {
      MERIDIAN_TRY(auto made, parse_npm(inner));
      rule.npm.merge(made);
    }
  }
  return {};
}

Result<Severity> severity_of(const Object& rule) {
  MERIDIAN_TRY(const std::string word, rule.text("severity"));
  if (word == "critical") return Severity::kCritical;
  if (word == "high") return Severity::kHigh;
  if (word == "medium") return Severity::kMedium;
  if (word == "low") return Severity::kLow;
  if (word == "info") return Severity::kInfo;
  return rule.wrong("severity '" + word + "' is none");
}

Result<Confidence> confidence_of(const Object& rule) {
  MERIDIAN_TRY(const std::string word, rule.text("confidence", false));
  if (word.empty() || word == "high") return Confidence::kHigh;
  if (word == "medium") return Confidence::kMedium;
  if (word == "low") return Confidence::kLow;
  return rule.wrong("confidence '" + word + "' is none");
}

Result<ArtifactRule> parse(const json& value, const std::string& where) {
  const Object unnamed(value, where);
  // Examples are for the tests, which read them by themselves.
  MERIDIAN_CHECK(unnamed.only({"id", "severity", "confidence", "title", "references", "remediation",
                               "when", "positives", "negatives"}));
  ArtifactRule rule;
  MERIDIAN_TRY(rule.id, unnamed.text("id"));
  const Object object(value, "rule '" + rule.id + "'");
  MERIDIAN_TRY(rule.severity, severity_of(object));
  MERIDIAN_TRY(rule.confidence, confidence_of(object));
  MERIDIAN_TRY(rule.title, object.text("title"));
  MERIDIAN_TRY(rule.remediation, object.text("remediation"));
  MERIDIAN_TRY(rule.references, object.texts("references"));
  if (rule.references.empty()) return object.wrong("'references' is not a list of links");
  MERIDIAN_CHECK(parse_tests(object, rule));
  return rule;
}

}  // namespace

Result<ArtifactRule> parse_rule(std::string_view text) {
  return parse(json::parse(text, nullptr, false), "rule");
}

Result<std::vector<ArtifactRule>> parse_rules(std::string_view text) {
  const json data = json::parse(text, nullptr, false);
  if (!data.is_object() || !data.contains("rules") || !data["rules"].is_array()) {
    return Error(ErrorCode::kCorrupt, "no list 'rules'");
  }
  std::vector<ArtifactRule> rules;
  std::set<std::string> ids;
  for (const json& one : data["rules"]) {
    MERIDIAN_TRY(auto rule, parse(one, "rule " + std::to_string(rules.size())));
    if (!ids.insert(rule.id).second) {
      return Error(ErrorCode::kCorrupt, "rule '" + rule.id + "': is there twice");
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace meridian::known_artifacts
