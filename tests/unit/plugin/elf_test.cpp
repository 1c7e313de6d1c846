// SPDX-License-Identifier: Apache-2.0
//
// elf_test.cpp: notes and lint over ELF files made here, right and hostile.
#include <elf.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "meridian/abi/entry.h"
#include "plugin/elf_lint.hpp"
#include "plugin/elf_note.hpp"
#include "support/catch.hpp"

using namespace meridian;

namespace {

template <typename T>
std::string bytes_of(const T& record) {
  return std::string(reinterpret_cast<const char*>(&record), sizeof record);
}

meridian_note record() {
  meridian_note note{};
  note.abi_minor = MERIDIAN_ABI_MINOR;
  note.host_minor_min = MERIDIAN_ABI_MINOR;
  note.model_version = MERIDIAN_MODEL_VERSION;
  std::strcpy(note.id, "org.example.x");
  std::strcpy(note.version, "1.2.3");
  return note;
}

std::string note(const std::string& name, std::uint32_t type, const std::string& content) {
  const Elf64_Nhdr header{static_cast<std::uint32_t>(name.size()),
                          static_cast<std::uint32_t>(content.size()), type};
  std::string result = bytes_of(header) + name;
  result.resize((result.size() + 3) / 4 * 4);
  result += content;
  result.resize((result.size() + 3) / 4 * 4);
  return result;
}

std::string our_note() {
  return note(std::string("Meridian\0", 9), MERIDIAN_NOTE_TYPE, bytes_of(record()));
}

Elf64_Ehdr header() {
  Elf64_Ehdr result{};
  std::memcpy(result.e_ident, ELFMAG, SELFMAG);
  result.e_ident[EI_CLASS] = ELFCLASS64;
  result.e_ident[EI_DATA] = ELFDATA2LSB;
  result.e_ident[EI_VERSION] = EV_CURRENT;
  result.e_type = ET_DYN;
#if defined(__x86_64__)
  result.e_machine = EM_X86_64;
#else
  result.e_machine = EM_AARCH64;
#endif
  result.e_phoff = sizeof result;
  result.e_phentsize = sizeof(Elf64_Phdr);
  return result;
}

/// An ELF file whose only program header is a PT_NOTE over `notes`.
std::string file_with(const std::string& notes, std::uint64_t alignment = 4) {
  Elf64_Ehdr head = header();
  head.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = PT_NOTE;
  segment.p_offset = sizeof head + sizeof segment;
  segment.p_filesz = notes.size();
  segment.p_align = alignment;
  return bytes_of(head) + bytes_of(segment) + notes;
}

template <typename T>
std::string patched(std::string file, std::size_t offset, T value) {
  std::memcpy(file.data() + offset, &value, sizeof value);
  return file;
}

constexpr std::size_t kSegment = sizeof(Elf64_Ehdr);

std::string fixture(const char* name) {
  std::ifstream file(std::string(MERIDIAN_FIXTURES "/") + name + "/" + name + ".so",
                     std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  REQUIRE(bytes.size() > 1000);
  return bytes;
}

ErrorCode code(const std::string& file) {
  const auto result = plugin::read_elf_note(file);
  REQUIRE_FALSE(result.has_value());
  return result.error().code();
}

}  // namespace

TEST_CASE("elf_note: the identity is read from PT_NOTE, past other notes") {
  const std::string other = note(std::string("GNU\0", 4), 3, "abcde");
  for (const std::string& file :
       {file_with(our_note()), file_with(other + our_note()),
        file_with(our_note() + std::string(64, '\0')), file_with(our_note(), 8)}) {
    const auto read = plugin::read_elf_note(file);
    REQUIRE(read.has_value());
    CHECK(read->id == "org.example.x");
    CHECK(read->version == "1.2.3");
    CHECK(read->abi_minor == MERIDIAN_ABI_MINOR);
  }
}

TEST_CASE("elf_note: a built plugin carries what MERIDIAN_PLUGIN says") {
  const auto read = plugin::read_elf_note(fixture("hello"));
  REQUIRE(read.has_value());
  CHECK(read->id == "org.meridian.fixture.hello");
  CHECK(read->host_minor_min == MERIDIAN_ABI_MINOR);
  CHECK(read->model_version == MERIDIAN_MODEL_VERSION);
}

TEST_CASE("elf_note: sections are not looked at") {
  std::string file = fixture("hello");
  file = patched(file, offsetof(Elf64_Ehdr, e_shoff), ~std::uint64_t{0});
  file = patched(file, offsetof(Elf64_Ehdr, e_shnum), std::uint16_t{0xffff});
  CHECK(plugin::read_elf_note(file).has_value());
}

TEST_CASE("elf_note: what is no ELF file or cut short is corrupt") {
  const std::string whole = file_with(our_note());
  CHECK(code("") == ErrorCode::kCorrupt);
  CHECK(code("#!/bin/sh\n") == ErrorCode::kCorrupt);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK(code(whole.substr(0, size)) == ErrorCode::kCorrupt);
  }
}

