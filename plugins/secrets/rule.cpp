// SPDX-License-Identifier: Apache-2.0
#include "rule.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace meridian::secrets {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxFile =
    4u << 20;  // a rule file is ours or the user's, not hostile: a typo guard
constexpr std::size_t kMaxRules = 1000;
constexpr std::size_t kMaxContext = 4096;  // the most that the host lends
constexpr std::size_t kDefaultContext = 64;

struct KindSpec {
  std::string_view name;
  ConfirmKind kind;
  std::array<std::string_view, 4> parameters;
};

constexpr auto kKinds = std::to_array<KindSpec>({
    {"crc32-base62", ConfirmKind::kCrc32Base62, {}},
    {"crc32-base36", ConfirmKind::kCrc32Base36, {}},
    {"crc32-hex", ConfirmKind::kCrc32Hex, {}},
    {"bech32", ConfirmKind::kBech32, {"prefix"}},
    {"aws-key-id", ConfirmKind::kAwsKeyId, {}},
    {"jwt", ConfirmKind::kJwt, {"has", "lacks"}},
    {"base64-bytes", ConfirmKind::kBase64Bytes, {"min", "max", "segment", "prefix"}},
    {"base64-text", ConfirmKind::kBase64Text, {"has", "segment"}},
    {"base64-json", ConfirmKind::kBase64Json, {"keys", "segment"}},
    {"pem", ConfirmKind::kPem, {"encrypted"}},
    {"pgp", ConfirmKind::kPgp, {}},
    {"putty", ConfirmKind::kPutty, {"encrypted"}},
    {"entropy", ConfirmKind::kEntropy, {"min"}},
    {"classes", ConfirmKind::kClasses, {"min"}},
    {"length", ConfirmKind::kLength, {"min", "max"}},
    {"secret-name", ConfirmKind::kSecretName, {}},
});

// Reads the members of one object: remembers which were asked for, so that the rest are errors.
class Members {
 public:
  Members(const json& object, std::string where) : object_(object), where_(std::move(where)) {}

  Error wrong(std::string_view key, std::string_view what) const {
    return Error(ErrorCode::kCorrupt, where_ + ": '" + std::string(key) + "' " + std::string(what));
  }

  const json* find(std::string_view key) {
    asked_.insert(std::string(key));
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }

  Result<std::string> text(std::string_view key, bool needed) {
    const json* found = find(key);
    if (found == nullptr && !needed) return std::string();
    if (found == nullptr) return wrong(key, "is missing");
    const auto* value = found->get_ptr<const json::string_t*>();
    if (value == nullptr || value->empty()) return wrong(key, "is not a text, or empty");
    return *value;
  }

  Result<bool> flag(std::string_view key) {
    const json* found = find(key);
    if (found == nullptr) return false;
    const auto* value = found->get_ptr<const json::boolean_t*>();
    if (value == nullptr) return wrong(key, "is neither true nor false");
    return *value;
  }

  Result<std::size_t> count(std::string_view key, std::size_t without, std::size_t most) {
    const json* found = find(key);
    if (found == nullptr) return without;
    const auto* value = found->get_ptr<const json::number_unsigned_t*>();
    if (value == nullptr || *value > most) {
      return wrong(key, "is not a whole number up to " + std::to_string(most));
    }
    return static_cast<std::size_t>(*value);
  }

  Result<double> number(std::string_view key) {
    const json* found = find(key);
    if (found == nullptr) return 0.0;
    if (!found->is_number()) return wrong(key, "is not a number");
    return found->get<double>();  // does not throw for a number
  }

  Result<std::vector<std::string>> texts(std::string_view key) {
    std::vector<std::string> result;
    const json* found = find(key);
    if (found == nullptr) return result;
    if (!found->is_array()) return wrong(key, "is not a list of texts");
    for (const json& item : *found) {
      const auto* value = item.get_ptr<const json::string_t*>();
      if (value == nullptr || value->empty()) return wrong(key, "is not a list of texts");
      result.push_back(*value);
    }
    return result;
  }

  Result<ByteSet> bytes(std::string_view key, std::string_view without) {
    MERIDIAN_TRY(std::string name, text(key, false));
    const auto set = ByteSet::named(name.empty() ? without : std::string_view(name));
    if (!set) return wrong(key, "names no set of bytes: '" + name + "'");
    return *set;
  }

