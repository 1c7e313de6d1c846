// SPDX-License-Identifier: Apache-2.0
//
// layout_fixture.hpp: an OCI image layout made in code, right unless a test says otherwise.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/sha256.hpp"
#include "support/tar_writer.hpp"
#include "unit/store/archive_fixture.hpp"

namespace meridian::store {

inline const std::string kTarLayer = "application/vnd.oci.image.layer.v1.tar";
inline const std::string kConfigType = "application/vnd.oci.image.config.v1+json";
inline const std::string kManifestType = "application/vnd.oci.image.manifest.v1+json";
inline const std::string kIndexType = "application/vnd.oci.image.index.v1+json";

class Layout {
 public:
  Layout() { files["oci-layout"] = R"({"imageLayoutVersion":"1.0.0"})"; }

  /// A descriptor of a new blob; `more` is JSON behind it: `,"urls":["x"]`.
  std::string blob(const std::string& type, const std::string& content,
                   const std::string& more = "") {
    const std::string hex = base::sha256_hex(content);
    files["blobs/sha256/" + hex] = content;
    return descriptor(type, hex, content.size(), more);
  }
  static std::string descriptor(const std::string& type, const std::string& hex, std::size_t size,
                                const std::string& more = "") {
    return R"({"mediaType":")" + type + R"(","digest":"sha256:)" + hex + R"(","size":)" +
           std::to_string(size) + more + "}";
  }
  /// A manifest of these layers, stored as they are; the descriptor of it.
  std::string image(const std::vector<std::string>& tars, const std::string& more = "") {
    std::string layers;
    for (const std::string& tar : tars)
      layers += (layers.empty() ? "" : ",") + blob(kTarLayer, tar);
    return manifest(blob(kConfigType, config_json(tars)), layers, more);
  }
  std::string manifest(const std::string& config, const std::string& layers,
                       const std::string& more = "") {
    return blob(kManifestType,
                R"({"schemaVersion":2,"config":)" + config + R"(,"layers":[)" + layers + "]}",
                more);
  }
  std::string index(const std::string& entries, const std::string& more = "") {
    return blob(kIndexType, index_json(entries), more);
  }
  static std::string index_json(const std::string& entries) {
    return R"({"schemaVersion":2,"manifests":[)" + entries + "]}";
  }
  void top(const std::string& entries) { files["index.json"] = index_json(entries); }

  std::string tar() const {
    testing_support::TarWriter writer;
    for (const auto& [name, content] : files) writer.file(name, content);
    return writer.finish();
  }

  std::map<std::string, std::string> files;
};

inline std::string named(const std::string& tag, const std::string& full = "") {
  std::string text = R"(,"annotations":{"org.opencontainers.image.ref.name":")" + tag + "\"";
  if (!full.empty()) text += R"(,"io.containerd.image.name":")" + full + "\"";
  return text + "}";
}

/// "linux/arm64/v8" as a descriptor says it.
inline std::string on_platform(const std::string& os, const std::string& architecture,
                               const std::string& variant = "") {
  std::string text = R"(,"platform":{"os":")" + os + R"(","architecture":")" + architecture + "\"";
  if (!variant.empty()) text += R"(,"variant":")" + variant + "\"";
  return text + "}";
}

}  // namespace meridian::store
