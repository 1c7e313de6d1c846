// SPDX-License-Identifier: Apache-2.0
//
// fuzz_version_order.cpp: two versions, in the order that the first byte names. Properties: turned
// round the answer is turned round; each is equal to itself.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "versions/version_order.hpp"

using meridian::vulnerabilities::compare;
using meridian::vulnerabilities::Ecosystem;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto ecosystem = static_cast<Ecosystem>(data[0] % 10);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t end = bytes.find('\n');
  if (end == std::string_view::npos) return 0;
  const std::string_view a = bytes.substr(0, end), b = bytes.substr(end + 1);
  const auto order = compare(ecosystem, a, b), back = compare(ecosystem, b, a);
  if (order.has_value() != back.has_value()) std::abort();
  if (!order) return 0;
  if ((*order < 0) != (*back > 0) || (*order == 0) != (*back == 0)) std::abort();
  if (compare(ecosystem, a, a) != 0 || compare(ecosystem, b, b) != 0) std::abort();
  return 0;
}
