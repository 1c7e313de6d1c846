// SPDX-License-Identifier: Apache-2.0
//
// Property: the texts of a data root parse or fail with a reason; a text parses the same way twice.
#include <cstdint>
#include <cstdlib>

#include "store/docker/records.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meridian::store;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto record = parse_container(text);
  if (!record && record.error().message().empty()) std::abort();
  if (record && record->config.raw != text) std::abort();
  const auto names = parse_repositories(text);
  const auto again = parse_repositories(text);
  if (names.has_value() != again.has_value() || (names && *names != *again)) std::abort();
  // Whatever is taken for the name of a folder has no separator in it.
  if (is_driver_id(text) && text.find_first_of("/.") != std::string_view::npos) std::abort();
  return 0;
}
