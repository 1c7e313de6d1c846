// SPDX-License-Identifier: Apache-2.0
//
// bench_matcher.cpp: what the matcher adds to a bare hs_scan over the same small files in memory,
// and what wants() costs for the files of a scan. Not a test: numbers of a loaded machine prove
// nothing.
#include <hs/hs.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "plugin/matcher.hpp"

using namespace meridian;
using namespace meridian::plugin;

namespace {

class Text final : public rootfs::Content {
 public:
  explicit Text(const std::string& text) : text_(text) {}
  std::uint64_t size() const override { return text_.size(); }
  Result<std::size_t> read(std::uint64_t offset, void* buffer, std::size_t capacity) override {
    const std::size_t got = std::min<std::size_t>(capacity, text_.size() - offset);
    std::memcpy(buffer, text_.data() + offset, got);
    return got;
  }

 private:
  const std::string& text_;
};

std::vector<std::string> expressions() {
  std::vector<std::string> all = {
      "\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b", "-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----",
      "eyJ[A-Za-z0-9_-]{10,}\\.eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}",
      "https?://[^\\s:/]{1,64}:[^\\s@/]{1,128}@[^\\s/]{1,255}",
      "xox[baprs]-[0-9]{10,13}-[0-9]{10,13}[a-zA-Z0-9-]*"};
  for (int i = 0; all.size() < 50; ++i)
    all.push_back("\\bp" + std::to_string(i * 37) + "k_[A-Za-z0-9]{20,40}\\b");
  return all;
}

std::vector<std::string> files() {
  std::mt19937 random(3);
  std::vector<std::string> all(20'000);
  for (std::string& text : all) {
    const std::size_t size = 200 + random() % 8000;
    while (text.size() < size) {
      const auto length = 1 + random() % 10;
      for (unsigned i = 0; i < length; ++i) text += static_cast<char>('a' + random() % 26);
      text += " \n;=("[random() % 5];
    }
    if (random() % 100 == 0) text += " AKIAABCDEFGHIJKLMNOP ";
  }
  return all;
}

/// Processor time, best of 25.
double seconds(const std::function<void()>& body) {
  double best = 1e9;
  for (int i = 0; i < 25; ++i) {
    const std::clock_t start = std::clock();
    body();
    best = std::min(best, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return best;
}

int count_event(unsigned, unsigned long long, unsigned long long, unsigned, void* count) {
  ++*static_cast<int*>(count);
  return 0;
}

double bare(const std::vector<std::string>& texts, int& hits) {
  const auto sources = expressions();
  std::vector<const char*> pointers;
  std::vector<unsigned> flags(sources.size(), 0), ids(sources.size(), 0);
  for (const auto& source : sources) pointers.push_back(source.c_str());
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  hs_compile_multi(pointers.data(), flags.data(), ids.data(), static_cast<unsigned>(ids.size()),
                   HS_MODE_BLOCK, nullptr, &database, &error);
  hs_scratch_t* scratch = nullptr;
  hs_alloc_scratch(database, &scratch);
  std::vector<char> buffer(1 << 20);
  const double time = seconds([&] {
    hits = 0;
    for (const auto& text : texts) {
      std::memcpy(buffer.data(), text.data(), text.size());
      hs_scan(database, buffer.data(), static_cast<unsigned>(text.size()), 0, scratch, count_event,
              &hits);
    }
  });
  hs_free_scratch(scratch);
  hs_free_database(database);
  return time;
}

double paths(const Matcher& matcher) {
  rootfs::Stat stat;
  stat.size = 1000;
  stat.mode = 0644;
  std::vector<std::string> names;
  for (int i = 0; i < 166'000; ++i)
    names.push_back("usr/lib/node_modules/package-" + std::to_string(i % 997) + "/dist/file" +
                    std::to_string(i) + (i % 3 == 0 ? ".js" : ".d.ts"));
  Matcher::Choice choice;
  return seconds([&] {
    for (const auto& name : names) matcher.choose(name, stat, choice);
  });
}

}  // namespace

int main() {
  Subscriptions wishes;
  for (const auto& source : expressions()) {
    wishes.patterns.emplace_back();
    wishes.patterns.back().expression = source;
  }
  auto matcher = Matcher::compile({&wishes});
  if (!matcher) return std::printf("%s\n", matcher.error().message().c_str());
  auto scanner = (*matcher)->make_scanner();
  const auto texts = files();
  rootfs::Stat stat;
  stat.size = 1;
  const Wanted wanted = (*matcher)->wants("file", stat);
  int ours = 0, theirs = 0;
  const double with = seconds([&] {
    ours = 0;
    for (const auto& text : texts) {
      Text content(text);
      (void)(*scanner)->scan(content, wanted, [&](const Hit&) { return ++ours > 0; });
    }
  });
  const double without = bare(texts, theirs);
  std::printf("20k files, 50 patterns: matcher %.3f s (%d hits), bare %.3f s (%d), ratio %.2f\n",
              with, ours, without, theirs, with / without);

  Subscriptions many;
  for (int i = 0; i < 60; ++i) {
    many.files.emplace_back();
    auto& where = many.files.back().where;
    const std::string number = std::to_string(i);
    if (i % 4 == 0) where.names = {"*.x" + number, "name" + number};
    if (i % 4 == 1) where.paths = {"etc/" + number + "/**", "**/.config" + number + "/*.conf"};
    if (i % 4 == 2) where.paths = {"usr/*/tool" + number}, where.exclude = {"**/node_modules/**"};
    if (i % 4 == 3) where.names = {"*.js"}, where.exclude = {"**/dist/x" + number + "/**"};
  }
  auto filters = Matcher::compile({&many});
  if (filters) std::printf("166k paths, 60 filters: %.3f s\n", paths(**filters));
  return 0;
}
