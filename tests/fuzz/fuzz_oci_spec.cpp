// SPDX-License-Identifier: Apache-2.0
//
// Property: what parses is written to a text that parses to the same value; privileges come of it.
#include <cstdint>
#include <cstdlib>

#include "model/oci_spec.hpp"
#include "model/privileges.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meridian::model;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto spec = OciSpec::parse(text);
  if (!spec) {
    if (spec.error().message().empty()) std::abort();
    return 0;
  }
  const auto again = OciSpec::parse(spec->text());
  if (!again || *again != *spec) std::abort();
  const Privileges privileges = privileges_of(*spec);
  if (privileges.namespaces.size() != 7) std::abort();
  if (privileges.mounts.size() != spec->mounts.size()) std::abort();
  if (privileges.privileged && !privileges.all_capabilities) std::abort();
  return 0;
}
