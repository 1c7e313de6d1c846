// SPDX-License-Identifier: Apache-2.0
//
// catalog_test.cpp: a plugin directory full of junk: each piece is refused by name, the good load.
#include "plugin/catalog.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/limits.hpp"
#include "support/catch.hpp"

using namespace meridian;
namespace fs = std::filesystem;

namespace {

/// A plugin directory of its own, with a copy of the fixture `hello` in it.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "meridian-catalog-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
    fs::permissions(root_, fs::perms::owner_all);
    add_hello("good");
  }
  ~Folder() { fs::remove_all(root_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  fs::path path(const std::string& name) const { return root_ / name; }
  void add_hello(const std::string& name) const {
    fs::copy(MERIDIAN_FIXTURES "/hello", path(name), fs::copy_options::recursive);
    for (const auto& entry : fs::recursive_directory_iterator(path(name))) {
      if (!entry.is_symlink()) fs::permissions(entry, fs::perms(0755));
    }
    fs::permissions(path(name), fs::perms(0755));
  }
  void write(const std::string& name, const std::string& bytes) const {
    fs::create_directories(path(name).parent_path());
    std::ofstream(path(name), std::ios::binary) << bytes;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(file)), {});
  }
  void replace(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = read(name);
    REQUIRE(text.find(from) != std::string::npos);
    write(name, text.replace(text.find(from), from.size(), to));
  }
  plugin::Catalog look() const {
    plugin::Catalog catalog;
    REQUIRE(plugin::add_directory(root_.string(), catalog).has_value());
    return catalog;
  }

 private:
  fs::path root_;
};

/// `good` loads and `name` alone is refused; its refusal.
plugin::Refusal refusal_of(const Folder& folder, const std::string& name) {
  const plugin::Catalog catalog = folder.look();
  for (const auto& refusal : catalog.refusals)
    UNSCOPED_INFO(refusal.path << ": " << refusal.message);
  CHECK(catalog.bundles.size() == 1);
  REQUIRE(catalog.refusals.size() == 1);
  CHECK(catalog.refusals[0].path == folder.path(name).string());
  return catalog.refusals[0];
}

void check_form(const plugin::Refusal& refusal) {
  INFO(refusal.message);
  CHECK(refusal.message.find("; required: ") != std::string::npos);
  CHECK(refusal.message.find("; mend: ") != std::string::npos);
}

