// SPDX-License-Identifier: Apache-2.0
#include "plugin/path_filter.hpp"

#include <random>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "support/catch.hpp"

using meridian::ErrorCode;
using meridian::plugin::FileFilter;
using meridian::plugin::Glob;
using meridian::plugin::PathFilter;
using meridian::rootfs::Stat;

namespace limits = meridian::limits;

namespace {

struct Case {
  std::string glob, text;
  bool matches;
};

bool glob_matches(const std::string& glob, const std::string& text) {
  const auto parsed = Glob::parse(glob);
  REQUIRE(parsed.has_value());
  return parsed->matches(text);
}

void check(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    INFO(one.glob << " against " << one.text);
    CHECK(glob_matches(one.glob, one.text) == one.matches);
  }
}

Stat file(std::uint64_t size, std::uint32_t mode = 0644) {
  Stat stat;
  stat.size = size;
  stat.mode = mode;
  return stat;
}

bool wants(const FileFilter& filter, const std::string& path, const Stat& stat = file(1)) {
  const auto compiled = PathFilter::compile(filter);
  REQUIRE(compiled.has_value());
  return compiled->wants(path, stat);
}

FileFilter paths(std::vector<std::string> globs) {
  FileFilter filter;
  filter.paths = std::move(globs);
  return filter;
}

/// The meaning, written to be read: tries everything.
bool simple_match(std::string_view glob, std::string_view text, bool part_begins = true) {
  if (glob.empty()) return text.empty();
  if (glob.substr(0, 2) == "**") {
    if (part_begins && glob.size() > 2 && glob[2] == '/') {
      if (simple_match(glob.substr(3), text, true)) return true;
      for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '/' && simple_match(glob.substr(3), text.substr(i + 1), true)) return true;
      return false;
    }
    for (std::size_t i = 0; i <= text.size(); ++i)
      if (simple_match(glob.substr(2), text.substr(i), false)) return true;
    return false;
  }
  if (glob[0] == '*') {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (simple_match(glob.substr(1), text.substr(i), false)) return true;
      if (i < text.size() && text[i] == '/') return false;
    }
    return false;
  }
  if (text.empty()) return false;
  if (glob[0] == '?' ? text[0] == '/' : text[0] != glob[0]) return false;
  return simple_match(glob.substr(1), text.substr(1), glob[0] == '/');
}

}  // namespace

TEST_CASE("glob: letters stand for themselves") {
  check({{"etc/passwd", "etc/passwd", true},
         {"etc/passwd", "etc/passwd2", false},
         {"etc/passwd", "etc/passw", false},
         {"etc/passwd", "Etc/passwd", false},
         {"a.c", "abc", false},
         {"x", "", false},
         {"caf\xe9", "caf\xe9", true},
         {"a\nb", "a\nb", true}});
}

TEST_CASE("glob: a star and a question mark stay inside a part") {
  check({{"*", "a", true},
         {"*", "a/b", false},
         {"*.conf", "nginx.conf", true},
         {"*.conf", ".conf", true},
         {"*.conf", "etc/nginx.conf", false},
         {"*.conf", "nginx.conf.bak", false},
         {"usr/bin/*", "usr/bin/ls", true},
         {"usr/bin/*", "usr/bin/x/ls", false},
         {"usr/*/ls", "usr/bin/ls", true},
         {"usr/*/ls", "usr/bin/x/ls", false},
         {"usr/*/*", "usr/a/b", true},
         {"a?c", "abc", true},
         {"a?c", "a/c", false},
         {"a?c", "ac", false},
         {"?", "\xff", true},
         {"a*a", "a", false},
         {"ab*ba", "aba", false},
         {"id_*", "id_rsa", true},
         {"id_*", "id_", true}});
}

TEST_CASE("glob: two stars cross parts") {
  check({{"**", "a", true},
         {"**", "a/b/c", true},
         {"etc/**", "etc/a", true},
         {"etc/**", "etc/a/b", true},
         {"etc/**", "etc", false},
         {"etc/**", "etcx/a", false},
         {"etc/**", "usr/etc/a", false},
         {"**/x", "x", true},
         {"**/x", "a/x", true},
         {"**/x", "a/b/x", true},
         {"**/x", "ax", false},
         {"**/x", "a/x/y", false},
         {"a/**/b", "a/b", true},
         {"a/**/b", "a/x/b", true},
         {"a/**/b", "a/x/y/b", true},
         {"a/**/b", "a/xb", false},
         {"a/**/b", "ab", false},
         {"**/node_modules/**", "node_modules/x", true},
         {"**/node_modules/**", "a/node_modules/b/c", true},
         {"**/node_modules/**", "a/node_modulesx/b", false},
         {"**/node_modules/**", "a/node_modules", false},
         {"a**b", "ab", true},
         {"a**b", "a/x/b", true},
         {"**/*.py", "a/b.py", true},
         {"**/*.py", "b.py", true},
         {"**/*.py", "b.pyc", false},
         {"**/.env", ".env", true},
         {"**/.env*", "srv/.env.local", true},
         {"***/x", "a/x", true},
         {"a/**/**/b", "a/b", true}});
}

TEST_CASE("glob: a set holds bytes and ranges, never a slash") {
  check({{"[abc]", "b", true},
         {"[abc]", "d", false},
         {"[a-c]x", "bx", true},
         {"[!a-c]x", "bx", false},
         {"[^a-c]x", "dx", true},
         {"a[!b]c", "a/c", false},
         {"a[/]c", "a/c", false},
         {"[]]", "]", true},
         {"[!]]", "]", false},
         {"[a-]", "-", true},
         {"[-a]", "-", true},
         {"[\\]]", "]", true},
         {"[\\a-\\c]", "b", true},
         {"[\x80-\xff]", "\xe9", true},
         {"*[0-9]", "a1", true},
         {"*[0-9]", "1a", false}});
}