  Result<void> no_others() const {
    for (const auto& item : object_.items()) {
      if (asked_.count(item.key()) == 0) return wrong(item.key(), "is not a known key");
    }
    return {};
  }

 private:
  const json& object_;
  std::string where_;
  std::set<std::string> asked_;
};

template <typename T>
Result<T> one_of(Members& members, std::string_view key, std::string_view without,
                 std::initializer_list<std::pair<std::string_view, T>> choices) {
  MERIDIAN_TRY(std::string name, members.text(key, without.empty()));
  if (name.empty()) name = without;
  for (const auto& [known, value] : choices) {
    if (name == known) return value;
  }
  return members.wrong(key, "has the unknown value '" + name + "'");
}

Result<std::vector<ValueStep>> parse_steps(Members& rule) {
  using Kind = ValueStep::Kind;
  constexpr auto kNames =
      std::to_array<std::pair<std::string_view, Kind>>({{"after", Kind::kAfter},
                                                        {"after_last", Kind::kAfterLast},
                                                        {"after_any", Kind::kAfterAny},
                                                        {"until", Kind::kUntil},
                                                        {"until_last", Kind::kUntilLast},
                                                        {"until_any", Kind::kUntilAny},
                                                        {"last", Kind::kLast},
                                                        {"tail", Kind::kTail},
                                                        {"trim", Kind::kTrim},
                                                        {"assigned", Kind::kAssigned}});
  std::vector<ValueStep> steps;
  const json* list = rule.find("value");
  if (list == nullptr) return steps;
  if (!list->is_array()) return rule.wrong("value", "is not a list of steps");
  for (const json& item : *list) {
    if (!item.is_object() || item.size() != 1) {
      return rule.wrong("value", "has a step that is not an object with one key");
    }
    const auto member = item.begin();
    const std::string& name = member.key();
    const json& argument = *member;
    const auto known = std::find_if(kNames.begin(), kNames.end(),
                                    [&](const auto& entry) { return entry.first == name; });
    if (known == kNames.end()) return rule.wrong("value", "has the unknown step '" + name + "'");
    ValueStep step{known->second};
    if (step.kind == Kind::kLast) {
      const auto* count = argument.get_ptr<const json::number_unsigned_t*>();
      if (count == nullptr || *count == 0 || *count > kMaxContext) {
        return rule.wrong("value", "has a step 'last' without a length");
      }
      step.count = static_cast<std::size_t>(*count);
    } else {
      const auto* text = argument.get_ptr<const json::string_t*>();
      if (text == nullptr || text->empty()) {
        return rule.wrong("value", "has a step '" + name + "' without a text");
      }
      step.text = *text;
    }
    if (step.kind == Kind::kAssigned && step.text != "any" && step.text != "quoted") {
      return rule.wrong("value", "has a step 'assigned' that is neither 'any' nor 'quoted'");
    }
    if (step.kind == Kind::kTail) {
      const auto set = ByteSet::named(step.text);
      if (!set) return rule.wrong("value", "names no set of bytes: '" + step.text + "'");
      step.set = *set;
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

Result<Confirm> parse_confirm(const json& object, const std::string& where) {
  if (!object.is_object()) return Error(ErrorCode::kCorrupt, where + ": not an object");
  Members members(object, where);
  MERIDIAN_TRY(const std::string name, members.text("kind", true));
  const auto spec = std::find_if(kKinds.begin(), kKinds.end(),
                                 [&](const KindSpec& known) { return known.name == name; });
  if (spec == kKinds.end()) return members.wrong("kind", "is unknown: '" + name + "'");
  for (const auto& item : object.items()) {
    const auto& known = spec->parameters;
    if (item.key() != "kind" && std::find(known.begin(), known.end(), item.key()) == known.end()) {
      return members.wrong(item.key(), "is not a known key");
    }
  }
  Confirm confirm{spec->kind};
  MERIDIAN_TRY(confirm.min, members.number("min"));
  MERIDIAN_TRY(confirm.max, members.number("max"));
  MERIDIAN_TRY(confirm.prefix, members.text("prefix", false));
  MERIDIAN_TRY(confirm.has, members.text("has", false));
  MERIDIAN_TRY(confirm.lacks, members.text("lacks", false));
  MERIDIAN_TRY(confirm.segment, members.count("segment", 0, 8));
  MERIDIAN_TRY(confirm.keys, members.texts("keys"));
  MERIDIAN_TRY(confirm.encrypted, members.flag("encrypted"));
  return confirm;
}

Result<std::vector<Sample>> parse_samples(Members& rule, std::string_view key) {
  std::vector<Sample> samples;
  const json* list = rule.find(key);
  if (list == nullptr) return samples;
  if (!list->is_array()) return rule.wrong(key, "is not a list");
  for (const json& item : *list) {
    Sample sample;
    const json* pieces = &item;
    if (item.is_object()) {
      Members members(item, std::string(key));
      MERIDIAN_TRY(sample.path, members.text("path", true));
      pieces = members.find("text");
      MERIDIAN_CHECK(members.no_others());
    }
    if (pieces == nullptr || !pieces->is_array()) {
      return rule.wrong(key, "has a sample that is not a list of pieces");
    }
    for (const json& piece : *pieces) {
      const auto* text = piece.get_ptr<const json::string_t*>();
      if (text == nullptr) return rule.wrong(key, "has a piece that is not a text");
      sample.text += *text;
    }
    samples.push_back(std::move(sample));
  }
  return samples;
}

Result<void> parse_place(Members& members, Rule& rule) {
  const json* where = members.find("where");
  if (where == nullptr) return {};
  if (!where->is_object()) return members.wrong("where", "is not an object");
  Members place(*where, "rule '" + rule.id + "': where");
  MERIDIAN_TRY(rule.paths, place.texts("paths"));
  MERIDIAN_TRY(rule.names, place.texts("names"));
  MERIDIAN_TRY(rule.exclude, place.texts("exclude"));
  MERIDIAN_TRY(rule.max_size, place.count("max_size", 0, std::size_t{1} << 40));
  return place.no_others();
}

Result<void> parse_extent(Members& members, Rule& rule) {
  if (const json* extend = members.find("extend")) {
    if (!extend->is_object()) return members.wrong("extend", "is not an object");
    Members range(*extend, "rule '" + rule.id + "': extend");
    MERIDIAN_TRY(const std::string named, range.text("class", true));
    MERIDIAN_TRY(rule.extend, range.bytes("class", named));
    MERIDIAN_TRY(rule.extend_max, range.count("max", 0, kMaxContext - 1));
    MERIDIAN_CHECK(range.no_others());
  }
  MERIDIAN_TRY(const std::size_t context, members.count("context", kDefaultContext, kMaxContext));
  // One byte more than the extension, to see what follows it.
  rule.context = static_cast<std::uint32_t>(std::max(context, rule.extend_max + 1));
  MERIDIAN_TRY(rule.value, parse_steps(members));
  MERIDIAN_TRY(rule.not_before, members.bytes("not_before", "word"));
  MERIDIAN_TRY(rule.not_after, members.bytes("not_after", "word"));
  return {};
}

bool is_rule_id(std::string_view id) {
  return !id.empty() && id.size() <= 63 && std::all_of(id.begin(), id.end(), [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '-';
  });
}

Result<Rule> parse_rule(const json& object, std::size_t number) {
  const std::string where = "rule " + std::to_string(number);
  if (!object.is_object()) return Error(ErrorCode::kCorrupt, where + ": not an object");
  Rule rule;
  MERIDIAN_TRY(rule.id, Members(object, where).text("id", true));
  if (!is_rule_id(rule.id)) {
    return Error(ErrorCode::kCorrupt, where + ": id '" + rule.id + "' is not [a-z0-9-]{1,63}");
  }
  Members members(object, "rule '" + rule.id + "'");
  members.find("id");
  MERIDIAN_TRY(rule.title, members.text("title", true));
  MERIDIAN_TRY(rule.help, members.text("help", false));
  MERIDIAN_TRY(rule.severity, one_of<Severity>(members, "severity", "",
                                               {{"critical", Severity::kCritical},
                                                {"high", Severity::kHigh},
                                                {"medium", Severity::kMedium},
                                                {"low", Severity::kLow},
                                                {"info", Severity::kInfo}}));
  MERIDIAN_TRY(rule.confidence, one_of<Confidence>(members, "confidence", "",
                                                   {{"high", Confidence::kHigh},
                                                    {"medium", Confidence::kMedium},
                                                    {"low", Confidence::kLow}}));
  MERIDIAN_TRY(rule.scope, one_of<Rule::Scope>(members, "scope", "content",
                                               {{"content", Rule::Scope::kContent},
                                                {"environment", Rule::Scope::kEnvironment}}));
  MERIDIAN_TRY(rule.pattern, members.text("pattern", true));
  MERIDIAN_TRY(rule.caseless, members.flag("caseless"));
  MERIDIAN_TRY(rule.binary, members.flag("binary"));
  MERIDIAN_TRY(rule.generic, members.flag("generic"));
  MERIDIAN_TRY(rule.keywords, members.texts("keywords"));
  if (rule.keywords.empty()) return members.wrong("keywords", "is missing");
  for (const std::string& keyword : rule.keywords) {
    if (keyword != lower(keyword)) return members.wrong("keywords", "has a capital letter");
  }
  MERIDIAN_CHECK(parse_place(members, rule));
  MERIDIAN_CHECK(parse_extent(members, rule));
  MERIDIAN_TRY(rule.placeholder,
               one_of<PlaceholderTest>(members, "placeholder", "token",
                                       {{"off", PlaceholderTest::kOff},
                                        {"token", PlaceholderTest::kToken},
                                        {"password", PlaceholderTest::kPassword}}));
  if (const json* list = members.find("confirm")) {
    if (!list->is_array()) return members.wrong("confirm", "is not a list");
    for (const json& item : *list) {
      MERIDIAN_TRY(Confirm confirm, parse_confirm(item, "rule '" + rule.id + "': confirm"));
      rule.confirm.push_back(std::move(confirm));
    }
  } else {
    return members.wrong("confirm", "is missing; [] says that the pattern is enough");
  }
  MERIDIAN_TRY(rule.positives, parse_samples(members, "positives"));
  MERIDIAN_TRY(rule.near_misses, parse_samples(members, "near_misses"));
  MERIDIAN_CHECK(members.no_others());
  return rule;
}

}  // namespace

std::string_view name_of(ConfirmKind kind) {
  for (const KindSpec& spec : kKinds) {
    if (spec.kind == kind) return spec.name;
  }
  return "";
}

Result<std::vector<Rule>> parse_rules(std::string_view text) {
  if (text.size() > kMaxFile) {
    return Error(ErrorCode::kLimit, std::to_string(text.size()) + " bytes of rules, limit " +
                                        std::to_string(kMaxFile));
  }
  const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return Error(ErrorCode::kCorrupt, "rules are not a JSON object");
  Members members(document, "rules");
  MERIDIAN_TRY(const std::string schema, members.text("schema", true));
  if (schema != "meridian.secrets.rules/1") {
    return members.wrong("schema", "is '" + schema + "', wanted 'meridian.secrets.rules/1'");
  }
  const json* list = members.find("rules");
  members.find("published");  // parse_published
  MERIDIAN_CHECK(members.no_others());
  if (list == nullptr || !list->is_array() || list->empty() || list->size() > kMaxRules) {
    return members.wrong("rules", "is not a list of 1 to " + std::to_string(kMaxRules) + " rules");
  }
  std::vector<Rule> rules;
  std::set<std::string> ids;
  for (const json& item : *list) {
    MERIDIAN_TRY(Rule rule, parse_rule(item, rules.size() + 1));
    if (!ids.insert(rule.id).second) {
      return Error(ErrorCode::kCorrupt, "rule '" + rule.id + "' is there twice");
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

Result<std::vector<std::string>> parse_published(std::string_view text) {
  const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return Error(ErrorCode::kCorrupt, "rules are not a JSON object");
  std::vector<std::string> values;
  const auto list = document.find("published");
  if (list == document.end()) return values;
  if (!list->is_array()) return Error(ErrorCode::kCorrupt, "rules: 'published' is not a list");
  for (const json& item : *list) {
    if (!item.is_object()) return Error(ErrorCode::kCorrupt, "published: not an object");
    Members members(item, "published");
    MERIDIAN_TRY(const std::string source, members.text("source", true));
    MERIDIAN_TRY(const std::vector<std::string> pieces, members.texts("value"));
    MERIDIAN_CHECK(members.no_others());
    std::string& value = values.emplace_back();
    for (const std::string& piece : pieces) value += piece;
    if (value.empty()) return members.wrong("value", "is missing");
  }
  return values;
}

}  // namespace meridian::secrets
