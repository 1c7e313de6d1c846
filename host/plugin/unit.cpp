// SPDX-License-Identifier: Apache-2.0
#include "plugin/unit.hpp"

#include <algorithm>
#include <cstddef>
#include <ctime>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "meridian/failure.hpp"
#include "meridian/text.hpp"
#include "plugin/thread_role.hpp"

namespace meridian::plugin {

namespace {

finding::Severity severity_of(meridian_severity severity) {
  switch (severity) {
    case MERIDIAN_SEVERITY_INFO:
      return finding::Severity::kInfo;
    case MERIDIAN_SEVERITY_LOW:
      return finding::Severity::kLow;
    case MERIDIAN_SEVERITY_MEDIUM:
      return finding::Severity::kMedium;
    case MERIDIAN_SEVERITY_HIGH:
      return finding::Severity::kHigh;
    case MERIDIAN_SEVERITY_CRITICAL:
      return finding::Severity::kCritical;
    default:
      return finding::Severity::kUnknown;
  }
}

finding::Confidence confidence_of(meridian_confidence confidence) {
  switch (confidence) {
    case MERIDIAN_CONFIDENCE_LOW:
      return finding::Confidence::kLow;
    case MERIDIAN_CONFIDENCE_HIGH:
      return finding::Confidence::kHigh;
    default:
      return finding::Confidence::kMedium;
  }
}

std::string cut(meridian_str text, std::size_t limit) {
  const std::string_view bytes = view(text);
  return std::string(bytes.substr(0, std::min(bytes.size(), limit)));
}

std::string cut_text(meridian_str text, std::size_t limit) { return fit_text(view(text), limit); }

meridian_status status_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kTaken:
      return MERIDIAN_OK;
    case Verdict::kLimit:
      return MERIDIAN_LIMIT;
    case Verdict::kRefused:
      break;
  }
  return MERIDIAN_FAILED;
}

finding::GapKind kind_of(meridian_problem problem) {
  return finding::gap_kind(Failure::code_of(problem));
}

constexpr std::uint64_t kNanoseconds = 1000;  // of a microsecond

/// Nanoseconds that this thread had of a processor.
std::uint64_t processor_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace

/// The C sink of one callback: copies and cuts; what is accepted says acceptance.hpp.
class PluginUnit::Sink {
 public:
  explicit Sink(PluginUnit& unit) : unit_(unit) {
    record_.struct_size = sizeof record_;
    record_.impl = this;
    record_.report = &Sink::report;
    record_.fact = &Sink::fact;
    record_.gap = &Sink::gap;
  }
  const meridian_sink* get() const { return &record_; }

 private:
  static meridian_status report(void* impl, const meridian_finding* finding);
  static meridian_status fact(void* impl, meridian_str key, meridian_str path, meridian_str value);
  static meridian_status gap(void* impl, meridian_problem problem, meridian_str path,
                             meridian_str message);

  /// Whether `function` was called where it may be; else it is noted.
  bool may(const char* function);

  PluginUnit& unit_;
  ThreadRole worker_;
  meridian_sink record_{};
};

bool PluginUnit::Sink::may(const char* function) {
  auto role = worker_.check(function);
  if (role) return true;
  unit_.gap({finding::GapKind::kProtocol, "", "", "", role.error().message(), "", ""});
  return false;
}

meridian_status PluginUnit::Sink::report(void* impl, const meridian_finding* record) {
  if (!static_cast<Sink*>(impl)->may("report")) return MERIDIAN_FAILED;
  PluginUnit& unit = static_cast<Sink*>(impl)->unit_;
  // A plugin of an earlier SDK ends its record before the remediation.
  if (record == nullptr || record->struct_size < offsetof(meridian_finding, remediation)) {
    return MERIDIAN_FAILED;
  }
  finding::RawFinding raw;
  raw.rule = cut(record->rule, 64);
  raw.severity = severity_of(record->severity);
  raw.confidence = confidence_of(record->confidence);
  raw.message = cut_text(record->message, limits::kMaxText);
  raw.path = cut(record->path, limits::kMaxPath);
  raw.field = cut_text(record->field, limits::kMaxText);
  raw.line = record->line;
  raw.column = record->column;
  raw.offset = record->offset;
  raw.evidence = cut(record->evidence, limits::kMaxEvidence);
  raw.secret = cut(record->secret, limits::kMaxSecret);
  raw.detail = cut(record->detail, limits::kMaxDetail);
  raw.layer_index = record->layer_index;
  if (record->struct_size >= sizeof(meridian_finding)) {
    raw.remediation = cut_text(record->remediation, limits::kMaxText);
  }
  const std::lock_guard lock(unit.mutex_);
  return status_of(unit.accepted_.finding(std::move(raw)));
}

