// SPDX-License-Identifier: Apache-2.0
//
// fuzz_inventory.cpp: an os-release file; and a text in front of secrets that have to be masked,
// whatever quotes and options it leaves open.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "mask.hpp"
#include "os_release.hpp"

using namespace meridian::inventory;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const auto& [name, value] : parse_os_release(input)) {
    if (name.empty() || value.size() > input.size()) std::abort();
  }
  constexpr std::string_view kSecret = "Zq7Zq7Zq7";
  if (input.find('Z') != std::string_view::npos) return 0;
  for (const std::string_view before :
       {"\nPASSWORD=", "\n--password ", "\nhttps://user:", "\npassword: "}) {
    const std::string text = std::string(input).append(before).append(kSecret).append("@host");
    if (masked(text).find(kSecret) != std::string::npos) std::abort();
  }
  return 0;
}
