// SPDX-License-Identifier: Apache-2.0
//
// data_file.hpp: a database that a plugin's manifest asks for ("data"), as it is handed on.
#pragma once

#include <memory>
#include <string>

#include "base/mapped_file.hpp"
#include "base/unique_fd.hpp"

namespace meridian::plugin {

struct DataFile {
  std::string name;      // in the manifest
  std::string identity;  // tells it from any other content; part of the plugin's rules_digest
  std::shared_ptr<const base::UniqueFd> file;     // for lanes; null in one, and in tests
  std::shared_ptr<const base::MappedFile> bytes;  // never null
};

}  // namespace meridian::plugin
