// SPDX-License-Identifier: Apache-2.0
//
// kube_secret.hpp: the values of Kubernetes Secrets in a manifest, YAML or JSON.
//
// `data` of a Secret is base64 of the values
// (https://kubernetes.io/docs/concepts/configuration/secret/); no other reader of this plugin sees
// through it. It is no YAML parser: it knows a key, its indentation and its scalar, and passes over
// what it does not know.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace meridian::secrets {

struct KubeValue {
  std::string key = {};
  std::string value = {};              // decoded, without NUL
  std::uint64_t line = 1, column = 1;  // of the base64, bytes, from 1
  std::uint64_t offset = 0;
};

/// In order of offset; at most kMaxKubeValues of them.
std::vector<KubeValue> kube_secret_values(std::string_view manifest);

constexpr std::size_t kMaxKubeValues = 10'000;

}  // namespace meridian::secrets
