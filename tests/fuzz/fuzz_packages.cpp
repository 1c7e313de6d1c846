// SPDX-License-Identifier: Apache-2.0
//
// fuzz_packages.cpp: every parser of plugin packages; the first byte chooses it. Read twice, a file
// says the same; a fact says what was put into it; every purl reads back.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "package_json.hpp"
#include "purl.hpp"
#include "readers.hpp"
#include "rpm.hpp"
#include "support/purl_reader.hpp"
#include "system_databases.hpp"

using namespace meridian::packages;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t number = data[0] % (readers().size() + 2);
  if (number == readers().size()) {
    if (parse_copyright(bytes) != parse_copyright(bytes)) std::abort();
    return 0;
  }
  if (number > readers().size()) {
    (void)parse_rpm_header(bytes).has_value();
    (void)parse_layer_fact(bytes).has_value();
    return 0;
  }
  const Reader& reader = readers()[number];
  const MemorySource source(bytes);
  const Parsed parsed = reader.parse("a/b-1.0.x", source);
  const Parsed again = reader.parse("a/b-1.0.x", source);
  if (parsed.packages != again.packages) std::abort();
  if (parsed.problems.size() != again.problems.size()) std::abort();
  if (parsed.problems.size() > kMaxProblems + 1) std::abort();
  std::size_t told = 0;
  for (const std::string& fact : layer_facts(parsed.packages)) {
    if (fact.size() > kMaxFact) std::abort();
    const auto packages = parse_layer_fact(fact);
    if (!packages) std::abort();
    told += packages->size();
  }
  if (told != parsed.packages.size()) std::abort();
  for (const Package& package : parsed.packages) {
    const auto read = meridian::test::read_purl(purl(package, {"debian", "12"}));
    if (!read || read->type != package.type) std::abort();
  }
  return 0;
}
