// SPDX-License-Identifier: Apache-2.0
#include "plugin/path_filter.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "base/escape.hpp"
#include "base/limits.hpp"

namespace meridian::plugin {
namespace {

unsigned char byte_of(char c) { return static_cast<unsigned char>(c); }

Error bad_glob(std::string_view pattern, std::size_t at, std::string_view what) {
  return Error(ErrorCode::kInvalid, "glob '" + base::escape(pattern) + "': " + std::string(what) +
                                        " at offset " + std::to_string(at));
}

/// Positions of a glob that a text read so far may stand at.
class Positions {
 public:
  void set(std::size_t i) { words_[i / 64] |= std::uint64_t{1} << (i % 64); }
  bool has(std::size_t i) const { return (words_[i / 64] >> (i % 64) & 1) != 0; }
  bool none() const {
    return std::all_of(words_.begin(), words_.end(), [](std::uint64_t word) { return word == 0; });
  }
  template <typename F>
  void each(F&& visit) const {
    for (std::size_t w = 0; w < words_.size(); ++w)
      for (std::uint64_t word = words_[w]; word != 0; word &= word - 1)
        visit(w * 64 + static_cast<std::size_t>(std::countr_zero(word)));
  }

 private:
  std::array<std::uint64_t, limits::kMaxGlobTokens / 64 + 1> words_{};
};

}  // namespace

Result<std::size_t> Glob::parse_set(std::string_view pattern, std::size_t at) {
  const std::size_t begin = at++;
  std::bitset<256> set;
  const bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (negated) ++at;
  const auto member = [&](unsigned char& value) {
    if (at < pattern.size() && pattern[at] == '\\') ++at;
    if (at >= pattern.size()) return false;
    value = byte_of(pattern[at++]);
    return true;
  };
  for (bool first = true; at < pattern.size() && (pattern[at] != ']' || first); first = false) {
    unsigned char low = 0;
    if (!member(low)) break;
    unsigned char high = low;
    if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      ++at;
      if (!member(high)) break;
    }
    if (high < low) return bad_glob(pattern, begin, "a range that runs backwards");
    for (unsigned value = low; value <= high; ++value) set.set(value);
  }
  if (at >= pattern.size()) return bad_glob(pattern, begin, "'[' without ']'");
  if (negated) set.flip();
  set.reset(byte_of('/'));
  tokens_.push_back({Kind::kSet, 0, static_cast<std::uint32_t>(sets_.size())});
  sets_.push_back(set);
  return at + 1;
}

Result<Glob> Glob::parse(std::string_view pattern) {
  if (pattern.size() > limits::kMaxGlob)
    return Error(ErrorCode::kInvalid, "a glob of " + std::to_string(pattern.size()) +
                                          " bytes, at most " + std::to_string(limits::kMaxGlob));
  if (pattern.empty()) return bad_glob(pattern, 0, "nothing");
  Glob glob;
  for (std::size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    const bool part_begins = i == 0 || pattern[i - 1] == '/';
    if (c == '[') {
      MERIDIAN_TRY(i, glob.parse_set(pattern, i));
    } else if (c == '*' && pattern.substr(i, 2) == "**") {
      i = std::min(pattern.find_first_not_of('*', i), pattern.size());
      if (part_begins && i < pattern.size() && pattern[i] == '/') {
        glob.tokens_.push_back({Kind::kParts});
        glob.tokens_.push_back({Kind::kInParts});
        ++i;
      } else {
        glob.tokens_.push_back({Kind::kStarStar});
      }
    } else if (c == '\\' && i + 1 == pattern.size()) {
      return bad_glob(pattern, i, "'\\' without a character");
    } else {
      const bool quoted = c == '\\';
      if (quoted) ++i;
      const Kind kind = quoted     ? Kind::kByte
                        : c == '*' ? Kind::kStar
                        : c == '?' ? Kind::kAny
                                   : Kind::kByte;
      glob.tokens_.push_back({kind, pattern[i]});
      ++i;
    }
    if (glob.tokens_.size() > limits::kMaxGlobTokens) return bad_glob(pattern, i, "too long");
  }
  glob.find_literals();
  return glob;
}

void Glob::find_literals() {
  std::string run;
  std::size_t special = 0;
  bool first = true;
  for (const Token& token : tokens_) {
    if (token.kind == Kind::kByte) {
      run.push_back(token.byte);
      continue;
    }
    ++special;
    if (first) {
      prefix_ = run;
      first = false;
    } else if (run.size() > inside_.size()) {
      inside_ = run;
    }
    run.clear();
  }
  literal_ = special == 0;
  suffix_ = run;
  least_ = prefix_.size() + suffix_.size();
  if (literal_) prefix_ = suffix_;
  if (special != 1) return;
  one_star_ = std::any_of(tokens_.begin(), tokens_.end(),
                          [](const Token& token) { return token.kind == Kind::kStar; });
  all_below_ = suffix_.empty() && tokens_.back().kind == Kind::kStarStar;
}