TEST_CASE("elf_note: other machines, classes and kinds are unsupported") {
  const std::string file = file_with(our_note());
  CHECK(code(patched(file, EI_CLASS, char{ELFCLASS32})) == ErrorCode::kUnsupported);
  CHECK(code(patched(file, EI_DATA, char{ELFDATA2MSB})) == ErrorCode::kUnsupported);
  CHECK(code(patched(file, offsetof(Elf64_Ehdr, e_machine), std::uint16_t{EM_S390})) ==
        ErrorCode::kUnsupported);
  CHECK(code(patched(file, offsetof(Elf64_Ehdr, e_type), std::uint16_t{ET_CORE})) ==
        ErrorCode::kUnsupported);
}

TEST_CASE("elf_note: counts and offsets that lie are refused") {
  const std::string file = file_with(our_note());
  const auto set = [&](std::size_t offset, auto value) { return patched(file, offset, value); };
  CHECK(code(set(offsetof(Elf64_Ehdr, e_phnum), std::uint16_t{0xffff})) == ErrorCode::kLimit);
  CHECK(code(set(offsetof(Elf64_Ehdr, e_phnum), std::uint16_t{100})) == ErrorCode::kCorrupt);
  CHECK(code(set(offsetof(Elf64_Ehdr, e_phnum), std::uint16_t{0})) == ErrorCode::kNotFound);
  CHECK(code(set(offsetof(Elf64_Ehdr, e_phentsize), std::uint16_t{1})) == ErrorCode::kCorrupt);
  CHECK(code(set(offsetof(Elf64_Ehdr, e_phoff), ~std::uint64_t{0})) == ErrorCode::kCorrupt);
  CHECK(code(set(offsetof(Elf64_Ehdr, e_phoff), ~std::uint64_t{0} - 10)) == ErrorCode::kCorrupt);
  CHECK(code(set(kSegment + offsetof(Elf64_Phdr, p_offset), ~std::uint64_t{0} - 4)) ==
        ErrorCode::kCorrupt);
  CHECK(code(set(kSegment + offsetof(Elf64_Phdr, p_filesz), ~std::uint64_t{0})) ==
        ErrorCode::kCorrupt);
  const std::size_t notes = kSegment + sizeof(Elf64_Phdr);
  CHECK(code(set(notes, ~std::uint32_t{0})) == ErrorCode::kCorrupt);
  CHECK(code(set(notes + 4, ~std::uint32_t{0})) == ErrorCode::kCorrupt);
  CHECK(code(file_with(std::string(1 << 20, '\0'))) == ErrorCode::kLimit);
}

TEST_CASE("elf_note: a record that is short, unterminated or given twice is corrupt") {
  const std::string name("Meridian\0", 9);
  CHECK(code(file_with(note(name, 1, "short"))) == ErrorCode::kCorrupt);
  CHECK(code(file_with(our_note() + our_note())) == ErrorCode::kCorrupt);
  meridian_note full = record();
  std::memset(full.id, 'a', sizeof full.id);
  CHECK(code(file_with(note(name, 1, bytes_of(full)))) == ErrorCode::kCorrupt);
  meridian_note hidden = record();
  hidden.id[60] = 'x';
  CHECK(code(file_with(note(name, 1, bytes_of(hidden)))) == ErrorCode::kCorrupt);
  CHECK(code(file_with(note(name, 2, bytes_of(record())))) == ErrorCode::kNotFound);
  CHECK(code(file_with(note("Meridian", 1, bytes_of(record())))) == ErrorCode::kNotFound);
}

TEST_CASE("elf_lint: built plugins pass; libraries that export other things do not") {
  CHECK(plugin::lint_elf(fixture("hello")).has_value());
  std::string file = fixture("hello");
  const std::size_t name = file.find(MERIDIAN_ENTRY_NAME);
  REQUIRE(name != std::string::npos);
  file[name] = 'M';
  const auto other = plugin::lint_elf(file);
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().message().find("does not export") != std::string::npos);
}

TEST_CASE("elf_lint: an executable stack and a file without tables are refused") {
  CHECK_FALSE(plugin::lint_elf(file_with(our_note())).has_value());
  std::string file = fixture("hello");
  const auto* const head = reinterpret_cast<const Elf64_Ehdr*>(file.data());
  for (std::size_t i = 0; i < head->e_phnum; ++i) {
    const std::size_t at = head->e_phoff + i * sizeof(Elf64_Phdr);
    Elf64_Phdr segment;
    std::memcpy(&segment, file.data() + at, sizeof segment);
    if (segment.p_type != PT_GNU_STACK) continue;
    const std::string changed =
        patched(file, at + offsetof(Elf64_Phdr, p_flags), std::uint32_t{PF_R | PF_W | PF_X});
    CHECK(plugin::lint_elf(changed).error().code() == ErrorCode::kRefused);
  }
}

TEST_CASE("elf_lint: any one damaged byte of the tables is survived") {
  const std::string file = fixture("hello");
  std::size_t refused = 0;
  for (std::size_t at = 0; at < std::min<std::size_t>(file.size(), 8192); at += 7) {
    refused += plugin::lint_elf(patched(file, at, char{-1})).has_value() ? 0 : 1;
    refused += plugin::read_elf_note(patched(file, at, char{-1})).has_value() ? 0 : 1;
  }
  CHECK(refused > 0);
}
