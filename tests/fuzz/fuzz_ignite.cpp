// SPDX-License-Identifier: Apache-2.0
//
// Property: any text is a record of Weave Ignite or has a reason why not, and the same each time;
// what is a folder's name has no separator in it.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "store/ignite/records.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meridian::store::ignite;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto record = parse_record(text);
  if (!record && record.error().message().empty()) std::abort();
  const auto again = parse_record(text);
  if (record.has_value() != again.has_value()) std::abort();
  if (record && (record->uid != again->uid || record->volumes.size() != again->volumes.size())) {
    std::abort();
  }
  if (is_uid(text) && text.find_first_of("/.") != std::string_view::npos) std::abort();
  return 0;
}
