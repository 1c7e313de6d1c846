// SPDX-License-Identifier: Apache-2.0
#include "matcher.hpp"

#include <hs/hs.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <tuple>

namespace meridian::secrets {

namespace {

// Both run inside libhs, which no exception may cross: the room was reserved before.
int note_rule(unsigned id, unsigned long long, unsigned long long, unsigned, void* context) {
  auto& hits = *static_cast<std::vector<std::size_t>*>(context);
  hits.push_back(id);
  return 0;
}

struct SpanNotes {
  std::vector<Span>& spans;
  std::size_t rule;
  std::size_t first;  // of this rule's
};

// libhs reports every end, in order: of each begin the longest is kept, and nothing that overlaps
// what began before. At once, for a long run of hexadecimal digits is a match at each of them.
int note_span(unsigned, unsigned long long from, unsigned long long to, unsigned, void* context) {
  const auto& notes = *static_cast<SpanNotes*>(context);
  std::vector<Span>& spans = notes.spans;
  const auto begin = static_cast<std::size_t>(from);
  while (spans.size() > notes.first && spans.back().begin > begin) spans.pop_back();
  if (spans.size() > notes.first && begin < spans.back().end) {
    if (begin == spans.back().begin) spans.back().end = static_cast<std::size_t>(to);
    return 0;
  }
  if (spans.size() == Matcher::kMaxSpans) return 1;
  spans.push_back({notes.rule, begin, static_cast<std::size_t>(to)});
  return 0;
}

}  // namespace

Scratch::Scratch() = default;
Scratch::~Scratch() = default;
void Scratch::Free::operator()(hs_scratch* scratch) const { hs_free_scratch(scratch); }
void Matcher::Free::operator()(hs_database* database) const { hs_free_database(database); }

Matcher::Matcher(const std::vector<Rule>& rules) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules[i];
    auto located = std::make_unique<Located>();
    located->id = rule.id;
    located->pattern = rule.pattern;
    located->caseless = rule.caseless;
    located_.push_back(std::move(located));
    (rule.paths.empty() && rule.names.empty() ? wide_ : narrow_).rules.push_back(i);
    if (rule.binary) binary_.rules.push_back(i);
  }
}

Result<const hs_database*> Matcher::located(std::size_t rule) const {
  const Located& one = *located_[rule];
  std::call_once(one.once, [&one] {
    const unsigned flags = HS_FLAG_SOM_LEFTMOST | (one.caseless ? HS_FLAG_CASELESS : 0u);
    hs_database_t* database = nullptr;
    hs_compile_error_t* failure = nullptr;
    hs_compile(one.pattern.c_str(), flags, HS_MODE_BLOCK, nullptr, &database, &failure);
    one.database.reset(database);
    if (failure != nullptr) hs_free_compile_error(failure);
  });
  if (!one.database) {
    return Error(ErrorCode::kUnsupported, "pattern '" + one.pattern + "' cannot be located");
  }
  return one.database.get();
}

Result<const hs_database*> Matcher::of(const Group& group) const {
  std::call_once(group.once, [&] { group.database = compile(group); });
  if (!group.database) return group.database.error();
  return group.database->get();
}

Result<Matcher::Database> Matcher::compile(const Group& group) const {
  std::vector<const char*> patterns;
  std::vector<unsigned> flags, ids;
  for (const std::size_t rule : group.rules) {
    const Located& one = *located_[rule];
    patterns.push_back(one.pattern.c_str());
    flags.push_back(HS_FLAG_SINGLEMATCH | (one.caseless ? HS_FLAG_CASELESS : 0u));
    ids.push_back(static_cast<unsigned>(rule));
  }
  if (patterns.empty()) return Database();
  hs_database_t* database = nullptr;
  hs_compile_error_t* failure = nullptr;
  const hs_error_t status = hs_compile_multi(patterns.data(), flags.data(), ids.data(),
                                             static_cast<unsigned>(patterns.size()), HS_MODE_BLOCK,
                                             nullptr, &database, &failure);
  if (status == HS_SUCCESS) return Database(database);
  std::string message = "the patterns do not compile";
  if (failure != nullptr) {
    const int number = failure->expression;
    if (number >= 0 && static_cast<std::size_t>(number) < group.rules.size()) {
      message =
          "rule '" + located_[group.rules[static_cast<std::size_t>(number)]]->id + "': pattern";
    }
    message += std::string(": ") + failure->message;
    hs_free_compile_error(failure);
  }
  return Error(ErrorCode::kCorrupt, message);
}

// All that its compiled form depends on; libhs looks at the processor for itself.
std::string Matcher::name_of(const Group& group) const {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  const auto add = [&hash](std::string_view text) {
    for (const char letter : text) {
      hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
    }
  };
  add(hs_version());
  for (const std::size_t rule : group.rules) {
    const Located& one = *located_[rule];
    add('\n' + std::to_string(rule) + (one.caseless ? "i " : " ") + one.pattern);
  }
  return std::to_string(hash);
}

