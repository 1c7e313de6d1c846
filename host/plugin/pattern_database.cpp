// SPDX-License-Identifier: Apache-2.0
#include "plugin/pattern_database.hpp"

#include <charconv>
#include <climits>
#include <cstdlib>

#include "base/escape.hpp"

namespace meridian::plugin {
namespace {

constexpr std::size_t kShownExpression = 200;

unsigned flags_of(bool caseless) { return caseless ? HS_FLAG_CASELESS : 0u; }

struct FreeCompileError {
  void operator()(hs_compile_error_t* error) const { hs_free_compile_error(error); }
};
using CompileError = std::unique_ptr<hs_compile_error_t, FreeCompileError>;

/// Without the full stop of the library's sentences.
std::string words_of(const CompileError& error) {
  std::string words = error != nullptr && error->message != nullptr ? error->message : "refused";
  while (!words.empty() && words.back() == '.') words.pop_back();
  return words;
}

}  // namespace

std::string library_flaw(std::string_view version) {
#if defined(__x86_64__)
  // Hyperscan ends with 5.4.2; Vectorscan goes on from there. 5.4.9 was seen to lose matches; fixes
  // of that kind go up to 5.4.13 (github.com/VectorCamp/vectorscan, issue 317, pulls 368 and 378).
  constexpr std::string_view kLine = "5.4.";
  int patch = 0;
  if (version.substr(0, kLine.size()) == kLine)
    std::from_chars(version.data() + kLine.size(), version.data() + version.size(), patch);
  if (patch > 2 && patch < 13)
    return "libhs " + std::string(version.substr(0, version.find(' '))) +
           " is a Vectorscan that loses matches on this processor: install Hyperscan "
           "(libhyperscan5)";
#endif
  static_cast<void>(version);
  return {};
}

Error bad_expression(std::string_view expression, std::string_view words) {
  std::string shown = base::escape(expression.substr(0, kShownExpression));
  if (expression.size() > kShownExpression) shown += "...";
  return Error(ErrorCode::kInvalid, "expression '" + shown + "': " + std::string(words));
}

Result<Database> compile_database(const std::vector<DatabaseEntry>& entries, unsigned mode) {
  std::vector<const char*> expressions;
  std::vector<unsigned> flags, ids;
  for (const DatabaseEntry& entry : entries) {
    expressions.push_back(entry.expression);
    flags.push_back(flags_of(entry.caseless));
    ids.push_back(entry.id);
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* raw_error = nullptr;
  const hs_error_t code =
      hs_compile_multi(expressions.data(), flags.data(), ids.data(),
                       static_cast<unsigned>(entries.size()), mode, nullptr, &database, &raw_error);
  Database owned(database);
  const CompileError error(raw_error);
  if (code == HS_SUCCESS) return owned;
  if (error != nullptr && error->expression >= 0)
    return bad_expression(expressions[static_cast<std::size_t>(error->expression)],
                          words_of(error));
  return Error(ErrorCode::kInvalid, "patterns: " + words_of(error));
}

Result<Width> expression_width(const char* expression, bool caseless) {
  hs_expr_info_t* raw_info = nullptr;
  hs_compile_error_t* raw_error = nullptr;
  const hs_error_t code = hs_expression_info(expression, flags_of(caseless), &raw_info, &raw_error);
  const CompileError error(raw_error);
  if (code != HS_SUCCESS) return bad_expression(expression, words_of(error));
  const Width width{raw_info->min_width, raw_info->max_width, raw_info->max_width == UINT_MAX};
  std::free(raw_info);  // NOLINT: allocated by the library with malloc (hs_set_misc_allocator)
  return width;
}

Result<void> Scratch::fit(const hs_database_t* database) {
  if (const hs_error_t code = hs_alloc_scratch(database, &scratch_); code != HS_SUCCESS)
    return Error(ErrorCode::kLimit,
                 "pattern matcher: no scratch memory (" + std::to_string(code) + ")");
  return {};
}

Result<void> check_scan(hs_error_t error) {
  if (error == HS_SUCCESS || error == HS_SCAN_TERMINATED) return {};
  return Error(ErrorCode::kUnsupported,
               "pattern matcher: scan failed (" + std::to_string(error) + ")");
}

}  // namespace meridian::plugin