meridian_status PluginUnit::Sink::fact(void* impl, meridian_str key, meridian_str path,
                                       meridian_str value) {
  if (!static_cast<Sink*>(impl)->may("fact")) return MERIDIAN_FAILED;
  PluginUnit& unit = static_cast<Sink*>(impl)->unit_;
  // A byte past the limit is enough to be refused, and no more is copied.
  finding::RawFact raw{cut(key, 128), cut(path, limits::kMaxPath + 1),
                       cut(value, limits::kMaxFactBytes + 1)};
  const std::lock_guard lock(unit.mutex_);
  return status_of(unit.accepted_.fact(std::move(raw)));
}

meridian_status PluginUnit::Sink::gap(void* impl, meridian_problem problem, meridian_str path,
                                      meridian_str message) {
  if (!static_cast<Sink*>(impl)->may("gap")) return MERIDIAN_FAILED;
  static_cast<Sink*>(impl)->unit_.gap({kind_of(problem), "", "", cut(path, limits::kMaxPath),
                                       cut_text(message, limits::kMaxText), "", ""});
  return MERIDIAN_OK;
}

PluginUnit::PluginUnit(const LoadedPlugin& plugin) : plugin_(plugin), accepted_(plugin.facts()) {
  begun_ = true;  // so that run() calls
  bool made = false;
  run("unit_begin", "", [&](const meridian_sink*, meridian_failure* failure) {
    const meridian_status status = plugin_.api().unit_begin(plugin_.instance(), &state_, failure);
    made = status == MERIDIAN_OK;
    return status;
  });
  begun_ = made;
}

PluginUnit::~PluginUnit() { end(); }

template <typename Call>
void PluginUnit::run(const char* operation, std::string_view subject, Call&& call) {
  if (!begun_) return;
  Sink sink(*this);
  Failure failure;
  const std::uint64_t start = processor_time();
  // What a plugin without the SDK's fence throws ends the process while its callback is named.
  const meridian_status status = [&]() noexcept { return call(sink.get(), failure.get()); }();
  spent_ += processor_time() - start;
  const std::lock_guard lock(mutex_);
  accepted_.count_call(std::exchange(spent_, spent_ % kNanoseconds) / kNanoseconds);
  if (status == MERIDIAN_OK || status == MERIDIAN_NOT_APPLICABLE) return;
  if (status == MERIDIAN_CANCELLED) return;  // the scan is ending and says so itself
  const Error error = failure.error(status);
  const std::string reason = std::string(operation) + ": " + base::escape(error.message());
  const finding::GapKind kind = finding::gap_kind(error.code());
  accepted_.gap({kind, "", "", std::string(subject), reason, "", ""});
  accepted_.failed(kind, subject.empty() ? reason : "'" + base::escape(subject) + "': " + reason);
}

void PluginUnit::file(std::uint32_t index, FileView& file) {
  const std::uint32_t number = plugin_.subscriptions().files[index].number;
  run("layer_file", file.path().text(), [&](const meridian_sink* sink, meridian_failure* failure) {
    return plugin_.api().layer_file(plugin_.instance(), state_, number, file.record(), sink,
                                    failure);
  });
  file.end_call();
}

void PluginUnit::match(FileView& file, const Hit& hit) {
  meridian_match record{};
  record.struct_size = sizeof record;
  record.pattern = plugin_.subscriptions().patterns[hit.pattern.index].number;
  record.file = file.record();
  record.offset = hit.offset;
  record.bytes = lend(hit.bytes);
  record.before = lend(hit.before);
  record.after = lend(hit.after);
  record.line = hit.line;
  record.column = hit.column;
  run("layer_match", file.path().text(), [&](const meridian_sink* sink, meridian_failure* failure) {
    return plugin_.api().layer_match(plugin_.instance(), state_, &record, sink, failure);
  });
  file.end_call();
}

