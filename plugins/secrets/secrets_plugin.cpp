// SPDX-License-Identifier: Apache-2.0
#include "secrets_plugin.hpp"

#include <algorithm>
#include <utility>

#include "target_scan.hpp"

namespace meridian::secrets {

namespace {

constexpr std::string_view kRuleFile = "secrets.json";
constexpr std::int64_t kDefaultMaxFileSize = 8 << 20;  // plugin.json says the same
constexpr std::uint64_t kSniffed = 512;  // where the host looks for NUL to call a file binary

std::vector<std::string_view> views(Strings texts) {
  std::vector<std::string_view> result;
  for (const std::string_view text : texts) result.push_back(text);
  return result;
}

}  // namespace

Result<void> SecretsPlugin::configure(const Config& config, const RuleData& data) {
  const std::int64_t size = config.integer("max_file_size").value_or(kDefaultMaxFileSize);
  if (size < 1) {
    return Error(ErrorCode::kInvalid, "max_file_size is " + std::to_string(size) + ", at least 1");
  }
  max_file_size_ = static_cast<std::uint64_t>(size);
  exclude_ = config.texts("exclude").value_or(std::vector<std::string>());

  const auto text = data.file(kRuleFile);
  if (!text) {
    return Error(ErrorCode::kMissingData, "rules/" + std::string(kRuleFile) + " is not there");
  }
  auto rules = parse_rules(*text);
  if (!rules) return std::move(rules).error().in("rules/secrets.json");
  const auto list = [&](std::string_view key) {
    return config.texts(key).value_or(std::vector<std::string>());
  };
  auto made = Judge::create(*std::move(rules), {.ignore_values = list("ignore_values"),
                                                .sample_paths = list("sample_paths"),
                                                .package_paths = list("package_paths")});
  if (!made) return std::move(made).error().in("rules/secrets.json");
  judge_ = *std::move(made);
  return {};
}

void SecretsPlugin::subscribe(Subscriptions& on) const {
  for (std::size_t i = 0; i < judge_->rules().size(); ++i) {
    const Rule& rule = judge_->rules()[i];
    on.rule({.id = rule.id, .severity = rule.severity, .title = rule.title, .help = rule.help});
    if (rule.scope != Rule::Scope::kContent) continue;
    Files where{.paths = rule.paths, .names = rule.names, .exclude = rule.exclude};
    where.exclude.insert(where.exclude.end(), exclude_.begin(), exclude_.end());
    where.max_size = rule.max_size == 0 ? max_file_size_ : std::min(rule.max_size, max_file_size_);
    where.binary = rule.binary;
    on.layer_matches({.pattern = rule.pattern,
                      .where = std::move(where),
                      .context = rule.context,
                      .caseless = rule.caseless},
                     [this, i](const Match& match, Unit& unit, LayerSink& out) {
                       this->match(i, match, unit, out);
                     });
  }
  on.layer_files({.exclude = exclude_, .min_size = max_file_size_ + 1}, &SecretsPlugin::too_large);
  on.image(&SecretsPlugin::image);
  on.container(&SecretsPlugin::container);
}

void SecretsPlugin::match(std::size_t rule, const Match& match, Unit& unit, LayerSink& out) const {
  const File file = match.file();
  const auto verdict = judge_->judge(
      rule, {file.path(), match.before(), match.bytes(), match.after()}, unit.scratch);
  if (!verdict) return;
  out.report({.rule = judge_->rules()[rule].id,
              .message = verdict->message,
              .at = match,
              .secret = verdict->value,
              .severity = verdict->severity,
              .confidence = verdict->confidence});
}

// A text that is too large is a gap. A binary file is not: nearly all rules leave it out anyway,
// and every image has some of that size.
void SecretsPlugin::too_large(const File& file, LayerSink& out) const {
  const auto start = file.window(0, kSniffed);
  if (!start) return out.gap(file.path(), start.error());
  if (start->find('\0') != std::string::npos) return;
  out.gap(file.path(),
          Error(ErrorCode::kLimit, std::to_string(file.size()) + " bytes, max_file_size " +
                                       std::to_string(max_file_size_)));
}

void SecretsPlugin::image(const Target& target, Unit& unit, TargetSink& out) const {
  report(target, false, unit, out);
}

void SecretsPlugin::container(const Target& target, Unit& unit, TargetSink& out) const {
  report(target, true, unit, out);
}

void SecretsPlugin::report(const Target& target, bool is_container, Unit& unit,
                           TargetSink& out) const {
  TargetTexts texts;
  texts.env = views(target.env());
  texts.labels = views(target.labels());
  texts.entrypoint = views(target.entrypoint());
  texts.cmd = views(target.cmd());
  if (is_container) {
    texts.image_env = views(target.image_env());
    texts.image_labels = views(target.image_labels());
  } else {
    for (std::size_t i = 0; i < target.history_size(); ++i) {
      const History step = target.history(i);
      texts.history.push_back({step.created_by(), {}});
      if (step.layer() >= 0) texts.history.back().layer = static_cast<std::uint32_t>(step.layer());
    }
  }
  const TargetResult result = scan_target(texts, *judge_, unit.scratch);
  for (const TargetFinding& finding : result.findings) {
    out.report({.rule = judge_->rules()[finding.rule].id,
                .message = finding.verdict.message,
                .field = finding.field,
                .secret = finding.verdict.value,
                .layer = finding.layer,
                .severity = finding.verdict.severity,
                .confidence = finding.verdict.confidence});
  }
  for (const TargetGap& gap : result.gaps) out.gap(gap.field, gap.why);
}

}  // namespace meridian::secrets