bool Matcher::take_up(const Group& group, const Shelf& shelf) const {
  const auto bytes = shelf.kept(name_of(group));
  hs_database_t* database = nullptr;
  if (!bytes || hs_deserialize_database(bytes->data(), bytes->size(), &database) != HS_SUCCESS) {
    return false;
  }
  Database owned(database);
  std::call_once(group.once, [&] { group.database = std::move(owned); });
  return true;
}

// Empty: there is nothing to keep.
std::string Matcher::bytes_of(const Group& group) const {
  const auto database = of(group);
  char* bytes = nullptr;
  std::size_t size = 0;
  if (!database || *database == nullptr ||
      hs_serialize_database(*database, &bytes, &size) != HS_SUCCESS) {
    return {};
  }
  const std::unique_ptr<char, void (*)(void*)> owned(bytes, &std::free);
  return {bytes, size};
}

Result<std::unique_ptr<Matcher>> Matcher::create(const std::vector<Rule>& rules,
                                                 const Shelf& shelf) {
  std::unique_ptr<Matcher> made(new Matcher(rules));
  bool all_kept = true;
  for (const Group* group : {&made->wide_, &made->narrow_, &made->binary_}) {
    if (shelf.kept && !group->rules.empty()) all_kept = made->take_up(*group, shelf) && all_kept;
  }
  MERIDIAN_CHECK(made->of(made->wide_));
  MERIDIAN_CHECK(made->of(made->narrow_));
  if (all_kept || !shelf.keep) return made;
  for (const Group* group : {&made->wide_, &made->narrow_, &made->binary_}) {
    const std::string bytes = made->bytes_of(*group);
    if (!bytes.empty()) shelf.keep(made->name_of(*group), bytes);
  }
  return made;
}

Result<std::vector<Span>> Matcher::find(std::string_view text, Scratch& scratch,
                                        const Wanted& wanted) const {
  if (text.size() > kMaxText) {
    return Error(ErrorCode::kLimit,
                 std::to_string(text.size()) + " bytes of text, limit " + std::to_string(kMaxText));
  }
  if (scratch.matcher_ != identity_) {
    scratch.matcher_ = identity_;
    scratch.fitted_.assign(located_.size() + 3, false);
  }
  const auto fit = [&scratch](const hs_database* database,
                              std::size_t number) -> Result<hs_scratch*> {
    if (scratch.fitted_[number]) return scratch.scratch_.get();
    hs_scratch_t* grown = scratch.scratch_.release();
    const hs_error_t status = hs_alloc_scratch(database, &grown);
    scratch.scratch_.reset(grown);
    if (status != HS_SUCCESS) {
      scratch.matcher_.reset();
      return Error(ErrorCode::kLimit, "no memory for the matcher");
    }
    scratch.fitted_[number] = true;
    return grown;
  };
  const auto checked = [](hs_error_t status) -> Result<void> {
    if (status == HS_SUCCESS) return {};
    if (status == HS_SCAN_TERMINATED) {
      return Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxSpans) + " matches");
    }
    return Error(ErrorCode::kException, "matcher: error " + std::to_string(status));
  };
  const auto size = static_cast<unsigned>(text.size());
  std::vector<std::size_t>& hits = scratch.hits_;
  hits.clear();
  hits.reserve(located_.size());  // each rule is told once
  const auto search = [&](const Group& group, std::size_t number) -> Result<void> {
    MERIDIAN_TRY(const hs_database* const database, of(group));
    if (database == nullptr) return {};
    MERIDIAN_TRY(hs_scratch* const working, fit(database, located_.size() + number));
    return checked(hs_scan(database, text.data(), size, 0, working, &note_rule, &hits));
  };
  if (wanted.binary) {
    MERIDIAN_CHECK(search(binary_, 0));
  } else {
    MERIDIAN_CHECK(search(wide_, 1));
    if (wanted.narrow) MERIDIAN_CHECK(search(narrow_, 2));
  }

  std::vector<Span>& all = scratch.spans_;
  all.clear();
  if (!hits.empty()) all.reserve(kMaxSpans);
  for (const std::size_t rule : hits) {
    if (wanted.rule && !wanted.rule(rule)) continue;
    MERIDIAN_TRY(const hs_database* const database, located(rule));
    MERIDIAN_TRY(hs_scratch* const working, fit(database, rule));
    SpanNotes notes{all, rule, all.size()};
    MERIDIAN_CHECK(checked(hs_scan(database, text.data(), size, 0, working, &note_span, &notes)));
  }
  std::vector<Span> kept(all);
  std::sort(kept.begin(), kept.end(), [](const Span& a, const Span& b) {
    return std::tie(a.begin, a.rule) < std::tie(b.begin, b.rule);
  });
  return kept;
}

}  // namespace meridian::secrets
