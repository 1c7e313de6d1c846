// SPDX-License-Identifier: Apache-2.0
//
// member_index_test.cpp: ranges of members in an image archive.
#include "archive/member_index.hpp"

#include "base/read_file.hpp"
#include "support/catch.hpp"
#include "support/tar_writer.hpp"

namespace meridian::archive {
namespace {

using testing_support::TarMember;
using testing_support::TarWriter;

base::UniqueFd file_of(const std::string& bytes) {
  auto file = base::make_scratch_file();
  REQUIRE(file);
  REQUIRE(base::write_all(file->get(), bytes));
  return *std::move(file);
}

Result<std::vector<Member>> index_of(const std::string& bytes) {
  const base::UniqueFd file = file_of(bytes);
  return index_members(file.get(), bytes.size(), "image.tar");
}

ErrorCode code_of(const std::string& bytes) {
  const auto members = index_of(bytes);
  REQUIRE_FALSE(members);
  CHECK(members.error().message().find("image.tar") != std::string::npos);
  return members.error().code();
}

void seal(std::string& header) {
  header.replace(148, 8, "        ");
  unsigned sum = 0;
  for (const char byte : header) sum += static_cast<unsigned char>(byte);
  std::string octal;
  for (int i = 5; i >= 0; --i) octal += static_cast<char>('0' + (sum >> (3 * i) & 7));
  header.replace(148, 8, octal + std::string("\0 ", 2));
}

/// A header as TarWriter would not write it.
std::string raw_header(char type, const std::string& name, std::size_t size) {
  TarMember member;
  member.path = name;
  member.content = std::string(size, ' ');
  std::string header = TarWriter().add(member).open_end().substr(0, 512);
  header[156] = type;
  seal(header);
  return header;
}

std::string padded(std::string text) {
  text.resize((text.size() + 511) / 512 * 512, '\0');
  return text;
}

}  // namespace

TEST_CASE("member_index: a range holds exactly the member's bytes") {
  TarWriter tar;
  tar.directory("blobs/")
      .file("blobs/a", "first")
      .file("empty", "")
      .file("b", std::string(513, 'b'));
  tar.symlink("link", "blobs/a").hardlink("hard", "b").file("blobs/a", "again");
  const std::string bytes = tar.finish();
  const auto members = index_of(bytes);
  REQUIRE(members);
  REQUIRE(members->size() == 7);
  CHECK((*members)[0].type == TarType::kDirectory);
  const Member& first = (*members)[1];
  CHECK(bytes.substr(first.offset, first.size) == "first");
  CHECK((*members)[2].size == 0);
  CHECK(bytes.substr((*members)[3].offset, (*members)[3].size) == std::string(513, 'b'));
  CHECK((*members)[4].type == TarType::kSymlink);
  CHECK((*members)[4].link == "blobs/a");
  CHECK((*members)[5].type == TarType::kHardlink);
  CHECK((*members)[5].link == "b");
  CHECK(bytes.substr((*members)[6].offset, (*members)[6].size) == "again");
}

TEST_CASE("member_index: long names of pax, of GNU and of ustar are put together") {
  const std::string name = std::string(120, 'a') + "/" + std::string(120, 'b');
  TarWriter pax;
  pax.file(name, "pax").symlink("l", name);
  std::string bytes = pax.open_end();
  bytes += raw_header('L', "././@LongLink", name.size() + 1) + padded(name + '\0');
  bytes += raw_header('0', "short", 3) + padded("gnu");
  bytes += raw_header('K', "././@LongLink", name.size() + 1) + padded(name + '\0');
  bytes += raw_header('2', "gnu-link", 0);
  std::string ustar = raw_header('0', "file", 5);
  ustar.replace(345, 6, "prefix");
  seal(ustar);
  bytes += ustar + padded("ustar") + std::string(1024, '\0');
  const auto members = index_of(bytes);
  REQUIRE(members);
  REQUIRE(members->size() == 5);
  CHECK((*members)[0].path == name);
  CHECK((*members)[1].link == name);
  CHECK((*members)[2].path == name);
  CHECK(bytes.substr((*members)[2].offset, (*members)[2].size) == "gnu");
  CHECK((*members)[3].link == name);
  CHECK((*members)[4].path == "prefix/file");
}

TEST_CASE("member_index: sizes in base 256 and in pax count, negative and absurd ones do not") {
  std::string large = raw_header('0', "f", 0);
  large.replace(124, 12, std::string("\x80\0\0\0\0\0\0\0\0\0\0\x03", 12));
  seal(large);
  const auto members = index_of(large + padded("abc"));
  REQUIRE(members);
  CHECK(members->at(0).size == 3);
  for (const char first : {'\xff', '\x80'}) {
    std::string bent = raw_header('0', "f", 0);
    bent.replace(124, 12, std::string(1, first) + std::string(11, '\xff'));
    seal(bent);
    CHECK(code_of(bent + padded("abc")) == ErrorCode::kCorrupt);
  }
  TarMember member;
  member.path = "f";
  member.pax["size"] = "4";
  member.content = "four";
  const auto with_pax = index_of(TarWriter().add(member).finish());
  REQUIRE(with_pax);
  CHECK(with_pax->at(0).size == 4);
  for (const char* size : {"18446744073709551615", "9999999999999", "-1", "x", ""}) {
    member.pax["size"] = size;
    CHECK(code_of(TarWriter().add(member).finish()) == ErrorCode::kCorrupt);
  }
}

TEST_CASE("member_index: a sparse member is refused by name, for its bytes are no range") {
  TarMember sparse;
  sparse.path = "layer.tar";
  sparse.pax["GNU.sparse.major"] = "1";
  CHECK(code_of(TarWriter().add(sparse).finish()) == ErrorCode::kUnsupported);
  CHECK(code_of(raw_header('S', "old", 0) + std::string(1024, '\0')) == ErrorCode::kUnsupported);
}

TEST_CASE("member_index: what is no tar, compressed, damaged or too large a header is an error") {
  CHECK(code_of(std::string(1024, 'x')) == ErrorCode::kCorrupt);
  CHECK(code_of("\x1f\x8b garbage") == ErrorCode::kCorrupt);
  std::string bytes = TarWriter().file("a", "a").finish();
  bytes[0] = 'X';
  CHECK(code_of(bytes) == ErrorCode::kCorrupt);
  CHECK(code_of(raw_header('x', "pax", 0x200000) + std::string(0x200000, ' ')) ==
        ErrorCode::kLimit);
  CHECK(code_of(raw_header('x', "pax", 12) + padded("99 path=a\n")) == ErrorCode::kCorrupt);
  CHECK(code_of(raw_header('L', "l", 5) + padded("name")) == ErrorCode::kCorrupt);
  // Some readers stop at a lone zero block, some read on: nobody may hide members there.
  const std::string member = TarWriter().file("a", "a").open_end();
  CHECK(code_of(member + std::string(512, '\0') + member) == ErrorCode::kCorrupt);
}

TEST_CASE("member_index: cut anywhere it is an error or a prefix, and every range lies inside") {
  TarWriter tar;
  tar.file("a", std::string(600, 'a')).directory("d/").file(std::string(130, 'n'), "n");
  const std::string whole = tar.finish();
  const auto all = index_of(whole);
  REQUIRE(all);
  for (std::size_t size = 0; size < whole.size(); size += 128) {
    CAPTURE(size);
    const auto some = index_of(whole.substr(0, size));
    if (!some) {
      CHECK(some.error().code() == ErrorCode::kCorrupt);
      continue;
    }
    for (std::size_t i = 0; i < some->size(); ++i) {
      CHECK((*some)[i].path == (*all)[i].path);
      CHECK((*some)[i].offset + (*some)[i].size <= size);
    }
  }
}

}  // namespace meridian::archive
