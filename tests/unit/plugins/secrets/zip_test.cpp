// SPDX-License-Identifier: Apache-2.0
#include "zip.hpp"

#include <zlib.h>

#include <functional>

#include "packed.hpp"

namespace meridian::secrets {
namespace {

std::string le(std::uint64_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * i & 0xff);
  return bytes;
}

// One member, and what a writer may say wrong of it.
struct Made {
  std::string name = "a", bytes = "text";
  unsigned method = 0, flags = 0;
  std::uint64_t crc = 0x1'0000'0000, size = ~0ull, packed = ~0ull, header = ~0ull;
  std::uint32_t attributes = 0;
  std::string extra = {};     // of the directory
  bool sizes_follow = false;  // a data descriptor: zeros in the local header
};

std::string deflated(const std::string& bytes) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(bytes.size() + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zip_of(const std::vector<Made>& members, const std::string& comment = "",
                   bool is_64 = false) {
  std::string out, directory;
  for (const Made& one : members) {
    const std::string data = one.method == 8 ? deflated(one.bytes) : one.bytes;
    const auto real = ::crc32(0, reinterpret_cast<const Bytef*>(one.bytes.data()),
                              static_cast<uInt>(one.bytes.size()));
    const std::uint64_t crc = one.crc <= 0xffffffff ? one.crc : real;
    const std::uint64_t header = one.header == ~0ull ? out.size() : one.header;
    const std::uint64_t packed = one.packed == ~0ull ? data.size() : one.packed;
    const std::uint64_t size = one.size == ~0ull ? one.bytes.size() : one.size;
    const std::string what = le(20, 2) + le(one.flags, 2) + le(one.method, 2) + le(0, 4);
    const bool later = one.sizes_follow;
    out += "PK\3\4" + what + le(later ? 0 : crc, 4) + le(later ? 0 : packed, 4) +
           le(later ? 0 : size, 4) + le(one.name.size(), 2) + le(3, 2) + one.name + "ext" + data;
    if (later) out += "PK\7\10" + le(crc, 4) + le(packed, 4) + le(size, 4);
    std::string extra = one.extra;
    if (is_64)
      extra += le(9, 2) + le(2, 2) + "xx" + le(1, 2) + le(24, 2) + le(size, 8) + le(packed, 8) +
               le(header, 8);
    directory += "PK\1\2" + le(20, 2) + what + le(crc, 4) + le(is_64 ? 0xffffffff : packed, 4) +
                 le(is_64 ? 0xffffffff : size, 4) + le(one.name.size(), 2) + le(extra.size(), 2) +
                 le(2, 2) + le(0, 4) + le(one.attributes, 4) + le(is_64 ? 0xffffffff : header, 4) +
                 one.name + extra + "co";
  }
  const std::uint64_t begin = out.size();
  out += directory;
  if (is_64) {
    const std::uint64_t at = out.size();
    out += "PK\6\6" + le(44, 8) + le(45, 4) + le(0, 8) + le(members.size(), 8) +
           le(members.size(), 8) + le(directory.size(), 8) + le(begin, 8);
    out += "PK\6\7" + le(0, 4) + le(at, 8) + le(1, 4);
  }
  out += "PK\5\6" + le(0, 4) + le(is_64 ? 0xffff : members.size(), 2) +
         le(is_64 ? 0xffff : members.size(), 2) + le(is_64 ? 0xffffffff : directory.size(), 4) +
         le(is_64 ? 0xffffffff : begin, 4) + le(comment.size(), 2) + comment;
  return out;
}

struct Log final : MemberSink {
  std::string text = {};
  std::size_t sizes = 0;
  void begin(std::string_view name) override { (text += '[').append(name) += ':'; }
  void add(std::string_view bytes) override {
    sizes += bytes.size();
    text.append(bytes.substr(0, 20));
  }
  void end() override { text += ']'; }
  void damaged(std::string_view name, const Error& why) override {
    (text += '!').append(name).append(": ").append(why.message()) += '!';
  }
};

// What was told; "-": it is no such zip; "limit" behind it.
std::string told(const std::string& bytes, std::uint64_t budget = 1u << 30) {
  MemoryReader reader(bytes);
  Log log;
  const auto read = read_zip(reader, budget, log);
  if (!read) return log.text + (read.error().code() == ErrorCode::kLimit ? "limit" : "error");
  return *read ? log.text : "-" + log.text;
}

constexpr std::uint32_t kLink = 0120777u << 16;

}  // namespace

TEST_CASE("zip: stored, deflated, empty, folders and links, with sizes behind the data") {
  CHECK(told(zip_of({{}, {.name = "b", .bytes = std::string(19, 'x'), .method = 8}})) ==
        "[a:text][b:xxxxxxxxxxxxxxxxxxx]");
  CHECK(told(zip_of({{.name = "d/", .bytes = ""}, {.name = "e", .bytes = ""}})) == "[e:]");
  CHECK(told(zip_of({{.name = "l", .attributes = kLink}, {.attributes = 0100644u << 16}})) ==
        "[a:text]");
  CHECK(told(zip_of({{.method = 8, .flags = 8, .sizes_follow = true}, {.name = "b"}})) ==
        "[a:text][b:text]");
  CHECK(told(zip_of({})).empty());
}

TEST_CASE("zip: bytes in front, a comment, sizes of 64 bits") {
  const std::vector<Made> two = {{}, {.name = "b", .method = 8}};
  for (const bool is_64 : {false, true}) {
    for (const std::string& comment : {std::string(), std::string(65535, 'c')}) {
      const std::string bytes = zip_of(two, comment, is_64);
      CHECK(told(bytes) == "[a:text][b:text]");
      CHECK(told("#!/bin/sh\n" + bytes) == "[a:text][b:text]");
      if (comment.empty()) CHECK(told(bytes + "after") == "[a:text][b:text]");
    }
  }
  // An end in the comment is none: its own comment would not fit.
  CHECK(told(zip_of(two, std::string("PK\5\6") + std::string(16, '\0') + "\xff\xff")) ==
        "[a:text][b:text]");
}

TEST_CASE("zip: a large member comes in pieces and is not held") {
  const std::string large(3u << 20, 'y');
  for (const unsigned method : {0u, 8u}) {
    const std::string bytes = zip_of({{.bytes = large, .method = method}});
    MemoryReader reader(bytes);
    Log log;
    std::uint64_t budget = large.size();
    REQUIRE(read_zip(reader, budget, log));
    CHECK(log.sizes == large.size());
    CHECK(budget == 0);
    CHECK(told(bytes, large.size() - 1).ends_with("]limit"));
  }
}

TEST_CASE("zip: damage of one member is told, and the rest is read") {
  const Made last{.name = "z"};
  const auto with = [&](const Made& one) { return told(zip_of({one, last})); };
  const std::string wrong = "a checksum or size that is not its content's!";
  CHECK(with({.crc = 1}) == "[a:text!a: " + wrong + "][z:text]");
  CHECK(with({.method = 8, .crc = 1}) == "[a:text!a: " + wrong + "][z:text]");
  CHECK(with({.size = 3}) == "[a:text!a: " + wrong + "][z:text]");
  CHECK(with({.flags = 1}) == "!a: is encrypted![z:text]");
  CHECK(with({.method = 99, .flags = 1}) == "!a: is encrypted![z:text]");
  CHECK(with({.packed = 1 << 30}) == "!a: lies outside of the file![z:text]");
  CHECK(with({.header = 5}) == "!a: no header where the directory says![z:text]");
  CHECK(with({.header = 0xfffffff0}) == "!a: lies outside of the file![z:text]");
  Made cut{.bytes = std::string(500, 'q') + "end", .method = 8};
  cut.packed = deflated(cut.bytes).size() - 2;
  CHECK(with(cut).find("!a: cut short!][z:text]") != std::string::npos);
  std::string bytes = zip_of({{.bytes = std::string(400, 'r'), .method = 8}, last});
  bytes[34] = '\x07';  // a block of the kind that there is not
  CHECK(told(bytes) == "[a:!a: damaged data!][z:text]");
}

TEST_CASE("zip: what is none, or packed in ways that others read, is told nothing of") {
  CHECK(told("") == "-");
  CHECK(told("PK\3\4") == "-");
  CHECK(told(std::string(70000, 'P')) == "-");
  const std::string whole = zip_of({{}, {.name = "b"}});
  CHECK(told(whole.substr(0, whole.size() - 1)) == "-");
  for (const unsigned method : {1u, 9u, 12u, 14u, 93u, 95u}) {
    CHECK(told(zip_of({{}, {.name = "b", .method = method}})) == "-");
  }
  // A directory that claims more, or less, than there is.
  std::string more = whole;
  more.replace(more.size() - 10, 4, le(1u << 30, 4));
  CHECK(told(more) == "-");
  std::string odd = whole;
  odd.replace(odd.size() - 10, 4, le(80, 4));
  CHECK(told(odd) == "-");
}

TEST_CASE("zip: members that share their bytes are bounded by the budget alone") {
  std::vector<Made> many(1000, Made{.name = "m", .bytes = std::string(10'000, 's'), .method = 8});
  for (std::size_t i = 1; i < many.size(); ++i) {
    many[i].header = 0;
    many[i].bytes = many[0].bytes;
  }
  std::uint64_t budget = 100'000;
  const std::string bytes = zip_of(many);
  MemoryReader reader(bytes);
  Log log;
  CHECK(read_zip(reader, budget, log).error().code() == ErrorCode::kLimit);
  CHECK(log.sizes == 100'000);
}

TEST_CASE("inflate: gzip members one after the other, padding, damage") {
  const auto all = [](const std::string& bytes) {
    MemoryReader reader(bytes);
    Window window(reader);
    Inflater inflater(window);
    inflater.begin_gzip();
    std::string text;
    while (true) {
      const auto piece = inflater.next();
      if (!piece) return text + "!" + piece.error().message();
      if (piece->empty()) return text;
      text.append(*piece);
    }
  };
  const std::string one = gzipped("one"), large = gzipped(std::string(300'000, 'x') + "end");
  CHECK(all(one + gzipped("two") + std::string(700, '\0')) == "onetwo");
  CHECK(all(one + large + one).size() == 300'009);
  CHECK(all(one.substr(0, one.size() - 3)).ends_with("!cut short"));
  std::string wrong = one;
  wrong[wrong.size() - 6] ^= 1;
  CHECK(all(wrong).ends_with("!a checksum or size that is not its content's"));
  // Every way of cutting it in two ends, and says so.
  for (std::size_t i = 3; i + 1 < large.size(); i += 7) {
    CHECK(all(large.substr(0, i)).find('!') != std::string::npos);
  }
}

}  // namespace meridian::secrets
