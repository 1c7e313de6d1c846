// SPDX-License-Identifier: Apache-2.0
#include "plugin/matcher.hpp"

#include <algorithm>
#include <map>

#include "plugin/database_shelf.hpp"
#include "plugin/matcher_tables.hpp"

namespace meridian::plugin {
namespace {

/// Equal conditions give equal keys.
std::string key_of(const FileFilter& filter) {
  std::string key = std::to_string(filter.mode_any) + ' ' + std::to_string(filter.min_size) + ' ' +
                    std::to_string(filter.max_size);
  for (const auto* list : {&filter.paths, &filter.names, &filter.exclude, &filter.magic}) {
    key += '/';
    for (const std::string& text : *list) key += std::to_string(text.size()) + ':' + text;
  }
  return key;
}

class Builder {
 public:
  Builder(Matcher::What what, DatabaseShelf* shelf) : what_(what), shelf_(shelf) {}

  Result<void> add(std::uint32_t plugin, const Subscriptions& wishes) {
    tables_.files.emplace_back();
    tables_.patterns.emplace_back();
    for (std::uint32_t i = 0; i < wishes.files.size(); ++i) {
      auto number = filter(wishes.files[i].where);
      if (!number) return std::move(number).error().in(name(plugin, "files", i));
      tables_.files.back().push_back(*number);
      tables_.filters[*number].files.push_back({plugin, i});
    }
    for (std::uint32_t i = 0; i < wishes.patterns.size(); ++i) {
      auto added = add_pattern(plugin, i, wishes.patterns[i]);
      if (!added) return std::move(added).error().in(name(plugin, "pattern", i));
    }
    return {};
  }

  Result<MatcherTables> finish() {
    if (what_ == Matcher::What::kNames) return std::move(tables_);
    std::vector<DatabaseEntry> wide, narrow, runs, binary, unbounded;
    for (std::uint32_t id = 0; id < tables_.expressions.size(); ++id) {
      const LocatedExpression& expression = *tables_.expressions[id];
      const DatabaseEntry entry{id, expression.text().c_str(), expression.caseless()};
      (asked_[id].widely ? wide : narrow).push_back(entry);
      if (!expression.bounded()) unbounded.push_back(entry);
      if (asked_[id].of_binary) (expression.in_printable_runs() ? runs : binary).push_back(entry);
    }
    for (auto& plugin : tables_.patterns)
      for (PatternTarget& target : plugin) {
        target.narrow = !asked_[target.expression].widely;
        target.runs = tables_.expressions[target.expression]->in_printable_runs();
      }
    MERIDIAN_TRY(tables_.wide, compile(wide));
    MERIDIAN_TRY(tables_.narrow, compile(narrow));
    MERIDIAN_TRY(tables_.runs, compile(runs));
    tables_.all_binary = binary.size() == tables_.expressions.size();
    if (!tables_.all_binary) {
      MERIDIAN_TRY(tables_.binary, compile(binary));
    }
    if (!unbounded.empty())
      tables_.unbounded.stream = std::make_unique<StreamDatabase>(std::move(unbounded));
    return std::move(tables_);
  }

 private:
  static std::string name(std::uint32_t plugin, const char* kind, std::uint32_t index) {
    return "plugin " + std::to_string(plugin) + ", " + kind + ' ' + std::to_string(index);
  }

  Result<SharedDatabase> compile(const std::vector<DatabaseEntry>& entries) const {
    SharedDatabase made;
    if (entries.empty()) return made;
    if (shelf_ == nullptr) {
      MERIDIAN_TRY(made.block, compile_database(entries, HS_MODE_BLOCK));
      made.stream = std::make_unique<StreamDatabase>(entries);
    } else {
      MERIDIAN_TRY(made.block, shelf_->get(entries, HS_MODE_BLOCK));
      MERIDIAN_TRY(auto stream, shelf_->get(entries, HS_MODE_STREAM));
      made.stream = std::make_unique<StreamDatabase>(std::move(stream));
    }
    return made;
  }

  Result<std::uint32_t> filter(const FileFilter& where) {
    const auto next = static_cast<std::uint32_t>(tables_.filters.size());
    const auto [known, is_new] = filters_.emplace(key_of(where), next);
    if (is_new) {
      MERIDIAN_TRY(auto path, PathFilter::compile(where));
      tables_.filters.push_back({std::move(path), where.magic, {}, {}});
    }
    return known->second;
  }

