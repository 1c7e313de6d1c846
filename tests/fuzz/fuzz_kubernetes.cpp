// SPDX-License-Identifier: Apache-2.0
//
// Properties: any bytes are a manifest, a kubelet's configuration, flags or a network, or not; what
// YAML becomes is JSON, and YAML again; a volume's name is no path.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "model/json.hpp"
#include "store/kubernetes/cni.hpp"
#include "store/kubernetes/kubelet.hpp"
#include "store/kubernetes/manifests.hpp"
#include "store/kubernetes/node.hpp"
#include "store/kubernetes/yaml.hpp"

namespace {

using namespace meridian::store::kubernetes;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "property violated: %s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto documents = yaml_documents(bytes);
  require(documents || !documents.error().message().empty(), "an error says why");
  for (std::size_t i = 0; documents && i < documents->size(); ++i) {
    const std::string& json = (*documents)[i];
    require(meridian::model::Json::parse(json).has_value(), "what is written is JSON");
    // YAML knows no halves of characters, in which JSON writes those past 0xffff.
    if (json.find("\\u") != std::string::npos) continue;
    const auto again = yaml_documents(json);
    require(again && *again == std::vector<std::string>{json}, "JSON is YAML, and reads the same");
  }
  const auto manifests = parse_manifests(bytes);
  require(manifests || !manifests.error().message().empty(), "an error says why");
  if (manifests) {
    for (const auto& one : manifests->runtime_classes) {
      require(!one.name.empty() && !one.handler.empty(), "a class has a name and a handler");
    }
  }
  const auto settings = file_settings(bytes);
  require(settings || !settings.error().message().empty(), "an error says why");
  for (const auto& word : flag_words(bytes)) require(!word.empty(), "no word is empty");
  static_cast<void>(flag_settings(flag_words(bytes)));
  const auto network = parse_cni(bytes);
  require(!network || !network->plugins.empty(), "a network has a plugin");
  if (const auto volume = volume_of(bytes)) {
    require(volume->name.find('/') == std::string::npos && !volume->name.empty(), "no path");
    require(volume->type.find('/') == std::string::npos && !volume->type.empty(), "no path");
  }
  return 0;
}
