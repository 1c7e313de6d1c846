// SPDX-License-Identifier: Apache-2.0
#include "binaries.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "elf_sections.hpp"
#include "inflate.hpp"
#include "json_text.hpp"
#include "text_fields.hpp"

namespace meridian::packages {
namespace {

constexpr std::string_view kGoMagic = "\xff Go buildinf:";
constexpr std::uint64_t kGoHeader = 32, kGoAlignment = 16;
constexpr std::uint64_t kMaxGoText = 4 << 20;     // a line a module; Kubernetes has 20 KiB
constexpr std::uint64_t kSearched = 1 << 20;      // as debug/buildinfo does without sections
constexpr std::uint64_t kMaxAuditable = 8 << 20;  // its own limit, unpacked

Package go_package(std::string_view name, std::string_view version) {
  Package package;
  package.type = "golang";
  package.kind = Kind::kEmbedded;
  package.name = name;
  package.version = version == "(devel)" ? std::string_view() : version;
  return package;
}

/// Where Go's header lies, and what is known to be behind it.
struct GoHeader {
  std::uint64_t offset = 0;
  std::string bytes;
};

Result<std::optional<GoHeader>> find_go_header(const ByteSource& source, const ElfSections& elf) {
  std::uint64_t offset = 0, size = 0;
  if (const auto* section = elf.find(".go.buildinfo")) {
    offset = section->offset;
    size = section->size;
  } else {
    for (const ElfSections::Segment& segment : elf.segments()) {
      if (!segment.writable) continue;
      offset = segment.offset;
      size = segment.size;
      break;
    }
  }
  MERIDIAN_TRY(std::string bytes, source.read(offset, std::min(size, kSearched)));
  for (std::size_t at = bytes.find(kGoMagic); at != std::string::npos;
       at = bytes.find(kGoMagic, at + 1)) {
    if (at % kGoAlignment != 0 || bytes.size() - at < kGoHeader) continue;
    bytes.erase(0, at);
    return std::optional(GoHeader{offset + at, std::move(bytes)});
  }
  return std::optional<GoHeader>();
}

/// A length of seven bits a byte and the text; it may go on behind the bytes that were read.
Result<std::string> inline_text(const ByteSource& source, std::uint64_t& offset) {
  MERIDIAN_TRY(const std::string head, source.read(offset, 10));
  std::uint64_t length = 0;
  std::size_t used = 0;
  for (unsigned shift = 0; used < head.size() && shift < 35; shift += 7) {
    const auto byte = static_cast<unsigned char>(head[used++]);
    length |= std::uint64_t{byte & 0x7fu} << shift;
    if ((byte & 0x80u) == 0) break;
  }
  if (length > kMaxGoText)
    return Error(ErrorCode::kLimit, "its text has " + std::to_string(length) + " bytes");
  MERIDIAN_TRY(std::string text, source.read(offset + used, length));
  if (text.size() != length) return Error(ErrorCode::kCorrupt, "its text is cut off");
  offset += used + length;
  return text;
}

/// Before Go 1.18: the address of a string, which is an address and a length.
Result<std::string> pointed_text(const ElfSections& elf, const GoHeader& header, unsigned number) {
  const auto width = static_cast<unsigned char>(header.bytes[14]);
  const Order order = (header.bytes[15] & 1) != 0 ? Order::kBig : Order::kLittle;
  if (width != 4 && width != 8) return Error(ErrorCode::kCorrupt, "pointers of no known width");
  const auto word = [&](const Numbers& numbers, std::uint64_t at) {
    return width == 8 ? numbers.u64(at) : numbers.u32(at);
  };
  const std::uint64_t address =
      word(Numbers(header.bytes, order), 16 + std::uint64_t{number} * width);
  if (address == 0) return std::string();
  MERIDIAN_TRY(const std::string text_header, elf.at_address(address, std::uint64_t{width} * 2));
  const Numbers numbers(text_header, order);
  const std::uint64_t length = word(numbers, width);
  if (length == 0) return std::string();
  if (length > kMaxGoText)
    return Error(ErrorCode::kLimit, "its text has " + std::to_string(length) + " bytes");
  return elf.at_address(word(numbers, 0), length);
}

/// Go puts sixteen bytes around the text to find it in a running program.
std::string_view without_markers(std::string_view text) {
  constexpr std::size_t kMarker = 16;
  if (text.size() < 2 * kMarker + 1 || text[text.size() - kMarker - 1] != '\n') return {};
  return text.substr(kMarker, text.size() - 2 * kMarker);
}

Parsed parse_go(const ByteSource& source, const ElfSections& elf, const GoHeader& header) {
  constexpr unsigned kInline = 2;
  std::string version, text;
  if ((static_cast<unsigned char>(header.bytes[15]) & kInline) != 0) {
    std::uint64_t offset = header.offset + kGoHeader;
    auto first = inline_text(source, offset);
    if (!first)
      return failed(first.error().code(), "Go build information: " + first.error().message());
    auto second = inline_text(source, offset);
    if (!second)
      return failed(second.error().code(), "Go build information: " + second.error().message());
    version = *std::move(first);
    text = *std::move(second);
  } else {
    auto first = pointed_text(elf, header, 0);
    auto second = pointed_text(elf, header, 1);
    for (const auto* one : {&first, &second}) {
      if (!*one)
        return failed(one->error().code(), "Go build information: " + one->error().message());
    }
    version = *std::move(first);
    text = *std::move(second);
  }
  return parse_go_modules(version, without_markers(text));
}

}  // namespace

Parsed parse_go_modules(std::string_view go_version, std::string_view text) {
  Collector out;
  // "go1.21.3 X:nocoverageredesign": experiments follow.
  constexpr std::string_view kGo = "go";
  if (go_version.substr(0, kGo.size()) == kGo) {
    const std::string_view version = go_version.substr(kGo.size());
    out.add(go_package("stdlib", version.substr(0, version.find(' '))));
  }
  std::optional<Package> pending;
  while (!text.empty() && out.has_room()) {
    std::string_view line = take_line(text);
    const auto word = [&line] {
      const std::size_t end = std::min(line.find('\t'), line.size());
      const std::string_view one = line.substr(0, end);
      line.remove_prefix(std::min(end + 1, line.size()));
      return one;
    };
    const std::string_view kind = word();
    if (kind != "mod" && kind != "dep" && kind != "=>") continue;
    const std::string_view name = word();
    const std::string_view version = word();
    if (kind != "=>" && pending) out.add(*std::exchange(pending, std::nullopt));
    // A module that was replaced is not in it; what stands for it is. A folder has no version.
    if (kind != "=>" || !version.empty()) pending = go_package(name, version);
  }
  if (pending) out.add(*std::move(pending));
  return out.take();
}

Parsed parse_auditable(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) return failed(json.error().code(), ".dep-v0: " + json.error().message());
  if (!json_at(*json, "packages").is_array()) {
    return failed(ErrorCode::kCorrupt, ".dep-v0: no list of packages in it");
  }
  Collector out;
  for (const auto& one : json_at(*json, "packages")) {
    if (json_text(one, "kind") == "build" || !out.has_room()) continue;
    Package package;
    package.type = "cargo";
    package.kind = Kind::kEmbedded;
    package.name = json_text(one, "name");
    package.version = json_text(one, "version");
    out.add(std::move(package));
  }
  return out.take();
}

Parsed parse_elf_program(const ByteSource& source) {
  const auto elf = ElfSections::read(source);
  if (!elf) return {};
  Parsed parsed;
  const auto header = find_go_header(source, *elf);
  if (!header) return failed(header.error().code(), header.error().message());
  if (*header) parsed = parse_go(source, *elf, **header);
  if (const auto* section = elf->find(".dep-v0")) {
    if (section->size > kMaxAuditable) {
      return failed(ErrorCode::kLimit, ".dep-v0 has " + std::to_string(section->size) + " bytes");
    }
    const auto packed = source.read(section->offset, section->size);
    if (!packed) return failed(packed.error().code(), packed.error().message());
    const auto text = inflate(*packed, kMaxAuditable, Wrapping::kZlib);
    Parsed more = text ? parse_auditable(*text)
                       : failed(text.error().code(), ".dep-v0: " + text.error().message());
    std::move(more.packages.begin(), more.packages.end(), std::back_inserter(parsed.packages));
    std::move(more.problems.begin(), more.problems.end(), std::back_inserter(parsed.problems));
  }
  return parsed;
}

}  // namespace meridian::packages
