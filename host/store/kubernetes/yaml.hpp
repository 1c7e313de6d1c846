// SPDX-License-Identifier: Apache-2.0
//
// yaml.hpp: a YAML stream as JSON texts, as Kubernetes itself reads manifests (sigs.k8s.io/yaml).
//
// libyaml's events, with our own bounds, and not yaml-cpp: its 0.7 reads a lone "," without end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"

namespace meridian::store::kubernetes {

/// A manifest, or a kubelet's configuration. The API takes objects of at most 1.5 MiB.
inline constexpr std::uint64_t kMaxYaml = 2ull << 20;
/// Of one stream, with aliases written out, of which a few hundred bytes make billions.
inline constexpr std::size_t kMaxYamlValues = 200'000;
inline constexpr std::size_t kMaxYamlText = 16ull << 20;

/// One JSON text for each document that is not empty, in order. Plain words are typed: true, false,
/// null, whole numbers; all else is text. kCorrupt with the line; kLimit past the bounds above and
/// past limits::kMaxJsonDepth.
Result<std::vector<std::string>> yaml_documents(std::string_view text);

}  // namespace meridian::store::kubernetes
