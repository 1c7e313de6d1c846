// SPDX-License-Identifier: Apache-2.0
//
// containerd_records.hpp: records of containers as containerd writes them into its database.
#pragma once

#include <map>
#include <string>

#include "support/containerd_root.hpp"

namespace meridian::testing_support {

/// A google.protobuf.Any of less than 16 KiB.
inline std::string any(const std::string& type, const std::string& value) {
  return "\x0a" + uvarint(type.size()) + type + "\x12" + uvarint(value.size()) + value;
}

struct ContainerdRecord {
  std::string id;
  std::string image = {};
  std::string snapshotter = "overlayfs";
  std::string spec = R"({"ociVersion":"1.0"})";
  std::map<std::string, std::string> labels = {};
  std::map<std::string, std::string> extensions = {};

  void add_to(ContainerdRoot& root) const {
    using std::string_literals::operator""s;
    BboltTree& record = root.space().buckets["containers"].buckets[id];
    record.values = {{"image", image},
                     {"snapshotter", snapshotter},
                     {"snapshotKey", id},
                     {"createdat", "\x01\x00\x00\x00\x0e\xe2\x93\xf4\xb2\x1b\x88\x81\x85\xff\xff"s},
                     {"spec", any("types.containerd.io/opencontainers/runtime-spec/1/Spec", spec)}};
    record.buckets["runtime"].values = {{"name", "io.containerd.runc.v2"}};
    if (!labels.empty()) record.buckets["labels"].values = labels;
    if (!extensions.empty()) record.buckets["extensions"].values = extensions;
  }
};

}  // namespace meridian::testing_support
