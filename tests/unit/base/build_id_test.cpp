// SPDX-License-Identifier: Apache-2.0
#include "base/build_id.hpp"

#include <fstream>
#include <iterator>
#include <string>

#include "support/catch.hpp"

namespace meridian::base {

TEST_CASE("build_id: what the linker wrote into this program", "[base]") {
  const std::string id = build_id();
  REQUIRE(id.size() >= 8);
  const std::string note = std::string("GNU\0", 4) + id;
  std::ifstream file("/proc/self/exe", std::ios::binary);
  const std::istreambuf_iterator<char> begin(file), end;
  CHECK(std::string(begin, end).find(note) != std::string::npos);
}

}  // namespace meridian::base
