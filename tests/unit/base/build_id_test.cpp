// SPDX-License-Identifier: Apache-2.0
#include "base/build_id.hpp"

#include <fstream>
#include <iterator>
#include <string>

#include "support/catch.hpp"

namespace meridian::base {

TEST_CASE("build_id: what the linker wrote into this program", "[base]") {
  const std::string digits = build_id();
  REQUIRE(digits.size() >= 16);
  std::string note("GNU\0", 4);
  for (std::size_t i = 0; i < digits.size(); i += 2)
    note += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  std::ifstream file("/proc/self/exe", std::ios::binary);
  const std::istreambuf_iterator<char> begin(file), end;
  CHECK(std::string(begin, end).find(note) != std::string::npos);
}

}  // namespace meridian::base
