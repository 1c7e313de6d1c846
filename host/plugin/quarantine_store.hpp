// SPDX-License-Identifier: Apache-2.0
//
// quarantine_store.hpp: the quarantine on disk: quarantine.json in a folder of mode 0700, which
// several scans may use at once.
//
// A reader sees the old file or the new one (rename); writers wait for each other (flock on
// quarantine.lock). Whoever may write here decides which plugins do not run, so a folder or file
// that belongs to others, or that others may write to, is refused.
#pragma once

#include <functional>
#include <string>

#include "base/unique_fd.hpp"
#include "plugin/quarantine.hpp"

namespace meridian::plugin {

class QuarantineStore {
 public:
  enum class IfAbsent { kMake, kLeave };
  /// kMake makes the folder, and those above it; else kNotFound. kRefused: others may write to it.
  static Result<QuarantineStore> open(const std::string& folder, IfAbsent if_absent);

  /// Nothing there: no records. A file that cannot be understood is set aside as
  /// quarantine.json.corrupt, and an error of kCorrupt says so: the next read finds none.
  Result<Quarantine> read();
  /// Changes what is there now, also if another wrote since read(). Expired records go. What could
  /// not be understood is set aside first.
  Result<void> update(const std::function<void(Quarantine&)>& change);

 private:
  QuarantineStore(base::UniqueFd folder, std::string path)
      : folder_(std::move(folder)), path_(std::move(path)) {}
  Result<Quarantine> read_file() const;
  Result<base::UniqueFd> lock() const;
  Result<void> set_aside() const;
  Result<void> write(const std::string& text) const;

  base::UniqueFd folder_;
  std::string path_;
};

}  // namespace meridian::plugin
