// SPDX-License-Identifier: Apache-2.0
//
// fuzz_host_path.cpp: a mount's source as somebody typed it: one spelling, which is its own; what
// it is worth can always be said.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "host_path_table.hpp"

using namespace meridian::privileges;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string once = canonical(input);
  if (canonical(once) != once) std::abort();
  if (size <= 4000 && (once.front() != '/' || once.find("//") != std::string::npos)) std::abort();
  worth_of(once);
  is_engine_socket(input);
  return 0;
}