bool says(const plugin::Refusal& refusal, const std::string& words) {
  UNSCOPED_INFO(refusal.message);
  return refusal.message.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("catalog: a bundle is read whole: manifest, note, rules and digests") {
  const Folder folder;
  const auto catalog = folder.look();
  REQUIRE(catalog.bundles.size() == 1);
  const plugin::Bundle& bundle = catalog.bundles[0];
  CHECK(bundle.manifest.id == "org.meridian.fixture.hello");
  CHECK(bundle.note.id == bundle.manifest.id);
  CHECK(bundle.library == folder.read("good/hello.so"));
  CHECK(bundle.digest.starts_with("sha256:"));
  REQUIRE(bundle.rules.size() == 1);
  CHECK(bundle.rules[0] == std::pair<std::string, std::string>("who.txt", "friend\n"));
  CHECK(bundle.rules_digest == plugin::digest_of_rules(bundle.rules, {}));
  CHECK(catalog.refusals.empty());
}

TEST_CASE("catalog: a directory that is a bundle itself is taken as one") {
  const Folder folder;
  plugin::Catalog catalog;
  REQUIRE(plugin::add_directory(folder.path("good").string(), catalog).has_value());
  REQUIRE(plugin::add_directory(folder.path("good").string(), catalog).has_value());
  CHECK(catalog.bundles.size() == 1);
  CHECK(catalog.refusals.empty());
  CHECK(plugin::add_directory(folder.path("absent").string(), catalog).error().code() ==
        ErrorCode::kNotFound);
}

TEST_CASE("catalog: junk without manifest or note is refused and is no plugin") {
  const Folder folder;
  SECTION("text") { folder.write("x", "hello"); }
  SECTION("text named .so") { folder.write("x", "#!/bin/sh\n"); }
  SECTION("damaged ELF") {
    folder.write("x",
                 "\x7f"
                 "ELF" +
                     std::string(500, '\xff'));
  }
  SECTION("folder") { folder.write("x/readme.md", "nothing"); }
  SECTION("dangling link") { fs::create_symlink("/absent", folder.path("x")); }
  SECTION("link to a bundle") { fs::create_symlink(folder.path("good"), folder.path("x")); }
  SECTION("FIFO") { REQUIRE(::mkfifo(folder.path("x").c_str(), 0600) == 0); }
  SECTION("huge sparse file") {
    folder.write("x", "");
    fs::resize_file(folder.path("x"), 10ull << 30);
  }
  const auto refusal = refusal_of(folder, "x");
  CHECK_FALSE(refusal.is_plugin);
  check_form(refusal);
}

TEST_CASE("catalog: a library with a note that lies loose was meant to be a plugin") {
  const Folder folder;
  SECTION("beside the bundles") { fs::copy(folder.path("good/hello.so"), folder.path("x")); }
  SECTION("in a folder without manifest") {
    fs::create_directory(folder.path("x"));
    fs::copy(folder.path("good/hello.so"), folder.path("x/hello.so"));
  }
  const auto refusal = refusal_of(folder, "x");
  CHECK(refusal.is_plugin);
  check_form(refusal);
}

TEST_CASE("catalog: a plain file as plugin directory is refused") {
  const Folder folder;
  folder.write("file", "x");
  plugin::Catalog catalog;
  REQUIRE(plugin::add_directory(folder.path("file").string(), catalog).has_value());
  REQUIRE(catalog.refusals.size() == 1);
  CHECK_FALSE(catalog.refusals[0].is_plugin);
  check_form(catalog.refusals[0]);
}

TEST_CASE("catalog: a manifest that cannot be read refuses its bundle") {
  const Folder folder;
  SECTION("no JSON") { folder.write("x/plugin.json", "{nonsense"); }
  SECTION("misspelt key") { folder.write("x/plugin.json", R"({"verison": "1"})"); }
  SECTION("too large") {
    folder.write("x/plugin.json", std::string(limits::kMaxManifest + 1, ' '));
  }
  SECTION("link to /etc/passwd") {
    fs::create_directory(folder.path("x"));
    fs::create_symlink("/etc/passwd", folder.path("x/plugin.json"));
  }
  SECTION("FIFO") {
    fs::create_directory(folder.path("x"));
    REQUIRE(::mkfifo(folder.path("x/plugin.json").c_str(), 0600) == 0);
  }
  SECTION("folder") { fs::create_directories(folder.path("x/plugin.json")); }
  const auto refusal = refusal_of(folder, "x");
  CHECK(refusal.is_plugin);
  CHECK(says(refusal, "plugin.json"));
  check_form(refusal);
}

TEST_CASE("catalog: a library that is missing, no file or damaged refuses its bundle") {
  const Folder folder;
  folder.add_hello("x");
  const std::string whole = folder.read("x/hello.so");
  fs::remove(folder.path("x/hello.so"));
  SECTION("missing") {}
  SECTION("link out of the bundle") {
    fs::create_symlink(folder.path("good/hello.so"), folder.path("x/hello.so"));
  }
  SECTION("FIFO") { REQUIRE(::mkfifo(folder.path("x/hello.so").c_str(), 0600) == 0); }
  SECTION("huge sparse file") {
    folder.write("x/hello.so", whole);
    fs::resize_file(folder.path("x/hello.so"), 10ull << 30);
  }
  SECTION("cut") { folder.write("x/hello.so", whole.substr(0, 20'000)); }
  SECTION("empty") { folder.write("x/hello.so", ""); }
  SECTION("other architecture") {
    std::string other = whole;
    other[18] = '\x16';  // e_machine: EM_S390
    folder.write("x/hello.so", other);
  }
  const auto refusal = refusal_of(folder, "x");
  CHECK(refusal.is_plugin);
  CHECK(says(refusal, "hello.so"));
  check_form(refusal);
}

TEST_CASE("catalog: manifest and note have to agree") {
  const Folder folder;
  folder.add_hello("x");
  SECTION("id") { folder.replace("x/plugin.json", "fixture.hello", "fixture.other"); }
  SECTION("version") { folder.replace("x/plugin.json", "1.0.0", "1.0.1"); }
  const auto refusal = refusal_of(folder, "x");
  CHECK(says(refusal, "ELF note"));
  check_form(refusal);
}

TEST_CASE("catalog: what somebody else could change is refused with the chmod that mends it") {
  const Folder folder;
  folder.add_hello("x");
  std::string changed;
  SECTION("bundle") { changed = "x"; }
  SECTION("manifest") { changed = "x/plugin.json"; }
  SECTION("library") { changed = "x/hello.so"; }
  SECTION("rules") { changed = "x/rules"; }
  SECTION("a rule file") { changed = "x/rules/who.txt"; }
  for (const auto bit : {fs::perms::group_write, fs::perms::others_write}) {
    fs::permissions(folder.path(changed), fs::perms(0755) | bit);
    const auto refusal = refusal_of(folder, "x");
    CHECK(says(refusal, "chmod go-w '" + folder.path(changed).string()));
    check_form(refusal);
  }
  if (::geteuid() == 0) {
    fs::permissions(folder.path(changed), fs::perms(0755));
    REQUIRE(::lchown(folder.path(changed).c_str(), 12345, 0) == 0);
    const auto refusal = refusal_of(folder, "x");
    CHECK(says(refusal, "belongs to uid 12345"));
    check_form(refusal);
  }
}

TEST_CASE("catalog: rules are regular files, and their digest covers names and bytes") {
  const Folder folder;
  folder.add_hello("x");
  SECTION("a link is refused") {
    fs::create_symlink("/etc/passwd", folder.path("x/rules/passwd"));
    const auto refusal = refusal_of(folder, "x");
    CHECK(says(refusal, "rules/passwd"));
    check_form(refusal);
  }
  SECTION("folders are entered, to a depth") {
    folder.write("good/rules/a/b/c.txt", "deep");
    fs::remove_all(folder.path("x"));
    const auto catalog = folder.look();
    REQUIRE(catalog.bundles.size() == 1);
    CHECK(catalog.bundles[0].rules[0].first == "a/b/c.txt");
    folder.write("good/rules/1/2/3/4/5/6/7/8/9/x", "");
    CHECK(folder.look().refusals.size() == 1);
  }
  using Rules = std::vector<std::pair<std::string, std::string>>;
  CHECK(plugin::digest_of_rules({}, {}) == "");
  CHECK(plugin::digest_of_rules(Rules{{"ab", "c"}}, {}) !=
        plugin::digest_of_rules(Rules{{"a", "bc"}}, {}));
}

TEST_CASE("catalog: the second bundle of an id is refused, in order of names") {
  const Folder folder;
  folder.add_hello("twin");
  const auto refusal = refusal_of(folder, "twin");
  CHECK(refusal.is_plugin);
  CHECK(says(refusal, "good"));
  check_form(refusal);
}

TEST_CASE("catalog: control bytes of names do not reach the message") {
  const Folder folder;
  folder.write("x/plugin.json", "{\"a\x1b[31m\": 1}");
  CHECK(refusal_of(folder, "x").message.find('\x1b') == std::string::npos);
}
