// SPDX-License-Identifier: Apache-2.0
#include "kube_secret.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base64.hpp"
#include "byte_set.hpp"

namespace meridian::secrets {

namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kMaxValue = 1u << 20;  // what Kubernetes allows a Secret

// "kind: Secret", "\"kind\":\"Secret\""; not SecretList, SecretStore.
bool has_secret(std::string_view document) {
  for (std::size_t at = 0; (at = document.find("kind", at)) != kNone; ++at) {
    std::size_t i = document.find_first_not_of("\"' \t", at + 4);
    if (i == kNone || document[i] != ':') continue;
    i = document.find_first_not_of("\"' \t", i + 1);
    if (i == kNone || document.substr(i, 6) != "Secret") continue;
    if (i + 6 == document.size() || !ByteSet::named("word")->has(document[i + 6])) return true;
  }
  return false;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  void document(std::size_t begin, std::size_t end) {
    if (!has_secret(text_.substr(begin, end - begin))) return;
    for (std::size_t at = begin; (at = text_.find("data", at)) < end; at += 4) {
      const bool quoted = at > 0 && (text_[at - 1] == '"' || text_[at - 1] == '\'');
      const std::size_t start = at - (quoted ? 1 : 0);
      if (start > begin && std::string_view(" \t\r\n-{,").find(text_[start - 1]) == kNone) continue;
      std::size_t i = at + 4 + (quoted ? 1 : 0);
      i = text_.find_first_not_of(" \t", i);
      if (i >= end || text_[i] != ':') continue;
      i = text_.find_first_not_of(" \t\r\n", i + 1);
      if (i >= end) continue;
      if (text_[i] == '{') {
        flow(i + 1, end);
      } else {
        block(indentation(start), text_.find('\n', at), end);
      }
    }
  }

  std::vector<KubeValue> take() { return std::move(values_); }

 private:
  // Blanks, and the dash of a list item, before the byte `at`.
  std::size_t indentation(std::size_t at) const {
    const std::size_t newline = text_.rfind('\n', at);
    return at - (newline == kNone ? 0 : newline + 1);
  }

  // {"key": "value", ...}
  void flow(std::size_t i, std::size_t end) {
    while (i < end) {
      i = text_.find_first_not_of(" \t\r\n,", i);
      if (i >= end || text_[i] == '}') return;
      const auto key = scalar(i, end, ":");
      if (!key || (i = text_.find_first_not_of(" \t\r\n", i)) >= end || text_[i] != ':') return;
      i = text_.find_first_not_of(" \t\r\n", i + 1);
      if (i >= end) return;
      const std::size_t at = i;
      const auto value = scalar(i, end, ",}\n");
      if (!value) return;
      add(*key, *value, at);
    }
  }

  // A quoted or plain scalar from `i`, which is left behind it.
  std::optional<std::string_view> scalar(std::size_t& i, std::size_t end, std::string_view stops) {
    const char quote = text_[i];
    const bool quoted = quote == '"' || quote == '\'';
    const std::size_t begin = quoted ? i + 1 : i;
    const std::size_t stop = quoted ? text_.find(quote, begin) : text_.find_first_of(stops, begin);
    if (stop > end) return std::nullopt;
    i = quoted ? stop + 1 : stop;
    return text_.substr(begin, stop - begin);
  }

  // Lines further in than `indent`: "key: value", or "key: |" with the value on lines still
  // further in.
  void block(std::size_t indent, std::size_t newline, std::size_t end) {
    std::size_t depth = 0;  // of a value in lines of its own; 0: none
    std::string key, value;
    std::size_t value_at = 0;
    const auto flush = [&] {
      if (depth != 0) add(key, value, value_at);
      depth = 0;
      value.clear();
    };
    while (newline < end) {
      const std::size_t begin = newline + 1;
      newline = std::min(text_.find('\n', begin), end);
      const std::size_t first = text_.find_first_not_of(" \t\r", begin);
      if (first >= newline) continue;  // an empty line
      const std::size_t in = first - begin;
      if (in <= indent) break;
      std::string_view line = text_.substr(first, newline - first);
      line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
      if (depth != 0 && in >= depth) {
        if (value.empty()) value_at = first;
        if (value.size() <= kMaxValue) value += line;
        continue;
      }
      flush();
      const std::size_t colon = line.find(':');
      if (line[0] == '#' || colon == kNone) continue;
      key = trimmed(line.substr(0, colon), " \t\"'");
      const std::size_t start = line.find_first_not_of(" \t", colon + 1);
      if (start == kNone || line[start] == '|' || line[start] == '>') {
        depth = in + 1;
      } else {
        std::string_view plain = line.substr(start);
        plain = plain.substr(0, plain.find(" #"));
        add(key, trimmed(plain, " \t\"'"), first + start);
      }
    }
    flush();
  }

  static std::string_view trimmed(std::string_view text, std::string_view what) {
    text.remove_prefix(std::min(text.find_first_not_of(what), text.size()));
    return text.substr(0, text.find_last_not_of(what) + 1);
  }

  void add(std::string_view key, std::string_view base64, std::size_t at) {
    if (key.empty() || base64.empty() || base64.size() > kMaxValue ||
        values_.size() == kMaxKubeValues) {
      return;
    }
    auto value = decode_base64(base64);
    if (!value || value->empty() || value->find('\0') != std::string::npos) return;
    if (!values_.empty() && at <= values_.back().offset) return;  // read once
    for (std::size_t i; (i = text_.find('\n', counted_)) < at; counted_ = i + 1) ++line_;
    values_.push_back({std::string(key), *std::move(value), line_, at - counted_ + 1, at});
  }

  std::string_view text_;
  std::vector<KubeValue> values_;
  std::size_t counted_ = 0;  // start of the line `line_`
  std::uint64_t line_ = 1;
};

}  // namespace

std::vector<KubeValue> kube_secret_values(std::string_view manifest) {
  Reader reader(manifest);
  std::size_t begin = 0;
  while (begin < manifest.size()) {
    const std::size_t end = std::min(manifest.find("\n---", begin), manifest.size());
    reader.document(begin, end);
    begin = end + 1;
  }
  return reader.take();
}

}  // namespace meridian::secrets
