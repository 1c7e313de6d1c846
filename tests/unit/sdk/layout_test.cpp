// SPDX-License-Identifier: Apache-2.0
//
// layout_test.cpp: what the compiler makes of the C headers, against tests/data/abi_layout.txt.
//
// The ABI is 0.x: a change is allowed and has to be seen. Accept it with MERIDIAN_ACCEPT=1 and a
// line in sdk/CHANGELOG.md. From 1.0 on it will be forbidden.
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "meridian/abi/plugin.h"
#include "support/catch.hpp"

namespace {

std::string layout() {
  std::ostringstream out;
#define HEADER(name) out << "\n# " << name << "\n";
#define CONSTANT(name) out << #name << " = " << name << "\n";
#define RECORD(name) out << #name << ": " << sizeof(name) << " bytes\n";
#define FIELD(record, field)                                       \
  out << "  " << offsetof(record, field) << ": " << #field << ", " \
      << sizeof(static_cast<record*>(nullptr)->field) << " bytes\n";
#include "abi_layout.inc"
#undef HEADER
#undef CONSTANT
#undef RECORD
#undef FIELD
  return out.str();
}

}  // namespace

TEST_CASE("abi: records, offsets and ids are those that plugins were built against") {
  const std::string path = MERIDIAN_SOURCE_DIR "/tests/data/abi_layout.txt";
  if (std::getenv("MERIDIAN_ACCEPT") != nullptr) {
    std::ofstream(path) << layout();
    SUCCEED("accepted");
    return;
  }
  std::ifstream file(path);
  const std::string accepted((std::istreambuf_iterator<char>(file)), {});
  INFO(
      "The binary interface changed. If that is meant: run this test with MERIDIAN_ACCEPT=1, add a "
      "line to sdk/CHANGELOG.md, and commit both.");
  CHECK(layout() == accepted);
}