TEST_CASE("glob: a backslash quotes") {
  check({{"a\\*b", "a*b", true},
         {"a\\*b", "axb", false},
         {"\\[a]", "[a]", true},
         {"a\\\\b", "a\\b", true},
         {"a\\bc", "abc", true},
         {"\\**", "*x", true}});
}

TEST_CASE("glob: a mistake is named with its place") {
  const auto open = Glob::parse("etc/[a");
  REQUIRE_FALSE(open);
  CHECK(open.error().code() == ErrorCode::kInvalid);
  CHECK(open.error().message() == "glob 'etc/[a': '[' without ']' at offset 4");
  for (const char* wrong : {"", "[", "[]", "[!]", "[z-a]", "a\\", "[a-", "[\\"}) {
    INFO(wrong);
    CHECK_FALSE(Glob::parse(wrong));
  }
  CHECK_FALSE(Glob::parse(std::string(limits::kMaxGlob + 1, 'a')));
  CHECK_FALSE(Glob::parse(std::string(limits::kMaxGlobTokens + 1, '?')));
  CHECK(Glob::parse(std::string(limits::kMaxGlobTokens, '?')));
}

TEST_CASE("glob: a hostile pattern does not make a long text slow") {
  const std::string text(8000, 'a');
  std::string stars, folders;
  for (int i = 0; i < 100; ++i) {
    stars += "*a";
    folders += "**a";
  }
  CHECK_FALSE(glob_matches(stars + "?b*", text));
  CHECK_FALSE(glob_matches(folders + "?b*", text));
  std::string parts;
  for (int i = 0; i < 2000; ++i) parts += "a/";
  CHECK_FALSE(glob_matches("**/a/**/a/**/a/**/a/*b?", parts + "a"));
  CHECK(glob_matches("**/a/**/a/**/a/**/a/*a", parts + "a"));
}

TEST_CASE("glob: equals a matcher that tries everything") {
  std::mt19937 random(7);
  const std::string glob_letters = "ab/*?", text_letters = "ab/";
  const auto word = [&](const std::string& letters, unsigned longest) {
    std::string made(random() % longest, ' ');
    for (char& c : made) c = letters[random() % letters.size()];
    return made;
  };
  for (int i = 0; i < 20000; ++i) {
    std::string glob = word(glob_letters, 10);
    if (glob.empty() || glob.find("***") != std::string::npos) continue;
    const std::string text = word(text_letters, 12);
    INFO(glob << " against " << text);
    REQUIRE(glob_matches(glob, text) == simple_match(glob, text));
    if (!text.empty()) REQUIRE(wants(paths({"c", glob}), text) == simple_match(glob, text));
  }
}

TEST_CASE("path filter: without a condition it wants every file") { CHECK(wants({}, "any/thing")); }

TEST_CASE("path filter: every condition must hold") {
  FileFilter filter;
  filter.paths = {"etc/**", "srv/**"};
  filter.names = {"*.conf", "id_rsa"};
  filter.exclude = {"etc/skip/**"};
  CHECK(wants(filter, "etc/a.conf"));
  CHECK(wants(filter, "srv/x/id_rsa"));
  CHECK_FALSE(wants(filter, "usr/a.conf"));
  CHECK_FALSE(wants(filter, "etc/a.txt"));
  CHECK_FALSE(wants(filter, "etc/skip/a.conf"));
}

TEST_CASE("path filter: names are globs on the last part") {
  FileFilter filter;
  filter.names = {"id_*"};
  CHECK(wants(filter, "root/.ssh/id_rsa"));
  CHECK(wants(filter, "id_rsa"));
  CHECK_FALSE(wants(filter, "id_dir/file"));
}

TEST_CASE("path filter: size bounds are inclusive and 0 is no bound") {
  FileFilter filter;
  filter.min_size = 10;
  filter.max_size = 20;
  CHECK_FALSE(wants(filter, "a", file(9)));
  CHECK(wants(filter, "a", file(10)));
  CHECK(wants(filter, "a", file(20)));
  CHECK_FALSE(wants(filter, "a", file(21)));
  filter.max_size = 0;
  CHECK(wants(filter, "a", file(1ull << 60)));
}

TEST_CASE("path filter: some of the mode bits are set") {
  FileFilter filter;
  filter.mode_any = 06000;
  CHECK(wants(filter, "a", file(1, 04755)));
  CHECK(wants(filter, "a", file(1, 02755)));
  CHECK_FALSE(wants(filter, "a", file(1, 0777)));
}

TEST_CASE("path filter: conditions that cannot hold or are too long are refused") {
  FileFilter filter = paths({"["});
  CHECK_FALSE(PathFilter::compile(filter));
  filter = {};
  filter.magic = {""};
  CHECK_FALSE(PathFilter::compile(filter));
  filter.magic = {std::string(limits::kMaxMagic + 1, 'x')};
  CHECK_FALSE(PathFilter::compile(filter));
  filter.magic = {std::string(limits::kMaxMagic, 'x')};
  CHECK(PathFilter::compile(filter));
  filter = {};
  filter.min_size = 2;
  filter.max_size = 1;
  CHECK_FALSE(PathFilter::compile(filter));
}
