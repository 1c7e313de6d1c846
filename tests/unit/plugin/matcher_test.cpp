// SPDX-License-Identifier: Apache-2.0
#include "plugin/matcher.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "plugin/database_shelf.hpp"
#include "plugin/pattern_database.hpp"
#include "scanned_text.hpp"
#include "support/catch.hpp"

using namespace meridian;
using namespace meridian::plugin;
using scanned::Content;
using scanned::Found;
using scanned::literal;
using scanned::Run;

namespace {

Run scan_with(std::vector<PatternSubscription> patterns, const std::string& text,
              std::size_t chunk = limits::kChunk) {
  return scanned::scan(std::move(patterns), text, chunk);
}

std::vector<std::string> texts(const Run& run) {
  std::vector<std::string> all;
  for (const Found& found : run.hits) all.push_back(found.bytes);
  return all;
}

std::vector<std::string> texts(const std::string& expression, const std::string& text) {
  return texts(scan_with({literal(expression)}, text));
}

using Texts = std::vector<std::string>;

Wanted wanted_for(const Matcher& matcher, const std::string& path, std::uint64_t size,
                  std::uint32_t mode = 0644, rootfs::EntryType type = rootfs::EntryType::kRegular) {
  rootfs::Stat stat;
  stat.type = type;
  stat.size = size;
  stat.mode = mode;
  return matcher.wants(path, stat);
}

}  // namespace

TEST_CASE("matcher: a match has its bytes, offset, line and column") {
  const auto run = scan_with({literal("AKIA[0-9A-Z]{16}")}, "x\ny AKIAABCDEFGHIJKLMNOP z\n");
  REQUIRE(run.hits.size() == 1);
  CHECK(run.hits[0].bytes == "AKIAABCDEFGHIJKLMNOP");
  CHECK(run.hits[0].offset == 4);
  CHECK(run.hits[0].line == 2);
  CHECK(run.hits[0].column == 3);
  CHECK(run.outcome.limits.empty());
}

TEST_CASE("matcher: of candidates that overlap, leftmost start and longest end") {
  CHECK(texts("[a-z]{3,}", "ab abcdef xyz") == Texts{"abcdef", "xyz"});
  CHECK(texts("a+", "baaab a") == Texts{"aaa", "a"});
  CHECK(texts("a.*b", "a b b\na b") == Texts{"a b b", "a b"});
  CHECK(texts("aba", "ababababa") == Texts{"aba", "aba"});
  CHECK(texts("(?:x_)?token[0-9]+", "token1x_token23") == Texts{"token1", "x_token23"});
  CHECK(texts("\\w{0,4}token[0-9]", "token1token2") == Texts{"token1", "token2"});
  CHECK(texts("ab|b?c", "abc") == Texts{"ab", "c"});
  CHECK(texts("key=[a-z]{3,10}", "key=abckey=xyz") == Texts{"key=abckey"});
}

TEST_CASE("matcher: expressions that start-of-match tracking refuses are located") {
  CHECK(texts(R"(\w{0,20}(?:secret|token|password)\w{0,20}\s*[:=]\s*["'][^"'\n]{8,200}["'])",
              "let my_secret_key  = \"0123456789abcdef\";") ==
        Texts{"my_secret_key  = \"0123456789abcdef\""});
  CHECK(texts(R"(https?://[^\s:/]{1,64}:[^\s@/]{1,128}@[^\s/]{1,255})",
              "url https://user:pass@host.example/x") == Texts{"https://user:pass@host.example"});
  CHECK(texts(R"((?i)(?:api|secret)[_-]?key["']?\s{0,5}[:=]\s{0,5}["']?[A-Za-z0-9_\-]{16,128})",
              "API_KEY = 'abcdefghijklmnop'") == Texts{"API_KEY = 'abcdefghijklmnop"});
  CHECK(texts("-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[\\s\\S]{0,8000}?-----END",
              "-----BEGIN RSA PRIVATE KEY-----\nAB\nCD\n-----END RSA") ==
        Texts{"-----BEGIN RSA PRIVATE KEY-----\nAB\nCD\n-----END"});
}