  Result<void> add_pattern(std::uint32_t plugin, std::uint32_t index,
                           const PatternSubscription& pattern) {
    MERIDIAN_TRY(const auto where, filter(pattern.where));
    tables_.filters[where].patterns.push_back({plugin, index});
    if (what_ == Matcher::What::kNames) return {};
    const auto next = static_cast<std::uint32_t>(tables_.expressions.size());
    const auto [known, is_new] =
        expressions_.emplace(std::pair(pattern.expression, pattern.caseless), next);
    if (is_new) {
      MERIDIAN_TRY(auto made, LocatedExpression::create(pattern.expression, pattern.caseless));
      tables_.expressions.push_back(std::move(made));
      asked_.emplace_back();
    }
    const std::uint32_t expression = known->second;
    const FileFilter& files = pattern.where;
    if (pattern.binary) asked_[expression].of_binary = true;
    if (files.paths.empty() && files.names.empty() && files.magic.empty())
      asked_[expression].widely = true;
    tables_.patterns.back().push_back(
        {where, expression, pattern.binary, !pattern.where.magic.empty(), false, false,
         std::min<std::uint32_t>(pattern.context, limits::kMaxContext)});
    return {};
  }

  Matcher::What what_;
  DatabaseShelf* shelf_;
  MatcherTables tables_;
  std::map<std::string, std::uint32_t> filters_;
  std::map<std::pair<std::string, bool>, std::uint32_t> expressions_;
  struct Asked {
    bool of_binary = false, widely = false;
  };
  std::vector<Asked> asked_;  // of each expression
};

/// Each filter gives its own in order; the whole is in order again.
void append(std::vector<SubscriptionRef>& all, const std::vector<SubscriptionRef>& more) {
  const auto middle = static_cast<std::ptrdiff_t>(all.size());
  all.insert(all.end(), more.begin(), more.end());
  if (middle > 0 && middle < static_cast<std::ptrdiff_t>(all.size()) &&
      all[static_cast<std::size_t>(middle)] < all[static_cast<std::size_t>(middle - 1)])
    std::inplace_merge(all.begin(), all.begin() + middle, all.end());
}

}  // namespace

bool SharedFilter::starts_right(std::string_view head) const {
  return magic.empty() || std::any_of(magic.begin(), magic.end(), [&](const std::string& start) {
           return head.substr(0, start.size()) == start;
         });
}

Result<const hs_database_t*> StreamDatabase::get() const {
  std::call_once(compiled_, [this] {
    if (!entries_.empty()) database_ = compile_database(entries_, HS_MODE_STREAM);
  });
  if (!database_) return database_.error();
  return database_->get();
}

struct Matcher::State {
  MatcherTables tables;
};

Matcher::Matcher(std::unique_ptr<State> state) : state_(std::move(state)) {}
Matcher::~Matcher() = default;

Result<std::unique_ptr<Matcher>> Matcher::compile(const std::vector<const Subscriptions*>& plugins,
                                                  What what, DatabaseShelf* shelf) {
  Builder builder(what, shelf);
  for (std::uint32_t i = 0; i < plugins.size(); ++i) MERIDIAN_CHECK(builder.add(i, *plugins[i]));
  MERIDIAN_TRY(auto tables, builder.finish());
  return std::unique_ptr<Matcher>(new Matcher(std::make_unique<State>(State{std::move(tables)})));
}

Result<void> Matcher::check(const PatternSubscription& pattern) {
  // Parsed, not compiled: that takes milliseconds each, and compile() does it for all at once.
  MERIDIAN_CHECK(LocatedExpression::create(pattern.expression, pattern.caseless));
  return {};
}

std::string Matcher::flaw() { return library_flaw(); }

void Matcher::choose(std::string_view path, const rootfs::Stat& stat, Choice& out) const {
  out.clear();
  if (stat.type != rootfs::EntryType::kRegular) return;
  const auto name = PathFilter::last_part(path);
  const auto& filters = state_->tables.filters;
  for (std::uint32_t i = 0; i < filters.size(); ++i) {
    // No pattern matches nothing at all: an empty file is not opened for one.
    const bool for_patterns = !filters[i].patterns.empty() && stat.size > 0;
    if (filters[i].files.empty() && !for_patterns) continue;
    if (filters[i].path.wants(path, name, stat)) out.push_back(2 * i + (for_patterns ? 1 : 0));
  }
}

Wanted Matcher::wanted(const Choice& choice) const {
  Wanted all;
  for (const std::uint32_t chosen : choice) {
    const SharedFilter& filter = state_->tables.filters[chosen / 2];
    append(all.files, filter.files);
    if (chosen % 2 == 1) append(all.patterns, filter.patterns);
  }
  return all;
}

Result<std::unique_ptr<Matcher::Scanner>> Matcher::make_scanner(std::size_t chunk,
                                                                std::uint64_t range) const {
  return plugin::make_scanner(state_->tables, chunk, range);
}

}  // namespace meridian::plugin
