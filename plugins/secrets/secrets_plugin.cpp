// SPDX-License-Identifier: Apache-2.0
#include "secrets_plugin.hpp"

#include <algorithm>
#include <utility>

#include "base64.hpp"
#include "inside.hpp"
#include "kube_secret.hpp"
#include "own_rules.hpp"
#include "target_scan.hpp"

namespace meridian::secrets {

namespace {

constexpr std::string_view kRuleFile = "secrets.json";
constexpr std::int64_t kDefaultMaxFileSize = 128 << 20;  // plugin.json says the same
constexpr std::uint64_t kMaxManifest = 4 << 20;          // Kubernetes keeps 1.5 MiB an object
constexpr std::string_view kKubeSecret = R"(kind["']?[ \t]{0,4}:[ \t]{0,4}["']?Secret)";

class FileReader final : public ByteReader {
 public:
  explicit FileReader(const File& file) : file_(file) {}
  std::uint64_t size() const override { return file_.size(); }
  Result<std::string> read(std::uint64_t offset, std::uint64_t size) override {
    return file_.window(offset, size);
  }

 private:
  const File& file_;
};

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
  archives_ = config.boolean("archives").value_or(true);
  exclude_ = config.texts("exclude").value_or(std::vector<std::string>());

  const auto text = data.file(kRuleFile);
  if (!text) {
    return Error(ErrorCode::kMissingData, "rules/" + std::string(kRuleFile) + " is not there");
  }
  auto rules = parse_rules(*text);
  if (!rules) return std::move(rules).error().in("rules/secrets.json");
  auto published = parse_published(*text);
  if (!published) return std::move(published).error().in("rules/secrets.json");
  const auto list = [&](std::string_view key) {
    return config.texts(key).value_or(std::vector<std::string>());
  };
  MERIDIAN_TRY(auto allow, parse_allowed(list("allow")));
  MERIDIAN_CHECK(add_own_rules(list("rules"), *rules));
  std::vector<std::string> ignored = list("ignore_values");
  ignored.insert(ignored.end(), published->begin(), published->end());
  auto made = Judge::create(*std::move(rules),
                            {.ignore_values = std::move(ignored),
                             .sample_paths = list("sample_paths"),
                             .package_paths = list("package_paths"),
                             .allow = std::move(allow)},
                            {[&](std::string_view name) { return data.kept(name); },
                             [&](std::string_view name, std::string_view bytes) {
                               static_cast<void>(data.keep(name, bytes));
                             }});
  if (!made) return std::move(made).error().in("rules/secrets.json");
  judge_ = *std::move(made);
  return check_own_samples(*judge_);
}

