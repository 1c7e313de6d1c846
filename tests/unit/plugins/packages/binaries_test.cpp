// SPDX-License-Identifier: Apache-2.0
#include "binaries.hpp"

#include <zlib.h>

#include "support/catch.hpp"
#include "support/package_bytes.hpp"

namespace meridian::packages {
namespace {

using test::elf_of;
using test::little;
using Names = std::vector<std::string>;

Names names(const Parsed& parsed) {
  Names out;
  for (const Package& package : parsed.packages)
    out.push_back(package.name + "=" + package.version);
  return out;
}

Parsed parse(const std::string& bytes) { return parse_elf_program(MemorySource(bytes)); }

std::string modules() {
  const std::string marker(16, 'm');
  return marker +
         "path\texample.org/cmd\nmod\texample.org/me\t(devel)\t\n"
         "dep\tgithub.com/a/b\tv1.2.3\th1:x=\n"
         "dep\tgolang.org/x/net\tv0.1.0\th1:y=\n=>\tgithub.com/fork/net\tv0.2.0\th1:z=\n"
         "dep\texample.org/local\tv1.0.0\n=>\t./local\t\n" +
         marker;
}

std::string go_inline() {
  const std::string version = "go1.21.3 X:nocoverageredesign", text = modules();
  std::string section = "\xff Go buildinf:";
  section += std::string("\x08\x02", 2) + std::string(16, '\0');
  const std::string size{static_cast<char>(0x80 | (text.size() & 0x7f)),
                         static_cast<char>(text.size() >> 7)};
  return section + static_cast<char>(version.size()) + version + size + text;
}

const Names kModules = {"stdlib=1.21.3", "example.org/me=", "github.com/a/b=v1.2.3",
                        "github.com/fork/net=v0.2.0", "example.org/local=v1.0.0"};

std::string packed(const std::string& text) {
  std::string out(compressBound(text.size()), '\0');
  uLongf size = out.size();
  REQUIRE(compress(reinterpret_cast<Bytef*>(out.data()), &size,
                   reinterpret_cast<const Bytef*>(text.data()), text.size()) == Z_OK);
  out.resize(size);
  return out;
}

}  // namespace

TEST_CASE("go: modules of build information, with what stands for a replaced one") {
  const Parsed parsed = parse(elf_of({{".go.buildinfo", go_inline()}}));
  CHECK(parsed.problems.empty());
  CHECK(names(parsed) == kModules);
  CHECK(parsed.packages[0].kind == Kind::kEmbedded);
}

TEST_CASE("go: build information before Go 1.18 is behind pointers") {
  constexpr std::uint64_t kBase = 0x400000;
  const std::string version = "go1.17.2", text = modules();
  // Where elf_of puts the one section.
  const std::uint64_t section = 128, strings = section + 32, texts = strings + 32;
  std::string bytes = "\xff Go buildinf:";
  bytes +=
      std::string("\x08\x00", 2) + little(kBase + strings, 8) + little(kBase + strings + 16, 8);
  bytes += little(kBase + texts, 8) + little(version.size(), 8);
  bytes += little(kBase + texts + version.size(), 8) + little(text.size(), 8);
  const Parsed parsed = parse(elf_of({{".go.buildinfo", bytes + version + text}}));
  CHECK(parsed.problems.empty());
  REQUIRE(parsed.packages.size() == kModules.size());
  CHECK(names(parsed)[0] == "stdlib=1.17.2");
}

TEST_CASE("go: without a section table it is found where Go's data begins") {
  std::string bytes = elf_of({{".go.buildinfo", go_inline()}});
  bytes.replace(60, 4, little(0, 4));  // no sections
  CHECK(names(parse(bytes)) == kModules);
}

TEST_CASE("go: build information that leads out of the file is a problem") {
  std::string bytes = "\xff Go buildinf:";
  bytes += std::string("\x08\x00", 2) + little(0x7fffffff, 8) + little(0x7fffffff, 8);
  CHECK(parse(elf_of({{".go.buildinfo", bytes}})).problems.size() == 1);
  std::string cut = go_inline();
  cut.resize(70);
  CHECK_FALSE(parse(elf_of({{".go.buildinfo", cut}})).packages.size() == kModules.size());
}

TEST_CASE("rust: what cargo-auditable wrote, without what only built it") {
  const std::string json = R"({"packages": [
      {"name": "serde", "version": "1.0.1", "source": "crates.io"},
      {"name": "cc", "version": "1.0.2", "source": "crates.io", "kind": "build"},
      {"name": "app", "version": "0.1.0", "source": "local", "root": true}]})";
  const Parsed parsed = parse(elf_of({{".dep-v0", packed(json)}}));
  CHECK(parsed.problems.empty());
  CHECK(names(parsed) == Names{"serde=1.0.1", "app=0.1.0"});
}

TEST_CASE("rust: a section that unpacks without end is a limit, a damaged one a problem") {
  const Parsed bomb = parse(elf_of({{".dep-v0", packed(std::string(20 << 20, ' '))}}));
  REQUIRE(bomb.problems.size() == 1);
  CHECK(bomb.problems[0].code() == ErrorCode::kLimit);
  CHECK(parse(elf_of({{".dep-v0", "no zlib"}})).problems.size() == 1);
}

TEST_CASE("elf: a program of neither kind, and what is no ELF file, are none of our business") {
  CHECK(parse(elf_of({{".text", "x"}})).problems.empty());
  CHECK(parse(std::string("\x7f"
                          "ELF") +
              std::string(100, '\xff'))
            .packages.empty());
  CHECK(parse("MZ").problems.empty());
}

}  // namespace meridian::packages
