// SPDX-License-Identifier: Apache-2.0
//
// catalog.hpp: which bundles a plugin directory holds, read but not loaded.
//
// Order of loading, fixed (plugin-interface.md): manifest -> policy -> signature -> ELF lint ->
// lane -> load. This file does the first four; the signature step is in its place and empty for
// now.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "plugin/data_file.hpp"
#include "plugin/elf_note.hpp"
#include "plugin/manifest.hpp"

namespace meridian::plugin {

/// A bundle whose files were read once; what is loaded later is these bytes.
struct Bundle {
  std::string directory;
  Manifest manifest;
  std::string manifest_json;  // the file it was read from
  ElfNote note;
  std::string library;                                     // bytes of the .so
  std::string digest;                                      // "sha256:..." of them
  std::string rules_digest;                                // digest_of_rules() of the next two
  std::vector<std::pair<std::string, std::string>> rules;  // name -> bytes, sorted by name
  std::vector<DataFile> data;  // sorted by name; none before somebody has looked (cli/data.hpp)
};

/// A folder or file that was not taken, and why: what was observed, what is required, the mend.
struct Refusal {
  std::string path;
  std::string message;
  bool is_plugin = false;  // it had a manifest or note: the exit status says incomplete
};

struct Catalog {
  std::vector<Bundle> bundles;  // sorted by id
  std::vector<Refusal> refusals;
};

/// `directory` is a bundle (it has plugin.json) or holds bundles. kNotFound if it is not there.
/// Two bundles of one id: the second is refused.
Result<void> add_directory(const std::string& directory, Catalog& catalog);

/// "sha256:..." over names and bytes, each with its length, and names and identities of the data
/// that is there; "" without either. Both sorted by name.
std::string digest_of_rules(const std::vector<std::pair<std::string, std::string>>& rules,
                            const std::vector<DataFile>& data);

}  // namespace meridian::plugin
