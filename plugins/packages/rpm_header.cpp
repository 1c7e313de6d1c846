// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "byte_order.hpp"
#include "rpm.hpp"

namespace meridian::packages {
namespace {

// rpmtag.h
constexpr std::uint32_t kName = 1000, kVersion = 1001, kRelease = 1002, kEpoch = 1003,
                        kLicense = 1014, kArch = 1022, kSourceRpm = 1044;
constexpr std::uint32_t kInt32 = 4, kString = 6, kI18nString = 9;
constexpr std::uint32_t kEntrySize = 16, kMaxEntries = 0xffff;

/// "bash-5.2.15-2.fc38.src.rpm": name, and version with release.
void set_source(Package& package, std::string_view file) {
  constexpr std::string_view kEnd = ".src.rpm", kOtherEnd = ".nosrc.rpm";
  for (const std::string_view end : {kEnd, kOtherEnd}) {
    if (file.size() > end.size() && file.substr(file.size() - end.size()) == end) {
      file.remove_suffix(end.size());
      break;
    }
  }
  const std::size_t release = file.rfind('-');
  if (release == std::string_view::npos || release == 0) return;
  const std::size_t version = file.rfind('-', release - 1);
  if (version == std::string_view::npos) return;
  package.source = file.substr(0, version);
  package.source_version = file.substr(version + 1);
}

}  // namespace

Result<std::optional<Package>> parse_rpm_header(std::string_view blob) {
  const Numbers numbers(blob, Order::kBig);
  const std::uint32_t entries = numbers.u32(0);
  const std::uint64_t data = 8 + std::uint64_t{entries} * kEntrySize;
  const std::uint64_t data_size = numbers.u32(4);
  if (entries == 0 || entries > kMaxEntries || !numbers.has(data, data_size)) {
    return Error(ErrorCode::kCorrupt, "a header of " + std::to_string(blob.size()) +
                                          " bytes says " + std::to_string(entries) +
                                          " entries and " + std::to_string(data_size) +
                                          " bytes of data");
  }
  const std::string_view values = numbers.bytes(data, data_size);
  const Numbers data_numbers(values, Order::kBig);
  Package package;
  package.type = "rpm";
  std::string release, epoch;
  std::string_view source;
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::uint64_t at = 8 + std::uint64_t{i} * kEntrySize;
    const std::uint32_t tag = numbers.u32(at), type = numbers.u32(at + 4),
                        offset = numbers.u32(at + 8);
    if (tag == kEpoch && type == kInt32 && data_numbers.has(offset, 4)) {
      epoch = std::to_string(data_numbers.u32(offset)) + ":";
    }
    if (type != kString && type != kI18nString) continue;
    if (offset >= values.size()) continue;
    std::string_view text = values.substr(offset);
    text = text.substr(0, text.find('\0'));
    if (text.size() > kMaxText) text = text.substr(0, kMaxText + 1);  // Collector refuses it
    if (tag == kName) package.name = text;
    if (tag == kVersion) package.version = text;
    if (tag == kRelease) release = text;
    if (tag == kArch) package.arch = text;
    if (tag == kLicense) package.licenses = {std::string(text)};
    if (tag == kSourceRpm) source = text;
  }
  if (package.name == "gpg-pubkey") return std::optional<Package>();
  if (package.name.empty() || package.version.empty()) {
    return Error(ErrorCode::kCorrupt, "a header without name or version");
  }
  package.version = epoch + package.version + (release.empty() ? "" : "-" + release);
  set_source(package, source);
  return std::optional<Package>(std::move(package));
}

}  // namespace meridian::packages
