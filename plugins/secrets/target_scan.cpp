// SPDX-License-Identifier: Apache-2.0
#include "target_scan.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "byte_set.hpp"

namespace meridian::secrets {

namespace {

constexpr std::size_t kMaxTexts = 10000;    // of one kind; engines limit far lower
constexpr std::size_t kMaxFieldName = 128;  // names are the image author's

std::string field_of(std::string_view kind, std::string_view text) {
  const std::string_view name = text.substr(0, text.find('='));
  return std::string(kind).append(":").append(name.substr(0, kMaxFieldName));
}

bool is_name(std::string_view word) {
  return !word.empty() && !(word[0] >= '0' && word[0] <= '9') &&
         ByteSet::named("word")->covers(word);
}

// "ENV A=b" of BuildKit, "/bin/sh -c #(nop)  ENV A=b" of the classic builder.
bool is_env_instruction(std::string_view step) {
  constexpr std::string_view kClassic = "/bin/sh -c #(nop) ";
  if (step.substr(0, kClassic.size()) == kClassic) step.remove_prefix(kClassic.size());
  step.remove_prefix(std::min(step.find_first_not_of(' '), step.size()));
  return step.substr(0, 4) == "ENV ";
}

class Scan {
 public:
  Scan(const Judge& judge, Scratch& scratch) : judge_(judge), scratch_(scratch) {}

  // One text in one field; `assignment` as Judge::search wants it.
  void text(const std::string& field, std::string_view text, bool assignment) {
    for (Hit& hit : search(field, text, assignment)) {
      seen_.insert(hit.verdict.value);
      result_.findings.push_back({hit.rule, field, {}, std::move(hit.verdict)});
    }
  }

  // A command line or history step: as it is, and each assignment in it on its own. What was seen
  // in an earlier field is left out.
  void line(const std::string& field, std::string_view text, std::optional<std::uint32_t> layer) {
    std::vector<Hit> hits = search(field, text, false);
    const auto generic = [&](const Hit& hit) { return judge_.rules()[hit.rule].generic; };
    for (const std::string& word : assignments(text)) {
      for (Hit& hit : search(field, word, true)) {
        // The rule for variables knows the whole value; a generic one over the line may not.
        hits.erase(std::remove_if(hits.begin(), hits.end(),
                                  [&](const Hit& other) {
                                    return generic(hit) && generic(other) &&
                                           hit.verdict.value.find(other.verdict.value) !=
                                               std::string::npos;
                                  }),
                   hits.end());
        hits.push_back(std::move(hit));
      }
    }
    for (Hit& hit : hits) {
      if (!seen_.insert(hit.verdict.value).second) continue;
      result_.findings.push_back({hit.rule, field, layer, std::move(hit.verdict)});
    }
  }

  // Notes that only the first kMaxTexts of `count` are looked at.
  std::size_t bounded(const std::string& field, std::size_t count) {
    if (count > kMaxTexts) {
      gap(field, Error(ErrorCode::kLimit,
                       std::to_string(count) + " entries, limit " + std::to_string(kMaxTexts)));
    }
    return std::min(count, kMaxTexts);
  }

  TargetResult take() { return std::move(result_); }

 private:
  std::vector<Hit> search(const std::string& field, std::string_view text, bool assignment) {
    auto hits = judge_.search(text, assignment, scratch_);
    if (hits) return *std::move(hits);
    gap(field, std::move(hits).error());
    return {};
  }

  void gap(const std::string& field, Error why) {
    if (!result_.gaps.empty() && result_.gaps.back().field == field) return;
    result_.gaps.push_back({field, std::move(why)});
  }

  const Judge& judge_;
  Scratch& scratch_;
  std::set<std::string> seen_;
  TargetResult result_;
};

std::string joined(const std::vector<std::string_view>& words) {
  std::string line;
  for (const std::string_view word : words) line.append(line.empty() ? "" : " ").append(word);
  return line;
}

// Takes each variable that the environment has out of the step that set it: its value was searched
// there whole, while here quotes and blanks are lost. `sorted` is the environment, sorted.
std::string without_environment(std::string_view step,
                                const std::vector<std::string_view>& environment) {
  std::string text(step);
  if (!is_env_instruction(step)) return text;
  for (const std::string_view entry : environment) {
    const std::size_t at = entry.empty() ? std::string::npos : text.find(entry);
    if (at == std::string::npos || (at > 0 && text[at - 1] != ' ')) continue;
    if (at + entry.size() < text.size() && text[at + entry.size()] != ' ') continue;
    text.erase(at, entry.size());
  }
  return text;
}

}  // namespace

std::vector<std::string> assignments(std::string_view text) {
  std::vector<std::string> found;
  std::size_t i = 0;
  std::size_t words = 0;
  while (i < text.size() && words < kMaxWords) {
    i = text.find_first_not_of(" \t\r\n;&(", i);
    if (i == std::string_view::npos) break;
    ++words;
    std::string word;
    char quote = '\0';
    for (; i < text.size(); ++i) {
      const char letter = text[i];
      if (quote == '\0' && std::string_view(" \t\r\n;&").find(letter) != std::string_view::npos) {
        break;
      }
      if (letter == quote) {
        quote = '\0';
      } else if (quote == '\0' && (letter == '"' || letter == '\'')) {
        quote = letter;
      } else if (letter == '\\' && quote != '\'' && i + 1 < text.size()) {
        word += text[++i];
      } else {
        word += letter;
      }
    }
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos && is_name(std::string_view(word).substr(0, equals))) {
      found.push_back(std::move(word));
    }
  }
  return found;
}

TargetResult scan_target(const TargetTexts& texts, const Judge& judge, Scratch& scratch) {
  Scan scan(judge, scratch);
  using Texts = std::set<std::string_view>;
  const Texts image_env(texts.image_env.begin(), texts.image_env.end());
  const Texts image_labels(texts.image_labels.begin(), texts.image_labels.end());
  for (std::size_t i = 0; i < scan.bounded("env", texts.env.size()); ++i) {
    const std::string_view entry = texts.env[i];
    if (image_env.count(entry) == 0) scan.text(field_of("env", entry), entry, true);
  }
  for (std::size_t i = 0; i < scan.bounded("label", texts.labels.size()); ++i) {
    const std::string_view entry = texts.labels[i];
    if (image_labels.count(entry) == 0) scan.text(field_of("label", entry), entry, false);
  }
  scan.line("entrypoint", joined(texts.entrypoint), {});
  scan.line("cmd", joined(texts.cmd), {});
  for (std::size_t i = 0; i < scan.bounded("history", texts.history.size()); ++i) {
    const TargetTexts::Step& step = texts.history[i];
    scan.line("history:" + std::to_string(i), without_environment(step.created_by, texts.env),
              step.layer);
  }
  return scan.take();
}

}  // namespace meridian::secrets
