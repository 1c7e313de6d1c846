// SPDX-License-Identifier: Apache-2.0
//
// records.hpp: metadata.json of Weave Ignite's virtual machines, images and kernels.
//
// Facts: weaveworks/ignite, pkg/apis/ignite/v1alpha4/types.go; v1alpha2 and 3 lack some members.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"

namespace meridian::store::ignite {

struct Volume {
  std::string device;  // path on the host
  std::string inside;  // mount point in the machine
};

/// What is not said is empty.
struct Record {
  std::string kind;  // "VM", "Image", "Kernel"
  std::string uid, name, created;
  std::string source;      // the OCI image that it was made of, as named
  std::string content_id;  // of that: "sha256:...", a digest or Docker's image id
  std::string version;     // of a kernel
  // Of a VM:
  std::string kernel;  // the OCI image of its kernel
  std::string command_line;
  std::string image_id;  // content id of its image
  bool running = false;
  std::string started;
  std::string sandbox_engine, sandbox_id;  // the container in which Firecracker runs
  std::vector<Volume> volumes;
};

/// Any text: kCorrupt with the member.
Result<Record> parse_record(std::string_view json);

/// Its folders: 16 lower-case hexadecimal digits.
bool is_uid(std::string_view text);

}  // namespace meridian::store::ignite