void SecretsPlugin::subscribe(Subscriptions& on) const {
  for (std::size_t i = 0; i < judge_->rules().size(); ++i) {
    const Rule& rule = judge_->rules()[i];
    if (!rule.own)
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
  on.rule({.id = std::string(kOwnRule),
           .severity = Severity::kHigh,
           .title = "Secret of a rule of your own",
           .help = "https://cwe.mitre.org/data/definitions/798.html"});
  on.layer_matches(
      {.pattern = std::string(kKubeSecret),
       .where = {.exclude = exclude_, .max_size = std::min(kMaxManifest, max_file_size_)},
       .context = 1},
      &SecretsPlugin::kube_secret);
  std::vector<std::string> packed = encoded_magic();
  if (archives_) {
    for (std::string& start : archive_magic()) packed.push_back(std::move(start));
    // With a start script in front.
    on.layer_files({.names = {"*.jar", "*.war", "*.ear"}, .exclude = exclude_, .magic = {"#!"}},
                   &SecretsPlugin::inside);
    on.layer_files({.names = {"*.tar"}, .exclude = exclude_, .min_size = 512},
                   &SecretsPlugin::inside);
  }
  on.layer_files({.exclude = exclude_, .magic = std::move(packed), .min_size = 4},
                 &SecretsPlugin::inside);
  on.layer_files({.exclude = exclude_, .min_size = max_file_size_ + 1}, &SecretsPlugin::too_large);
  on.image(&SecretsPlugin::image);
  on.container(&SecretsPlugin::container);
}

void SecretsPlugin::match(std::size_t rule, const Match& match, Unit& unit, LayerSink& out) const {
  const File file = match.file();
  const auto verdict = judge_->judge(
      rule, {file.path(), match.before(), match.bytes(), match.after()}, unit.scratch);
  if (!verdict || judge_->is_allowed(rule, file.path())) return;
  if (is_of_kube_secret(match, verdict->value, unit)) return;
  out.report({.rule = id_of(rule),
              .message = verdict->message,
              .at = match,
              .secret = verdict->value,
              .severity = verdict->severity,
              .confidence = verdict->confidence});
}

/// Base64 of a Kubernetes Secret's value, which kube_secret() looks into and tells decoded.
bool SecretsPlugin::is_of_kube_secret(const Match& match, std::string_view value,
                                      Unit& unit) const {
  const File file = match.file();
  // What was matched may be the value's beginning.
  const std::size_t at = std::string(match.bytes()).append(match.after()).find(value);
  if (at == std::string_view::npos || file.size() > kMaxManifest || !decode_base64(value)) {
    return false;
  }
  if (unit.asked != file.path()) {
    unit.asked = file.path();
    const auto text = file.content(kMaxManifest);
    unit.values = text ? kube_secret_values(*text) : std::vector<KubeValue>();
  }
  const std::uint64_t offset = match.offset() + at;
  const auto found =
      std::find_if(unit.values.begin(), unit.values.end(), [offset](const KubeValue& one) {
        return one.offset == offset || one.offset + 1 == offset;  // at its quote
      });
  if (found == unit.values.end()) return false;
  // What says nothing once decoded is told as it stands.
  const auto hits = judge_->search(found->key + '=' + found->value, true, unit.scratch);
  return hits && !hits->empty();
}

std::string_view SecretsPlugin::id_of(std::size_t rule) const {
  return judge_->rules()[rule].own ? kOwnRule : std::string_view(judge_->rules()[rule].id);
}

void SecretsPlugin::too_large(const File& file, LayerSink& out) const {
  out.gap(file.path(),
          Error(ErrorCode::kLimit, std::to_string(file.size()) + " bytes, max_file_size " +
                                       std::to_string(max_file_size_)));
}

void SecretsPlugin::inside(const File& file, Unit& unit, LayerSink& out) const {
  FileReader reader(file);
  const auto found = [&](std::string_view field, const Located& at) {
    const Verdict& verdict = at.hit.verdict;
    if (judge_->is_allowed(at.hit.rule, file.path())) return;
    out.report({.rule = id_of(at.hit.rule),
                .message = verdict.message,
                .file = file,
                .field = field,
                .line = at.line,
                .column = at.column,
                .offset = at.offset,
                .secret = verdict.value,
                .severity = verdict.severity,
                .confidence = verdict.confidence});
  };
  Inside(*judge_, unit.scratch, found, [&](const Error& why) {
    out.gap(file.path(), why);
  }).search(file.path(), reader);
}

// Once for a file, at the first Secret in it.
void SecretsPlugin::kube_secret(const Match& match, Unit& unit, LayerSink& out) const {
  const File file = match.file();
  if (unit.manifest == file.path()) return;
  unit.manifest = file.path();
  const auto text = file.content(kMaxManifest);
  if (!text) return out.gap(file.path(), text.error());
  for (const KubeValue& value : kube_secret_values(*text)) {
    const auto hits = judge_->search(value.key + '=' + value.value, true, unit.scratch);
    const std::string field = "data:" + value.key;
    if (!hits) {
      out.gap(file.path(), Error(hits.error()).in(field));
      continue;
    }
    for (const Hit& hit : *hits) {
      if (judge_->is_allowed(hit.rule, file.path())) continue;
      out.report({.rule = id_of(hit.rule),
                  .message = hit.verdict.message,
                  .file = file,
                  .field = field,
                  .line = value.line,
                  .column = value.column,
                  .offset = value.offset,
                  .secret = hit.verdict.value,
                  .severity = hit.verdict.severity,
                  .confidence = hit.verdict.confidence});
    }
  }
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
    if (judge_->is_allowed(finding.rule, finding.field)) continue;
    out.report({.rule = id_of(finding.rule),
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