TEST_CASE("matcher: assertions see the bytes beside the match") {
  CHECK(texts("\\bfoo\\b", "foo xfoo foox foo_ .foo.") == Texts{"foo", "foo"});
  CHECK(texts("\\Bfoo", "foo xfoo") == Texts{"foo"});
  CHECK(texts("foo\\B", "foo foox") == Texts{"foo"});
  CHECK(texts("\\b=x", "a=x =x") == Texts{"=x"});
  CHECK(texts("x=\\b", "x=a x= ") == Texts{"x="});
  CHECK(texts("^ab", "ab\nab") == Texts{"ab"});
  CHECK(texts("(?m)^ab", "ab\nxab\nab") == Texts{"ab", "ab"});
  CHECK(texts("ab$", "ab\nab") == Texts{"ab"});
  CHECK(texts("ab$", "ab\nab\n") == Texts{"ab"});
  CHECK(texts("(?m)ab$", "ab\nabx\nab") == Texts{"ab", "ab"});
  CHECK(texts("(?m)^key=.*$", "key=1\nxkey=2\nkey=33\n") == Texts{"key=1", "key=33"});
  CHECK(texts("(?:^|\\s)key=", "key= xkey=\tkey=") == Texts{"key=", "\tkey="});
  CHECK(texts("key(?:\\s|$)", "key key") == Texts{"key ", "key"});
  CHECK(texts("\\Aab|cd\\z", "abcdabcd") == Texts{"ab", "cd"});
}

TEST_CASE("matcher: syntax keeps its meaning when it is read backwards") {
  CHECK(texts("(?i)ab(?-i)cd", "ABcd abCD") == Texts{"ABcd"});
  CHECK(texts("x(?i:y|Z)w", "xYw xzw XYw") == Texts{"xYw", "xzw"});
  CHECK(texts("(a(?i)b|c)d", "aBd Cd cd aBD") == Texts{"aBd", "Cd", "cd"});
  CHECK(texts("(?s)a.b.", "a\nb\n") == Texts{"a\nb\n"});
  CHECK(texts("[]a]+[^]b]x", "a]cx") == Texts{"a]cx"});
  CHECK(texts("[[:digit:]\\]]{2}[\\w-]", "1]-") == Texts{"1]-"});
  CHECK(texts("\\x41\\x{42}\\0103\\.\\t", "ABC3.\t") == Texts{});
  CHECK(texts("\\x41\\x{42}\\060\\.\\t", "AB0.\t") == Texts{"AB0.\t"});
  CHECK(texts("a{2}b{1,}c{0,2}?d", "aabbccd") == Texts{"aabbccd"});
  CHECK(texts("a{,3}b{x}", "a{,3}b{x}") == Texts{"a{,3}b{x}"});
  CHECK(texts("(?<name>ab)(?P<n2>cd)(?#note)e", "abcde") == Texts{"abcde"});
  CHECK(texts("(?:ab|cd(?:e|fg)+)+h", "xabcdefgabh") == Texts{"abcdefgabh"});
  CHECK(texts("caf\xc3\xa9+x", "caf\xc3\xa9\xa9x") == Texts{"caf\xc3\xa9\xa9x"});
}

TEST_CASE("matcher: caseless is a property of one pattern") {
  auto caseless = literal("secret");
  caseless.caseless = true;
  const auto run = scan_with({caseless, literal("secret")}, "SECRET secret");
  REQUIRE(run.hits.size() == 3);
  CHECK(run.hits[0].pattern == SubscriptionRef{0, 0});
  CHECK(run.hits[1].pattern == SubscriptionRef{0, 0});
  CHECK(run.hits[2].pattern == SubscriptionRef{0, 1});
  CHECK(run.hits[2].offset == 7);
}

