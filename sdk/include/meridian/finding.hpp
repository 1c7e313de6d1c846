// SPDX-License-Identifier: Apache-2.0
//
// finding.hpp: what a plugin reports, and the sinks that take it.
//
// Every call copies before it returns. A sink is valid for the callback it came with.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "abi/finding.h"
#include "failure.hpp"
#include "file.hpp"
#include "result.hpp"
#include "text.hpp"

namespace meridian {

enum class Severity : std::uint32_t { kUnknown, kInfo, kLow, kMedium, kHigh, kCritical };
enum class Confidence : std::uint32_t { kLow, kMedium, kHigh };

/// One claimed problem. Only `rule` is required.
struct Finding {
  std::string_view rule;                    // id declared with Subscriptions::rule
  std::string_view message = {};            // one sentence; never the secret itself
  std::optional<Match> at = {};             // gives path, line, column, offset
  std::optional<File> file = {};            // gives the path, where `at` does not
  std::string_view path = {};               // or the path itself
  std::string_view field = {};              // a place outside files: "env:NAME", "history:3"
  std::uint64_t line = 0, column = 0;       // from 1, where `at` does not give them; 0: none
  std::uint64_t offset = 0;                 // the same; orders findings of one line
  std::string_view evidence = {};           // shown to people as it is, escaped
  std::string_view secret = {};             // redacted and hashed by the host, never shown
  std::string_view detail = {};             // a JSON object with a "kind"
  std::string_view remediation = {};        // what to do about it, one sentence
  std::optional<std::uint32_t> layer = {};  // in target callbacks: which layer is meant
  Severity severity = Severity::kUnknown;   // kUnknown: as the rule declares
  Confidence confidence = Confidence::kMedium;
};

/// Takes findings, facts and gaps of one unit: a layer or a target.
class Sink {
 public:
  explicit Sink(const meridian_sink* sink) : sink_(sink) {}

  /// A result of kLimit (cap reached; the host has noted the gap) may be ignored: go on or stop.
  void report(const Finding& finding) const {
    meridian_finding record{};
    record.struct_size = sizeof record;
    record.confidence = static_cast<meridian_confidence>(finding.confidence);
    record.severity = static_cast<meridian_severity>(finding.severity);
    record.rule = lend(finding.rule);
    record.message = lend(finding.message);
    record.path = lend(finding.path);
    record.field = lend(finding.field);
    record.line = finding.line;
    record.column = finding.column;
    record.offset = finding.offset;
    if (finding.file) record.path = lend(finding.file->path());
    if (finding.at) {
      record.path = lend(finding.at->file().path());
      record.line = finding.at->line();
      record.column = finding.at->column();
      record.offset = finding.at->offset();
    }
    record.evidence = lend(finding.evidence);
    record.secret = lend(finding.secret);
    record.detail = lend(finding.detail);
    record.remediation = lend(finding.remediation);
    record.layer_index = finding.layer ? static_cast<std::int32_t>(*finding.layer) : -1;
    sink_->report(sink_->impl, &record);
  }

  /// Keeps up to 64 KiB under `key`, with the layer or target; read again in finish_target.
  void fact(std::string_view key, std::string_view value, std::string_view path = {}) const {
    sink_->fact(sink_->impl, lend(key), lend(path), lend(value));
  }

  /// "Could not look at `path`", and why.
  void gap(std::string_view path, const Error& why) const {
    sink_->gap(sink_->impl, Failure::problem_of(why.code()), lend(path), lend(why.message()));
  }

 private:
  const meridian_sink* sink_;
};

/// The same three calls; the type says what the results are kept with.
class LayerSink : public Sink {
  using Sink::Sink;
};
class TargetSink : public Sink {
  using Sink::Sink;
};

}  // namespace meridian
