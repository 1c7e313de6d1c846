// SPDX-License-Identifier: Apache-2.0
//
// Properties: any bytes are containerd's databases, or its configuration, or not; a name that is
// found leads to a digest that may be a path component; a number that is read is read again from
// what Go would write.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "store/containerd/config.hpp"
#include "store/containerd/cri.hpp"
#include "store/containerd/encoding.hpp"
#include "store/containerd/metadata.hpp"
#include "store/containerd/snapshots.hpp"
#include "store/containerd/task_files.hpp"
#include "store/kernel_boundary.hpp"
#include "store/runtime_settings.hpp"

namespace {

using namespace meridian::store::containerd;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "property violated: %s\n", what);
  std::abort();
}

std::string uvarint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

void check_metadata(const Metadata& metadata) {
  const auto images = metadata.images();
  require(images.empty() || !metadata.is_empty(), "images are something");
  for (const auto& image : images) {
    if (!image) {
      require(!image.error().message().empty(), "an error says why");
      continue;
    }
    require(image->target.hex().find_first_not_of("0123456789abcdef") == std::string_view::npos,
            "a digest is hexadecimal");
    if (metadata.uncompressed(image->target)) {
      require(metadata.has_blob(image->target), "a label is of a blob");
    }
  }
  for (const auto& container : metadata.containers()) {
    require(!container || is_identifier(container->id), "an id may be a path component");
  }
  for (const auto& snapshotter : metadata.snapshotters()) {
    require(!metadata.snapshot(snapshotter, ""), "no key is empty");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (const auto value = parse_uvarint(bytes)) {
    require(uvarint(*value).size() <= size, "Go writes the shortest form");
    require(parse_uvarint(uvarint(*value)) == value, "read again");
  }
  require(parse_varint(bytes).has_value() == parse_uvarint(bytes).has_value(), "the same bytes");
  if (const auto metadata = Metadata::parse(bytes, "moby")) check_metadata(*metadata);
  if (const auto snapshots = Snapshots::parse(bytes)) {
    const auto found = snapshots->find("moby/1/key");
    require(found || !found.error().message().empty(), "an error says why");
  }
  if (const auto any = parse_any(bytes)) {
    require(any->value.size() + any->type.size() <= size, "what it holds is part of it");
    require(message_field(bytes, 2).has_value(), "the same bytes");
    static_cast<void>(parse_cri_metadata(any->value));
  }
  const auto options = parse_runtime_options(bytes);
  require(options || !options.error().message().empty(), "an error says why");
  static_cast<void>(meridian::store::hypervisor_of(bytes));
  const auto metadata = parse_cri_metadata(bytes);
  require(metadata || !metadata.error().message().empty(), "an error says why");
  const auto status = parse_cri_status(bytes);
  require(status || !status.error().message().empty(), "an error says why");
  require(parse_time(bytes).empty() || parse_time(bytes).size() <= 20, "to the second");
  for (auto* const settings :
       {&meridian::store::settings_of_runsc, &meridian::store::settings_of_kata}) {
    const auto read = settings(bytes, "fuzz");
    require(read || !read.error().message().empty(), "an error says why");
    require(!read || read->size() <= meridian::store::kMaxSettings, "within its bounds");
  }
  const auto config = parse_config(bytes);
  require(config || !config.error().message().empty(), "an error says why");
  return 0;
}