TEST_CASE("matcher: context is cut at the edges of the file") {
  auto pattern = literal("key");
  pattern.context = 4;
  auto run = scan_with({pattern}, "keyABCDEFkey");
  REQUIRE(run.hits.size() == 2);
  CHECK(run.hits[0].before.empty());
  CHECK(run.hits[0].after == "ABCD");
  CHECK(run.hits[1].before == "CDEF");
  CHECK(run.hits[1].after.empty());
  pattern.context = 0xffffffff;
  run = scan_with({pattern}, std::string(9000, '.') + "key" + std::string(9000, '.'));
  REQUIRE(run.hits.size() == 1);
  CHECK(run.hits[0].before.size() == limits::kMaxContext);
  CHECK(run.hits[0].after.size() == limits::kMaxContext);
}

TEST_CASE("matcher: lines end at LF, columns count bytes from 1") {
  auto run = scan_with({literal("key")}, "\r\nkey\r\n key");
  REQUIRE(run.hits.size() == 2);
  CHECK(run.hits[0].line == 2);
  CHECK(run.hits[0].column == 1);
  CHECK(run.hits[1].line == 3);
  CHECK(run.hits[1].column == 2);
  const std::string text = std::string(200'000, 'x') + "key\nkey";
  for (const std::size_t chunk : {std::size_t{1000}, limits::kChunk}) {
    run = scan_with({literal("key")}, text, chunk);
    REQUIRE(run.hits.size() == 2);
    CHECK(run.hits[0].line == 1);
    CHECK(run.hits[0].column == 200'001);
    CHECK(run.hits[1].line == 2);
    CHECK(run.hits[1].column == 1);
  }
}

TEST_CASE("matcher: hits come by subscription, then by offset") {
  Subscriptions first, second;
  first.patterns = {literal("b"), literal("a")};
  second.patterns = {literal("a")};
  auto matcher = Matcher::compile({&first, &second});
  REQUIRE(matcher);
  Content content("a b a b");
  const auto run = scanned::scan(**matcher, content, wanted_for(**matcher, "f", 7));
  std::vector<std::pair<SubscriptionRef, std::uint64_t>> order;
  for (const Found& found : run.hits) order.emplace_back(found.pattern, found.offset);
  CHECK(order == std::vector<std::pair<SubscriptionRef, std::uint64_t>>{
                     {{0, 0}, 2}, {{0, 0}, 6}, {{0, 1}, 0}, {{0, 1}, 4}, {{1, 0}, 0}, {{1, 0}, 4}});
}

TEST_CASE("matcher: a pattern that the file does not want is not reported") {
  Subscriptions wishes;
  wishes.patterns = {literal("a"), literal("b")};
  wishes.patterns[1].where.names = {"*.txt"};
  auto matcher = Matcher::compile({&wishes});
  REQUIRE(matcher);
  Content content("ab");
  const Wanted wanted = wanted_for(**matcher, "x.conf", 2);
  REQUIRE(wanted.patterns == std::vector<SubscriptionRef>{{0, 0}});
  CHECK(texts(scanned::scan(**matcher, content, wanted)) == Texts{"a"});
}

TEST_CASE("matcher: wants() answers by path, name, mode and size, in order") {
  Subscriptions first, second;
  first.files.resize(3);
  first.files[0].where.paths = {"etc/**"};
  first.files[1].where.mode_any = 06000;
  first.files[2].where.paths = {"etc/**"};
  first.patterns = {literal("x")};
  first.patterns[0].where.max_size = 10;
  second.files.resize(1);
  auto matcher = Matcher::compile({&first, &second});
  REQUIRE(matcher);
  const Wanted all = wanted_for(**matcher, "etc/a", 10, 04755);
  CHECK(all.files == std::vector<SubscriptionRef>{{0, 0}, {0, 1}, {0, 2}, {1, 0}});
  CHECK(all.patterns == std::vector<SubscriptionRef>{{0, 0}});
  const Wanted large = wanted_for(**matcher, "usr/a", 11);
  CHECK(large.files == std::vector<SubscriptionRef>{{1, 0}});
  CHECK(large.patterns.empty());
  CHECK(wanted_for(**matcher, "etc/a", 0).patterns.empty());
  CHECK(wanted_for(**matcher, "etc/a", 1, 0644, rootfs::EntryType::kFifo).nothing());
}

TEST_CASE("matcher: NUL in the first 512 bytes makes a file binary") {
  std::string text(511, ' ');
  text += '\0';
  text += "key";
  CHECK(texts("key", text).empty());
  CHECK(texts("key", " " + text) == Texts{"key"});
  auto binary = literal("key");
  binary.binary = true;
  const auto run = scan_with({literal("key"), binary, literal("ke")}, text);
  REQUIRE(run.hits.size() == 1);
  CHECK(run.hits[0].pattern == SubscriptionRef{0, 1});
  CHECK(scan_with({literal("key"), binary}, " " + text).hits.size() == 2);
}

TEST_CASE("matcher: a large binary file costs 512 bytes when no pattern wants it") {
  std::string text(100'000, '\0');
  Content content(text);
  Subscriptions wishes;
  wishes.patterns = {literal("key")};
  auto matcher = Matcher::compile({&wishes});
  REQUIRE(matcher);
  const auto run = scanned::scan(**matcher, content, wanted_for(**matcher, "a", text.size()));
  CHECK(run.outcome.bytes_read == 512);
  CHECK(content.bytes_read() == 512);
  CHECK(content.calls() == 1);
}

TEST_CASE("matcher: a small file costs one read") {
  Content content("no match in here");
  const auto run = scanned::scan({literal("key")}, content);
  CHECK(content.calls() == 1);
  CHECK(run.outcome.bytes_read == 16);
}

TEST_CASE("matcher: a file that was read whole is at hand until the next") {
  Subscriptions wishes;
  wishes.patterns = {literal("key")};
  wishes.files.resize(1);
  auto matcher = Matcher::compile({&wishes});
  REQUIRE(matcher);
  auto scanner = (*matcher)->make_scanner();
  REQUIRE(scanner);
  CHECK_FALSE((*scanner)->held().has_value());
  Content small("a key"), large(std::string(2 << 20, ' ')), unread("x");
  const Wanted wanted = wanted_for(**matcher, "a", 5);
  const Wanted as_file{wanted.files, {}};
  std::optional<std::string> seen;
  REQUIRE((*scanner)->scan(small, wanted, [&](const Hit&) {
    seen = (*scanner)->held();
    return true;
  }));
  CHECK(seen == "a key");
  CHECK((*scanner)->held() == "a key");
  REQUIRE((*scanner)->scan(large, wanted, [](const Hit&) { return true; }));
  CHECK_FALSE((*scanner)->held().has_value());
  REQUIRE((*scanner)->scan(small, wanted, [](const Hit&) { return true; }));
  REQUIRE((*scanner)->scan(unread, as_file, [](const Hit&) { return true; }));
  CHECK_FALSE((*scanner)->held().has_value());
}

TEST_CASE("matcher: every byte of a large text is read once") {
  Content content(std::string((3 << 20) + 17, 'x'));
  scanned::scan({literal("key")}, content);
  CHECK(content.most_reads_of_a_byte() == 1);
  CHECK(content.bytes_read() == (3 << 20) + 17);
}

TEST_CASE("matcher: a file that nobody wants to look into is not read") {
  Subscriptions wishes;
  wishes.files.resize(1);
  auto matcher = Matcher::compile({&wishes});
  REQUIRE(matcher);
  Content content("text");
  const auto run = scanned::scan(**matcher, content, wanted_for(**matcher, "a", 4));
  CHECK(content.calls() == 0);
  CHECK(run.outcome.files.size() == 1);
}

TEST_CASE("matcher: leading bytes decide for file and pattern subscriptions") {
  Subscriptions wishes;
  wishes.files.resize(3);
  wishes.files[0].where.magic = {
      "\x7f"
      "ELF",
      "#!"};
  wishes.files[1].where.magic = {"PK"};
  wishes.patterns = {literal("sh"), literal("sh")};
  wishes.patterns[0].where.magic = {"#!"};
  wishes.patterns[1].where.magic = {"PK", std::string(512, 'x')};
  auto matcher = Matcher::compile({&wishes});
  REQUIRE(matcher);
  Content content("#!/bin/sh");
  const auto run = scanned::scan(**matcher, content, wanted_for(**matcher, "a", 9));
  CHECK(run.outcome.files == std::vector<SubscriptionRef>{{0, 0}, {0, 2}});
  REQUIRE(run.hits.size() == 1);
  CHECK(run.hits[0].pattern == SubscriptionRef{0, 0});
  Content empty("");
  CHECK(scanned::scan(**matcher, empty, wanted_for(**matcher, "a", 9)).outcome.files.size() == 1);
}

TEST_CASE("matcher: patterns for any file and for some, text and binary, whole and in pieces") {
  Subscriptions wishes;
  wishes.patterns = {literal("key[0-9]"), literal("key[0-9]"), literal("word"), literal("word9")};
  wishes.patterns[0].where.names = {"*.key"};  // the same expression is wanted everywhere by 1
  wishes.patterns[1].binary = true;
  wishes.patterns[2].where.names = {"*.key"};
  wishes.patterns[3].where.paths = {"etc/*"};
  wishes.patterns[3].binary = true;
  auto matcher = Matcher::compile({&wishes});
  REQUIRE(matcher);
  const auto found = [&](const std::string& path, bool binary, std::size_t padding) {
    Content content((binary ? std::string(1, '\0') : "x") + "\nkey1 word9\n" +
                    std::string(padding, '\n') + "key2\n");
    std::vector<std::pair<std::uint32_t, std::uint64_t>> all;  // index and line
    for (const Found& hit : scanned::scan(**matcher, content, wanted_for(**matcher, path, 9)).hits)
      all.emplace_back(hit.pattern.index, hit.line);
    return all;
  };
  using All = std::vector<std::pair<std::uint32_t, std::uint64_t>>;
  for (const std::size_t padding : {std::size_t{0}, std::size_t{3} << 20}) {
    const std::uint64_t last = 3 + padding;
    CHECK(found("a", false, padding) == All{{1, 2}, {1, last}});
    CHECK(found("a", true, padding) == All{{1, 2}, {1, last}});
    CHECK(found("a.key", false, padding) == All{{0, 2}, {0, last}, {1, 2}, {1, last}, {2, 2}});
    CHECK(found("a.key", true, padding) == All{{1, 2}, {1, last}});
    CHECK(found("etc/a.key", false, padding) ==
          All{{0, 2}, {0, last}, {1, 2}, {1, last}, {2, 2}, {3, 2}});
    CHECK(found("etc/a", true, padding) == All{{1, 2}, {1, last}, {3, 2}});
  }
}

TEST_CASE("matcher: a library that loses matches is named") {
#if defined(__x86_64__)
  CHECK(library_flaw("5.4.9 2023-03-20").find("5.4.9") != std::string::npos);
  CHECK_FALSE(library_flaw("5.4.12 2025-01-01").empty());
#endif
  for (const char* good :
       {"5.4.0 2021-01-26", "5.4.2 2023", "5.4.13 2026", "5.5.1", "", "5.4.", "x"})
    CHECK(library_flaw(good).empty());
  CHECK(library_flaw().empty());
}

// Vectorscan 5.4.9 (x86-64, AVX-512) loses the match at 43 of 64 places:
// cmake/MeridianDependencies.
TEST_CASE("matcher: what is found does not depend on where the bytes lie in memory") {
  const std::string text = "begin" + std::string(8000, 'a') + "#";
  for (std::size_t before = 0; before < 64; ++before)
    for (const std::size_t behind : {std::size_t{0}, std::size_t{800}, std::size_t{40'000}}) {
      const auto run = scan_with({literal("word"), literal("begin[^#]*#")},
                                 std::string(before, '.') + text + std::string(behind, '.'));
      REQUIRE(texts(run) == Texts{text});
    }
}

TEST_CASE("matcher: an empty file has no match and no error") { CHECK(texts("a|b$", "").empty()); }

TEST_CASE("matcher: a file shorter or longer than its stat says is scanned as it is") {
  for (const std::uint64_t claimed :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{50'000}, std::uint64_t{1} << 40}) {
    Content content("a key", claimed);
    CHECK(texts(scanned::scan({literal("key$")}, content)) == Texts{"key"});
    Content large(std::string(2 << 20, ' ') + "key", claimed);
    CHECK(texts(scanned::scan({literal("key$")}, large)) == Texts{"key"});
  }
}

TEST_CASE("matcher: a read error is an error, and the scanner goes on with the next file") {
  Subscriptions wishes;
  wishes.patterns = {literal("key")};
  auto matcher = Matcher::compile({&wishes});
  REQUIRE(matcher);
  auto scanner = (*matcher)->make_scanner();
  REQUIRE(scanner);
  const Wanted wanted = wanted_for(**matcher, "a", 1);
  for (const std::uint64_t bad : {0u, 600u, 2u << 20}) {
    Content broken(std::string(3 << 20, ' ') + "ke");
    broken.fail_at(bad);
    auto outcome = (*scanner)->scan(broken, wanted, [](const Hit&) { return true; });
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code() == ErrorCode::kUnreadable);
    Content next("y key" + std::string(2 << 20, ' '));
    int hits = 0;
    REQUIRE((*scanner)->scan(next, wanted, [&](const Hit&) { return ++hits > 0; }));
    CHECK(hits == 1);
  }
}

TEST_CASE("matcher: a file that shrinks between the pass and the location is an error") {
  Content content(std::string(2 << 20, ' ') + "key" + std::string(100, ' '));
  content.shrink_after_end_to(1000);
  Subscriptions wishes;
  wishes.patterns = {literal("key")};
  auto matcher = Matcher::compile({&wishes});
  REQUIRE(matcher);
  auto scanner = (*matcher)->make_scanner();
  auto outcome =
      (*scanner)->scan(content, wanted_for(**matcher, "a", 1), [](const Hit&) { return true; });
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code() == ErrorCode::kChanged);
}

TEST_CASE("matcher: false from on_hit stops the file") {
  Subscriptions wishes;
  wishes.patterns = {literal("a"), literal("b")};
  auto matcher = Matcher::compile({&wishes});
  REQUIRE(matcher);
  auto scanner = (*matcher)->make_scanner();
  Content content("a a a b");
  int calls = 0;
  REQUIRE((*scanner)->scan(content, wanted_for(**matcher, "a", 7),
                           [&](const Hit&) { return ++calls < 2; }));
  CHECK(calls == 2);
}

TEST_CASE("matcher: matches past the bound are left out, and that is said") {
  std::string text;
  for (std::size_t i = 0; i < limits::kMaxMatchesPerFile + 5; ++i) text += "a ";
  const auto run = scan_with({literal("a"), literal("aa? ")}, text);
  CHECK(run.hits.size() == 2 * limits::kMaxMatchesPerFile);
  REQUIRE(run.outcome.limits.size() == 2);
  CHECK(run.outcome.limits[0].first == SubscriptionRef{0, 0});
  CHECK(run.outcome.limits[0].second == "more than 10000 matches");
  text.resize(2 * limits::kMaxMatchesPerFile);
  CHECK(scan_with({literal("a")}, text).outcome.limits.empty());
}

TEST_CASE("matcher: a match that is too long is cut, and that is said") {
  auto run = scan_with({literal("a+")}, std::string(limits::kMaxMatch, 'a'));
  CHECK(run.hits.size() == 1);
  CHECK(run.outcome.limits.empty());
  run = scan_with({literal("a+")}, std::string(limits::kMaxMatch + 1, 'a'));
  REQUIRE(run.hits.size() == 2);
  CHECK(run.hits[0].bytes.size() == limits::kMaxMatch);
  CHECK(run.outcome.limits.size() == 1);
}

TEST_CASE("matcher: a match whose start is too far away is left out, and that is said") {
  const std::string text = "BEGIN" + std::string(limits::kMaxMatch, '.') + "END BEGIN.END";
  for (const std::size_t chunk : {std::size_t{1000}, limits::kChunk}) {
    const auto run = scan_with({literal("BEGIN[^#]*END")}, text, chunk);
    CHECK(texts(run) == Texts{"BEGIN.END"});
    CHECK(run.outcome.limits.size() == 1);
  }
}

TEST_CASE("matcher: text made to overlap without end is given up, and that is said") {
  std::string text = "a" + std::string(limits::kMaxMatch, '.');
  for (int i = 0; i < 100'000; ++i) text += "b.";
  const auto run = scan_with({literal("a[^#]*b")}, text);
  CHECK(run.hits.empty());
  CHECK(run.outcome.limits.size() == 1);
}

TEST_CASE("matcher: an expression that is refused is named with the reason") {
  const auto why = [](const std::string& expression) {
    const auto checked = Matcher::check(literal(expression));
    if (checked) return std::string("accepted");
    CHECK(checked.error().code() == ErrorCode::kInvalid);
    return checked.error().message();
  };
  CHECK(why("a(b") == "expression 'a(b': Missing close parenthesis for group started at index 1");
  CHECK(why("a*") == "expression 'a*': can match nothing at all");
  CHECK(why("\\b") == "expression '\\\\b': can match nothing at all");
  CHECK(why("a{40000}") != "accepted");
  CHECK(why("(?=a)b") != "accepted");
  CHECK(why("(a)\\1") != "accepted");
  CHECK(why("(?x)a b") == "expression '(?x)a b': (?x at offset 0 is not supported");
  CHECK(why("\\Qa.b\\E") != "accepted");
  CHECK(why("a\n\x1b[(") ==
        "expression 'a\\x0a\\x1b[(': Unterminated character class starting at "
        "index 3");
  CHECK(why(std::string("a\0b", 3)) != "accepted");
  CHECK(why("AKIA[0-9A-Z]{16}") == "accepted");
}

TEST_CASE("matcher: compile() names plugin and subscription of a wrong one") {
  Subscriptions good, wrong;
  good.patterns = {literal("a")};
  wrong.patterns = {literal("b"), literal("(")};
  auto matcher = Matcher::compile({&good, &wrong});
  REQUIRE_FALSE(matcher);
  CHECK(matcher.error().message().substr(0, 21) == "plugin 1, pattern 1: ");
  wrong.patterns.clear();
  wrong.files.resize(1);
  wrong.files[0].where.paths = {"["};
  matcher = Matcher::compile({&good, &wrong});
  REQUIRE_FALSE(matcher);
  CHECK(matcher.error().message().substr(0, 19) == "plugin 1, files 0: ");
}

TEST_CASE("matcher: without subscriptions it wants nothing") {
  auto matcher = Matcher::compile({});
  REQUIRE(matcher);
  CHECK(wanted_for(**matcher, "a", 1).nothing());
  CHECK((*matcher)->make_scanner());
}

TEST_CASE("matcher: what one file wanted does not decide for the next") {
  Subscriptions wishes;
  wishes.patterns = {literal("a"), literal("b"), literal("c")};
  wishes.patterns[1].binary = true;
  wishes.patterns[2].where.magic = {"c"};
  auto matcher = Matcher::compile({&wishes});
  REQUIRE(matcher);
  auto scanner = (*matcher)->make_scanner();
  REQUIRE(scanner);
  const auto found = [&](const std::string& text, std::vector<SubscriptionRef> patterns) {
    Content content(text);
    Wanted wanted;
    wanted.patterns = std::move(patterns);
    std::string all;
    REQUIRE((*scanner)->scan(content, wanted, [&](const Hit& hit) {
      all += hit.bytes;
      return true;
    }));
    return all;
  };
  const std::vector<SubscriptionRef> some = {{0, 0}, {0, 1}}, every = {{0, 0}, {0, 1}, {0, 2}};
  const std::string binary("abc\0", 4);
  for (int i = 0; i < 2; ++i) {
    CHECK(found("abc", some) == "ab");
    CHECK(found("abc", some) == "ab");
    CHECK(found(binary, some) == "b");
    CHECK(found("cab", every) == "abc");
    CHECK(found("abc", every) == "ab");
    CHECK(found("abc", {{0, 1}}) == "b");
    CHECK(found("xyz", some).empty());
    CHECK(found("abc", {}).empty());
  }
}

TEST_CASE("matcher: compiled patterns are kept, and nothing that is none is taken up") {
  Subscriptions wishes;
  wishes.patterns = {literal("AKIA[0-9A-Z]{17}"), literal("kept_[a-z]{8}")};  // of this test alone
  wishes.patterns[1].binary = true;
  const auto compile = [&](KeptDatabases kept, std::size_t taken_up, std::size_t compiled) {
    DatabaseShelf shelf(std::move(kept));
    const auto matcher = Matcher::compile({&wishes}, Matcher::What::kEverything, &shelf);
    REQUIRE(matcher);
    CHECK(shelf.taken_up() == taken_up);
    CHECK(shelf.compiled() == compiled);
    return shelf.take_changed();
  };
  // For texts and for binary files, in one piece and in streams; and the widths.
  const KeptDatabases kept = compile({}, 0, 4);
  CHECK(kept.size() == 5);
  CHECK(compile(kept, 4, 0).empty());
  KeptDatabases damaged = kept;
  damaged[0].second[damaged[0].second.size() / 2] ^= 1;
  damaged[1].second.resize(20);
  damaged[2].second = "no database";
  damaged[3].second.clear();
  damaged[4].second = "no widths";
  CHECK(compile(damaged, 0, 4) == kept);
  wishes.patterns[0].caseless = true;
  CHECK(compile(kept, 2, 2).size() == 5);  // those of binary files are the same
}

TEST_CASE("shelf: each plugin finds what it kept, and what it gives replaces that") {
  const auto start = [](KeptDatabases kept, KeptDatabases given) {
    DatabaseShelf shelf(std::move(kept));
    KeptBytes of_a = shelf.of_plugin("org.a"), of_b = shelf.of_plugin("org.a.b");
    of_a.given = std::move(given);
    shelf.keep("org.a", std::move(of_a));
    shelf.keep("org.a.b", std::move(of_b));
    return shelf.take_changed();
  };
  CHECK(start({}, {}).empty());
  const KeptDatabases kept = start({{"plugin org.a.b x", "3"}}, {{"x", "1"}, {"y z", "2"}});
  CHECK(kept == KeptDatabases{
                    {"plugin org.a x", "1"}, {"plugin org.a y z", "2"}, {"plugin org.a.b x", "3"}});
  const KeptBytes found = DatabaseShelf(kept).of_plugin("org.a");
  CHECK(found.before == KeptDatabases{{"x", "1"}, {"y z", "2"}});
  CHECK(start(kept, {}).empty());
  CHECK(start(kept, {{"x", "4"}}) ==
        KeptDatabases{{"plugin org.a x", "4"}, {"plugin org.a.b x", "3"}});
}
