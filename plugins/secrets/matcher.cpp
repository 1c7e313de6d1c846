// SPDX-License-Identifier: Apache-2.0
#include "matcher.hpp"

#include <hs/hs.h>

#include <algorithm>
#include <string>
#include <tuple>

namespace meridian::secrets {

namespace {

// Runs inside libhs, which no exception may cross: the room was reserved before.
int note(unsigned id, unsigned long long from, unsigned long long to, unsigned, void* context) {
  auto& spans = *static_cast<std::vector<Span>*>(context);
  if (spans.size() == Matcher::kMaxSpans) return 1;
  spans.push_back({id, static_cast<std::size_t>(from), static_cast<std::size_t>(to)});
  return 0;
}

}  // namespace

Scratch::Scratch() = default;
Scratch::~Scratch() = default;
void Scratch::Free::operator()(hs_scratch* scratch) const { hs_free_scratch(scratch); }
void Matcher::Free::operator()(hs_database* database) const { hs_free_database(database); }

Result<std::unique_ptr<Matcher>> Matcher::create(const std::vector<Rule>& rules) {
  std::vector<const char*> patterns;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  for (const Rule& rule : rules) {
    patterns.push_back(rule.pattern.c_str());
    flags.push_back(HS_FLAG_SOM_LEFTMOST | (rule.caseless ? HS_FLAG_CASELESS : 0u));
    ids.push_back(static_cast<unsigned>(ids.size()));
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* failure = nullptr;
  const hs_error_t status = hs_compile_multi(patterns.data(), flags.data(), ids.data(),
                                             static_cast<unsigned>(patterns.size()), HS_MODE_BLOCK,
                                             nullptr, &database, &failure);
  if (status == HS_SUCCESS) return std::unique_ptr<Matcher>(new Matcher(database));
  std::string message = "the patterns do not compile";
  if (failure != nullptr) {
    const int number = failure->expression;
    if (number >= 0 && static_cast<std::size_t>(number) < rules.size()) {
      message = "rule '" + rules[static_cast<std::size_t>(number)].id + "': pattern";
    }
    message += std::string(": ") + failure->message;
    hs_free_compile_error(failure);
  }
  return Error(ErrorCode::kCorrupt, message);
}

Result<std::vector<Span>> Matcher::find(std::string_view text, Scratch& scratch) const {
  if (text.size() > kMaxText) {
    return Error(ErrorCode::kLimit,
                 std::to_string(text.size()) + " bytes of text, limit " + std::to_string(kMaxText));
  }
  if (!scratch.scratch_) {
    hs_scratch_t* made = nullptr;
    if (hs_alloc_scratch(database_.get(), &made) != HS_SUCCESS) {
      return Error(ErrorCode::kLimit, "no memory for the matcher");
    }
    scratch.scratch_.reset(made);
    scratch.spans_.reserve(kMaxSpans);
  }
  std::vector<Span>& all = scratch.spans_;
  all.clear();
  const hs_error_t status =
      hs_scan(database_.get(), text.data(), static_cast<unsigned>(text.size()), 0,
              scratch.scratch_.get(), &note, &all);
  if (status == HS_SCAN_TERMINATED) {
    return Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxSpans) + " matches");
  }
  if (status != HS_SUCCESS) {
    return Error(ErrorCode::kException, "matcher: error " + std::to_string(status));
  }
  // libhs reports every end: keep the longest of each begin, then drop what overlaps.
  std::sort(all.begin(), all.end(), [](const Span& a, const Span& b) {
    return std::tie(a.rule, a.begin, b.end) < std::tie(b.rule, b.begin, a.end);
  });
  std::vector<Span> kept;
  for (const Span& span : all) {
    if (kept.empty() || kept.back().rule != span.rule || span.begin >= kept.back().end) {
      kept.push_back(span);
    }
  }
  std::sort(kept.begin(), kept.end(), [](const Span& a, const Span& b) {
    return std::tie(a.begin, a.rule) < std::tie(b.begin, b.rule);
  });
  return kept;
}

}  // namespace meridian::secrets
