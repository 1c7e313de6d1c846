// SPDX-License-Identifier: Apache-2.0
//
// fuzz_manifest.cpp: property: a manifest that is taken has checked names, and its schema gives
// defaults that it accepts itself.
#include <cstdlib>
#include <string>
#include <string_view>

#include "plugin/manifest.hpp"

using meridian::plugin::Manifest;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto manifest = Manifest::parse(text);
  if (!manifest) return 0;
  if (manifest->id.size() < 3 || manifest->id.size() > 127) std::abort();
  if (manifest->library.find('/') != std::string::npos) std::abort();
  const auto options = meridian::plugin::configure(*manifest, "{}");
  if (options) {
    const auto again = meridian::plugin::configure(*manifest, *options);
    if (!again || *again != *options) std::abort();
  }
  (void)meridian::plugin::typed_setting(*manifest, "a", "1");
  (void)meridian::plugin::configure(*manifest, R"({"a": 1e9, "b": [""], "c": -1, "d": "x"})");
  return 0;
}
