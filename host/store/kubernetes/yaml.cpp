// SPDX-License-Identifier: Apache-2.0
#include "store/kubernetes/yaml.hpp"

#include <yaml.h>

#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/limits.hpp"

namespace meridian::store::kubernetes {
namespace {

using Json = nlohmann::json;

/// YAML 1.2's core words, which are those of Kubernetes: "yes" and "on" are texts.
Json typed(const std::string& word) {
  if (word.empty() || word == "~" || word == "null" || word == "Null" || word == "NULL") {
    return nullptr;
  }
  if (word == "true" || word == "True" || word == "TRUE") return true;
  if (word == "false" || word == "False" || word == "FALSE") return false;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error == std::errc() && end == word.data() + word.size()) return number;
  return word;
}

std::string text_of(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

/// One event of libyaml, which owns what is in it.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&event_); }
  const yaml_event_t& operator*() const { return event_; }
  const yaml_event_t* operator->() const { return &event_; }
  yaml_event_t* out() {
    yaml_event_delete(&event_);
    return &event_;
  }

 private:
  yaml_event_t event_{};
};

class Reader {
 public:
  explicit Reader(std::string_view text) {
    is_ready_ = yaml_parser_initialize(&parser_) == 1;
    if (!is_ready_) return;
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    if (is_ready_) yaml_parser_delete(&parser_);
  }

  Result<std::vector<std::string>> documents();

 private:
  /// What a value costs when an alias stands for it.
  struct Cost {
    std::size_t values = 0, bytes = 0;
  };
  struct Anchored {
    Json value;
    Cost cost;
  };

  Result<void> next(Event& event);
  Result<Json> value(const Event& event, std::size_t depth);
  Result<Json> content(const Event& event, std::size_t depth);
  Result<Json> list(std::size_t depth);
  Result<Json> object(std::size_t depth);
  Result<void> pay(const Cost& cost);
  static std::string line(const yaml_event_t& event) {
    return "line " + std::to_string(event.start_mark.line + 1) + ": ";
  }

  yaml_parser_t parser_{};
  bool is_ready_ = false;
  std::map<std::string, Anchored, std::less<>> anchors_;  // of the document at hand
  Cost paid_;
};

Result<void> Reader::pay(const Cost& cost) {
  paid_.values += cost.values;
  paid_.bytes += cost.bytes;
  if (paid_.values > kMaxYamlValues || paid_.bytes > kMaxYamlText) {
    return Error(ErrorCode::kLimit, "has more than " + std::to_string(kMaxYamlValues) +
                                        " values, or " + std::to_string(kMaxYamlText) +
                                        " bytes of text");
  }
  return {};
}

Result<void> Reader::next(Event& event) {
  if (yaml_parser_parse(&parser_, event.out()) == 1) return {};
  const char* const why = parser_.problem;
  return Error(ErrorCode::kCorrupt, "is no YAML: line " +
                                        std::to_string(parser_.problem_mark.line + 1) + ": " +
                                        (why == nullptr ? "no memory" : std::string(why)));
}

// At most limits::kMaxJsonDepth deep: content() counts.
// NOLINTBEGIN(misc-no-recursion)
Result<Json> Reader::list(std::size_t depth) {
  Json out = Json::array();
  for (Event event;;) {
    MERIDIAN_CHECK(next(event));
    if (event->type == YAML_SEQUENCE_END_EVENT) return out;
    MERIDIAN_TRY(Json one, value(event, depth + 1));
    out.push_back(std::move(one));
  }
}

Result<Json> Reader::object(std::size_t depth) {
  Json out = Json::object();
  for (Event event;;) {
    MERIDIAN_CHECK(next(event));
    if (event->type == YAML_MAPPING_END_EVENT) return out;
    if (event->type != YAML_SCALAR_EVENT) {
      return Error(ErrorCode::kCorrupt, line(*event) + "a key is no word");
    }
    const auto& word = event->data.scalar;
    const std::string key = text_of(word.value, word.length);
    MERIDIAN_CHECK(pay({0, key.size()}));
    MERIDIAN_CHECK(next(event));
    MERIDIAN_TRY(out[key], value(event, depth + 1));
  }
}

Result<Json> Reader::content(const Event& event, std::size_t depth) {
  if (depth > limits::kMaxJsonDepth) {
    return Error(ErrorCode::kLimit,
                 "is nested deeper than " + std::to_string(limits::kMaxJsonDepth) + " levels");
  }
  if (event->type == YAML_SEQUENCE_START_EVENT) return list(depth);
  if (event->type == YAML_MAPPING_START_EVENT) return object(depth);
  const auto& word = event->data.scalar;
  std::string text = text_of(word.value, word.length);
  MERIDIAN_CHECK(pay({0, text.size()}));
  const bool plain = word.style == YAML_PLAIN_SCALAR_STYLE && word.plain_implicit == 1;
  return plain ? typed(text) : Json(std::move(text));
}

Result<Json> Reader::value(const Event& event, std::size_t depth) {
  const unsigned char* anchor = nullptr;
  switch (event->type) {
    case YAML_ALIAS_EVENT: {
      const unsigned char* const name = event->data.alias.anchor;
      const auto found = anchors_.find(reinterpret_cast<const char*>(name));
      if (found == anchors_.end()) {
        return Error(ErrorCode::kCorrupt, line(*event) + "an alias of nothing that ended before");
      }
      MERIDIAN_CHECK(pay(found->second.cost));
      return found->second.value;
    }
    case YAML_SCALAR_EVENT:
      anchor = event->data.scalar.anchor;
      break;
    case YAML_SEQUENCE_START_EVENT:
      anchor = event->data.sequence_start.anchor;
      break;
    case YAML_MAPPING_START_EVENT:
      anchor = event->data.mapping_start.anchor;
      break;
    default:
      return Error(ErrorCode::kCorrupt, line(*event) + "a value is missing");
  }
  const std::string name = anchor == nullptr ? "" : reinterpret_cast<const char*>(anchor);
  const Cost before = paid_;
  MERIDIAN_CHECK(pay({1, 0}));
  MERIDIAN_TRY(Json out, content(event, depth));
  if (!name.empty()) {
    const Cost cost{paid_.values - before.values, paid_.bytes - before.bytes};
    MERIDIAN_CHECK(pay(cost));  // the copy
    anchors_[name] = {out, cost};
  }
  return out;
}

// NOLINTEND(misc-no-recursion)

Result<std::vector<std::string>> Reader::documents() {
  if (!is_ready_) return Error(ErrorCode::kLimit, "no memory");
  std::vector<std::string> documents;
  for (Event event;;) {
    MERIDIAN_CHECK(next(event));
    if (event->type == YAML_STREAM_END_EVENT) return documents;
    if (event->type != YAML_DOCUMENT_START_EVENT) continue;  // the stream's start, a document's end
    anchors_.clear();
    MERIDIAN_CHECK(next(event));
    MERIDIAN_TRY(const Json document, value(event, 0));
    if (document.is_null()) continue;
    documents.push_back(document.dump(-1, ' ', true, Json::error_handler_t::replace));
  }
}

}  // namespace

Result<std::vector<std::string>> yaml_documents(std::string_view text) {
  if (text.size() > kMaxYaml) {
    return Error(ErrorCode::kLimit, "has more than " + std::to_string(kMaxYaml) + " bytes");
  }
  return Reader(text).documents();
}

}  // namespace meridian::store::kubernetes
