// SPDX-License-Identifier: Apache-2.0
//
// archive_fixture.hpp: an image archive as `docker save` writes it, made in code.
#pragma once

#include <string>
#include <vector>

#include "base/sha256.hpp"
#include "support/tar_writer.hpp"

namespace meridian::store {

inline std::string layer_tar(const std::string& content) {
  return testing_support::TarWriter().file("from", content).finish();
}

inline std::string config_json(const std::vector<std::string>& layer_tars) {
  std::string diffs, history;
  for (const std::string& tar : layer_tars) {
    diffs += (diffs.empty() ? "\"sha256:" : ",\"sha256:") + base::sha256_hex(tar) + "\"";
    history +=
        (history.empty() ? "" : ",") + ("{\"created_by\":\"RUN " + tar.substr(512, 4) + "\"}");
  }
  return R"({"architecture":"amd64","os":"linux","config":{"Env":["A=1"]},"history":[)" + history +
         R"(],"rootfs":{"type":"layers","diff_ids":[)" + diffs + "]}}";
}

/// One element of manifest.json.
inline std::string manifest_entry(const std::string& config, const std::string& tags,
                                  const std::string& layers) {
  return R"({"Config":")" + config + R"(","RepoTags":)" + tags + R"(,"Layers":[)" + layers + "]}";
}

}  // namespace meridian::store
