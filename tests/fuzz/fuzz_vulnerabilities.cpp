// SPDX-License-Identifier: Apache-2.0
//
// fuzz_vulnerabilities.cpp: any bytes as the imported database, and what it holds as ranges, URLs
// and os-release.
//
// Property: what comes of it is bounded and the same twice; a version that is affected is not also
// said to be unknown.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "database.hpp"
#include "inventory.hpp"
#include "judge.hpp"
#include "vex.hpp"

namespace {

using namespace meridian::vulnerabilities;

std::string told(std::string_view bytes) {
  std::string said;
  auto database = Database::open(bytes);
  if (!database) return "refused";
  for (const char* const name : {"debian:12", "npm"}) {
    const auto ecosystem = database->ecosystem(name);
    if (!ecosystem || !*ecosystem) continue;
    const auto order = order_of((*ecosystem)->order);
    for (const char* const package : {"openssl", "lodash"}) {
      const auto candidates = database->candidates((*ecosystem)->id, package);
      if (!candidates || !order) continue;
      const Judgement judgement = judge(*candidates, *order, "3.0.5-1");
      for (const Vulnerability& found : judgement.affected) {
        const auto rating = database->rating(found.said.id);
        const auto statements = database->statements(found.said.id);
        said += found.said.id + found.fixed;
        if (rating) said += std::to_string(static_cast<int>(severity_of(found.said, *rating)));
        if (statements) {
          static_cast<void>(
              find_statement(*statements, {{"pkg:deb/debian/openssl@3.0.5-1"}, {"x:1"}}));
        }
        for (const std::string& unknown : judgement.unknown) {
          if (unknown == found.said.id) std::abort();
        }
      }
    }
  }
  return said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (told(bytes) != told(bytes)) std::abort();
  if (size > 4096) return 0;
  static_cast<void>(match(Ecosystem::kDpkg, "3.0.5-1", bytes));
  static_cast<void>(parse_purl(bytes));
  if (parse_os_release(bytes).ecosystems.size() > 2) std::abort();
  return 0;
}