void PluginUnit::layer_done(const model::Layer& layer) {
  if (!plugin_.subscriptions().layer_done) return;
  const meridian_layer record = TargetView::layer_record(layer, 0);
  run("layer_done", "", [&](const meridian_sink* sink, meridian_failure* failure) {
    return plugin_.api().layer_done(plugin_.instance(), state_, &record, sink, failure);
  });
}

void PluginUnit::target(TargetView& target) {
  for (const auto& [number, kind] : plugin_.subscriptions().targets) {
    if (kind != target.kind()) continue;
    run("target", "", [&, wanted = number](const meridian_sink* sink, meridian_failure* failure) {
      return plugin_.api().target(plugin_.instance(), state_, wanted, target.record(), sink,
                                  failure);
    });
    end_call(target);
  }
}

void PluginUnit::merged_file(std::uint32_t index, TargetView& target, FileView& file) {
  const std::uint32_t number = plugin_.subscriptions().merged[index].number;
  run("merged_file", file.path().text(), [&](const meridian_sink* sink, meridian_failure* failure) {
    return plugin_.api().merged_file(plugin_.instance(), state_, number, target.record(),
                                     file.record(), sink, failure);
  });
  file.end_call();
  end_call(target);
}

void PluginUnit::target_done(TargetView& target, const std::vector<FactView>& facts) {
  const Subscriptions& wishes = plugin_.subscriptions();
  if (!wishes.target_done) return;
  if (target.kind() == MERIDIAN_TARGET_HOST && !wishes.wants_hosts()) return;
  std::vector<meridian_fact> records;
  records.reserve(facts.size());
  for (const FactView& fact : facts) {
    records.push_back({sizeof(meridian_fact), fact.layer_index, fact.visible ? 1u : 0u, 0,
                       lend(fact.plugin), lend(fact.key), lend(fact.path), lend(fact.value)});
  }
  std::vector<const meridian_fact*> pointers;
  pointers.reserve(records.size());
  for (const meridian_fact& record : records) pointers.push_back(&record);
  const meridian_facts list{pointers.data(), pointers.size()};
  run("target_done", "", [&](const meridian_sink* sink, meridian_failure* failure) {
    return plugin_.api().target_done(plugin_.instance(), state_, target.record(), &list, sink,
                                     failure);
  });
  end_call(target);
}

void PluginUnit::end_call(TargetView& target) {
  const auto* const gaps = target.process_gaps();
  if (gaps != nullptr && !std::exchange(process_gaps_noted_, true)) {
    for (const model::ProcessGap& one : *gaps) {
      gap({finding::gap_kind(one.error.code()), "", "", one.path, one.error.message(), one.mend,
           ""});
    }
  }
  target.end_call();
}

void PluginUnit::shown(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  accepted_.count_file(bytes);
}

void PluginUnit::gap(finding::Gap gap) {
  const std::lock_guard lock(mutex_);
  accepted_.gap(std::move(gap));
}

void PluginUnit::end() {
  if (!begun_) return;
  run("unit_end", "", [&](const meridian_sink*, meridian_failure* failure) {
    return plugin_.api().unit_end(plugin_.instance(), state_, failure);
  });
  begun_ = false;
}

finding::UnitOutput PluginUnit::finish() {
  end();
  const std::lock_guard lock(mutex_);
  return accepted_.take();
}

finding::UnitOutput PluginUnit::take() {
  const std::lock_guard lock(mutex_);
  return accepted_.take();
}

bool PluginUnit::has_news() const {
  const std::lock_guard lock(mutex_);
  const finding::UnitOutput& output = accepted_.output();
  return !output.findings.empty() || !output.facts.empty() || !output.gaps.empty();
}

finding::UnitOutput PluginUnit::snapshot() const {
  const std::lock_guard lock(mutex_);
  return accepted_.output();
}

}  // namespace meridian::plugin