bool Glob::compare(std::string_view path) const {
  if (literal_) return path == prefix_;
  if (path.substr(0, prefix_.size()) != prefix_) return false;
  if (path.substr(path.size() - suffix_.size()) != suffix_) return false;
  const auto middle = path.substr(prefix_.size(), path.size() - prefix_.size() - suffix_.size());
  if (one_star_) return middle.find('/') == std::string_view::npos;
  if (all_below_) return true;
  if (!inside_.empty() && middle.find(inside_) == std::string_view::npos) return false;
  return run(path);
}

bool Glob::run(std::string_view path) const {
  // Standing at a token that may match nothing is standing behind it too.
  const auto enter = [this](Positions& positions, std::size_t i) {
    positions.set(i);
    while (i < tokens_.size()) {
      const Kind kind = tokens_[i].kind;
      if (kind != Kind::kStar && kind != Kind::kStarStar && kind != Kind::kParts) break;
      i += kind == Kind::kParts ? 2 : 1;
      positions.set(i);
    }
  };
  Positions now;
  enter(now, 0);
  for (const char c : path) {
    Positions next;
    now.each([&](std::size_t i) {
      if (i == tokens_.size()) return;
      const Token& token = tokens_[i];
      switch (token.kind) {
        case Kind::kByte:
          if (c == token.byte) enter(next, i + 1);
          break;
        case Kind::kAny:
          if (c != '/') enter(next, i + 1);
          break;
        case Kind::kSet:
          if (sets_[token.set].test(byte_of(c))) enter(next, i + 1);
          break;
        case Kind::kStar:
          if (c != '/') enter(next, i);
          break;
        case Kind::kStarStar:
          enter(next, i);
          break;
        case Kind::kParts:  // a part begins: inside it from here on
          next.set(i + 1);
          if (c == '/') enter(next, i + 2);
          break;
        case Kind::kInParts:
          next.set(i);
          if (c == '/') enter(next, i + 1);
          break;
      }
    });
    if (next.none()) return false;
    now = next;
  }
  return now.has(tokens_.size());
}

namespace {

Result<std::vector<Glob>> parse_all(const std::vector<std::string>& patterns) {
  std::vector<Glob> globs;
  for (const std::string& pattern : patterns) {
    MERIDIAN_TRY(auto glob, Glob::parse(pattern));
    globs.push_back(std::move(glob));
  }
  return globs;
}

/// Last bytes of texts that one of them may match; without any, every text does.
std::bitset<256> ends_of(const std::vector<Glob>& globs) {
  std::bitset<256> ends;
  if (globs.empty()) ends.set();
  for (const Glob& glob : globs) {
    const std::string_view suffix = glob.suffix();
    if (suffix.empty()) return ends.set();
    ends.set(byte_of(suffix.back()));
  }
  return ends;
}

bool any_matches(const std::vector<Glob>& globs, std::string_view text) {
  return std::any_of(globs.begin(), globs.end(),
                     [text](const Glob& glob) { return glob.matches(text); });
}

}  // namespace

Result<PathFilter> PathFilter::compile(const FileFilter& filter) {
  for (const std::string& magic : filter.magic)
    if (magic.empty() || magic.size() > limits::kMaxMagic)
      return Error(ErrorCode::kInvalid, "leading bytes of length " + std::to_string(magic.size()) +
                                            ", allowed are 1 to " +
                                            std::to_string(limits::kMaxMagic));
  if (filter.max_size != 0 && filter.min_size > filter.max_size)
    return Error(ErrorCode::kInvalid, "min_size " + std::to_string(filter.min_size) +
                                          " above max_size " + std::to_string(filter.max_size));
  PathFilter made;
  MERIDIAN_TRY(made.paths_, parse_all(filter.paths));
  MERIDIAN_TRY(made.names_, parse_all(filter.names));
  MERIDIAN_TRY(made.exclude_, parse_all(filter.exclude));
  made.ends_ = ends_of(made.names_) & ends_of(made.paths_);
  made.mode_any_ = filter.mode_any;
  made.min_size_ = filter.min_size;
  made.max_size_ = filter.max_size;
  return made;
}

bool PathFilter::looks_wanted(std::string_view path, std::string_view name,
                              const rootfs::Stat& stat) const {
  if (stat.size < min_size_ || (max_size_ != 0 && stat.size > max_size_)) return false;
  if (mode_any_ != 0 && (stat.mode & mode_any_) == 0) return false;
  if (!names_.empty() && !any_matches(names_, name)) return false;
  if (!paths_.empty() && !any_matches(paths_, path)) return false;
  return !any_matches(exclude_, path);
}

}  // namespace meridian::plugin
