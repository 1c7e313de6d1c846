// SPDX-License-Identifier: Apache-2.0
//
// fuzz_member_index.cpp: any bytes as an image archive. Properties: ranges are in order, inside the
// file and apart from each other, and the answer is the same twice.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "archive/member_index.hpp"
#include "base/read_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meridian;
  auto file = base::make_scratch_file();
  if (!file || !base::write_all(file->get(), {reinterpret_cast<const char*>(data), size})) return 0;
  const auto members = archive::index_members(file->get(), size, "fuzz");
  const auto again = archive::index_members(file->get(), size, "fuzz");
  if (members.has_value() != again.has_value()) std::abort();
  if (!members) return 0;
  if (members->size() != again->size()) std::abort();
  std::uint64_t end = 0;
  for (const archive::Member& member : *members) {
    // Its header of 512 bytes lies between.
    if (member.offset < end + 512 || member.offset > size) std::abort();
    if (member.size > size - member.offset) std::abort();
    if (member.type != archive::TarType::kRegular && member.size != 0) std::abort();
    end = member.offset + member.size;
  }
  return 0;
}
