// SPDX-License-Identifier: Apache-2.0
//
// fuzz_reference.cpp: any text as a REF, and as the name of an image. Properties: what a REF is
// written as again means the same; an image is meant by its own names and ids; a platform too is
// the same when read again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "model/reference.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meridian;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto reference = model::Reference::parse(text)) {
    const auto again = model::Reference::parse(reference->text());
    require(again.has_value());
    require(again->transport == reference->transport);
    require(again->path == reference->path && again->name == reference->name);
  }
  if (const auto platform = model::Platform::parse(text)) {
    const auto again = model::Platform::parse(platform->text());
    require(again && *again == *platform);
    require(platform->text() == text);
  }
  // The first line is what somebody asks for, the rest a stored name.
  const auto line = text.find('\n');
  const std::string wanted = text.substr(0, line);
  model::Image image;
  image.id = "sha256:" + std::string(64, '7');
  if (line != std::string::npos) image.names.push_back(text.substr(line + 1));
  const bool meant = model::matches(wanted, image);
  require(meant == model::matches(wanted, image));
  require(model::matches(image.id, image));
  for (const std::string& name : image.names) require(name.empty() || model::matches(name, image));
  model::Container container;
  container.id = std::string(64, '7');
  container.name = wanted;
  require(wanted.empty() || model::matches(wanted, container));
  return 0;
}
