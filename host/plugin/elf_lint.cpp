// SPDX-License-Identifier: Apache-2.0
//
// elf_lint.cpp: see elf_lint.hpp.
#include "plugin/elf_lint.hpp"

#include <elf.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "meridian/abi/entry.h"
#include "plugin/elf_image.hpp"
#include "plugin/refusal.hpp"

namespace meridian::plugin {
namespace {

/// What PT_DYNAMIC says, as far as we look.
struct Dynamic {
  std::uint64_t symbols = 0, texts = 0, texts_size = 0, hash = 0, gnu_hash = 0;
  bool text_relocations = false;
};

Dynamic read_dynamic(std::string_view bytes) {
  Dynamic result;
  for (std::uint64_t at = 0;; at += sizeof(Elf64_Dyn)) {
    const auto entry = record_at<Elf64_Dyn>(bytes, at);
    if (!entry || entry->d_tag == DT_NULL) return result;
    const std::uint64_t value = entry->d_un.d_val;
    switch (entry->d_tag) {
      case DT_SYMTAB:
        result.symbols = value;
        break;
      case DT_STRTAB:
        result.texts = value;
        break;
      case DT_STRSZ:
        result.texts_size = value;
        break;
      case DT_HASH:
        result.hash = value;
        break;
      case DT_GNU_HASH:
        result.gnu_hash = value;
        break;
      case DT_TEXTREL:
        result.text_relocations = true;
        break;
      case DT_FLAGS:
        result.text_relocations |= (value & DF_TEXTREL) != 0;
        break;
      default:
        break;
    }
  }
}

Error bad_table(const char* name) {
  return Error(ErrorCode::kCorrupt, std::string(name) + " points outside the file");
}

/// The GNU hash table has no count: the end of the chain of the highest bucket is the last symbol.
Result<std::uint64_t> count_gnu_symbols(std::string_view table) {
  struct Header {
    std::uint32_t buckets, first, bloom_words, bloom_shift;
  };
  const auto header = record_at<Header>(table, 0);
  if (!header) return bad_table("the symbol hash table");
  const std::uint64_t buckets = sizeof(Header) + std::uint64_t{header->bloom_words} * 8;
  const std::uint64_t chains = buckets + std::uint64_t{header->buckets} * 4;
  if (chains > table.size()) return bad_table("the symbol hash table");
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i < header->buckets; ++i) {
    last = std::max<std::uint64_t>(last, *record_at<std::uint32_t>(table, buckets + i * 4));
  }
  if (last < header->first) return header->first;  // nothing is exported
  for (;; ++last) {
    const auto hash = record_at<std::uint32_t>(table, chains + (last - header->first) * 4);
    if (!hash) return bad_table("the symbol hash table");
    if ((*hash & 1) != 0) return last + 1;
  }
}

Result<std::uint64_t> count_symbols(const ElfImage& image, const Dynamic& dynamic) {
  if (dynamic.hash != 0) {
    const auto table = image.from(dynamic.hash);
    const auto count = table ? record_at<std::uint32_t>(*table, 4) : std::nullopt;
    if (!count) return bad_table("the symbol hash table");
    return *count;
  }
  const auto table = dynamic.gnu_hash == 0 ? std::nullopt : image.from(dynamic.gnu_hash);
  if (!table) return bad_table("the symbol hash table");
  return count_gnu_symbols(*table);
}

bool is_exported(const Elf64_Sym& symbol) {
  const auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
  return symbol.st_shndx != SHN_UNDEF && ELF64_ST_BIND(symbol.st_info) != STB_LOCAL &&
         (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

Result<std::vector<std::string>> exported_names(const ElfImage& image, const Dynamic& dynamic) {
  MERIDIAN_TRY(const std::uint64_t count, count_symbols(image, dynamic));
  if (count > limits::kMaxElfSymbols) {
    return Error(ErrorCode::kLimit, std::to_string(count) + " dynamic symbols");
  }
  const auto symbols = image.from(dynamic.symbols);
  const auto texts = image.from(dynamic.texts);
  if (!symbols || !texts) return bad_table("the symbol table");
  const std::string_view names = texts->substr(0, dynamic.texts_size);
  std::vector<std::string> result;
  for (std::uint64_t i = 1; i < count; ++i) {
    const auto symbol = record_at<Elf64_Sym>(*symbols, i * sizeof(Elf64_Sym));
    if (!symbol || symbol->st_name >= names.size()) return bad_table("a dynamic symbol");
    if (!is_exported(*symbol)) continue;
    const std::string_view name = names.substr(symbol->st_name);
    result.emplace_back(name.substr(0, name.find('\0')).substr(0, 200));
  }
  return result;
}

Result<void> check_exports(const std::vector<std::string>& names) {
  constexpr std::string_view kRequired = "exactly one exported symbol, " MERIDIAN_ENTRY_NAME;
  constexpr std::string_view kMend =
      "build it with meridian_add_plugin() and one MERIDIAN_PLUGIN(...)";
  if (std::find(names.begin(), names.end(), MERIDIAN_ENTRY_NAME) == names.end()) {
    return refused("it does not export " MERIDIAN_ENTRY_NAME, kRequired, kMend);
  }
  if (names.size() == 1) return {};
  std::string observed = "it exports " + std::to_string(names.size()) + " symbols:";
  for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 4); ++i) {
    observed.append(" ").append(base::escape(names[i]));
  }
  return refused(observed, kRequired, kMend);
}

}  // namespace

Result<void> lint_elf(std::string_view file) {
  MERIDIAN_TRY(const ElfImage image, ElfImage::parse(file));
  const ElfSegment* dynamic = nullptr;
  bool plain_stack = false;
  for (const ElfSegment& segment : image.segments()) {
    if (segment.type == PT_DYNAMIC) dynamic = &segment;
    if (segment.type == PT_GNU_STACK) plain_stack = (segment.flags & PF_X) == 0;
  }
  // Without the header the loader assumes that code on the stack is wanted.
  if (!plain_stack) {
    return refused("it asks for an executable stack", "none", "link it with -Wl,-z,noexecstack");
  }
  if (dynamic == nullptr) return Error(ErrorCode::kCorrupt, "no dynamic segment");
  const Dynamic tables = read_dynamic(dynamic->bytes);
  if (tables.text_relocations) {
    return refused("it has text relocations", "none", "compile every part with -fPIC");
  }
  MERIDIAN_TRY(const std::vector<std::string> names, exported_names(image, tables));
  return check_exports(names);
}

}  // namespace meridian::plugin
