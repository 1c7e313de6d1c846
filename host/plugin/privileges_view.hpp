// SPDX-License-Identifier: Apache-2.0
//
// privileges_view.hpp: a container's privileges as plugins see them (abi/privileges.h).
#pragma once

#include <string>
#include <vector>

#include "meridian/abi/privileges.h"
#include "model/privileges.hpp"
#include "plugin/record_list.hpp"

namespace meridian::plugin {

class PrivilegesView {
 public:
  /// `privileges` outlives it.
  explicit PrivilegesView(const model::Privileges& privileges);
  PrivilegesView(const PrivilegesView&) = delete;
  PrivilegesView& operator=(const PrivilegesView&) = delete;
  ~PrivilegesView() = default;

  const meridian_privileges* record() const { return &record_; }

 private:
  void fill_capabilities(const model::Privileges& of);
  void fill_namespaces(const model::Privileges& of);
  void fill_devices(const model::Privileges& of);
  void fill_user(const model::Privileges& of);
  void fill_mounts(const model::Privileges& of);
  meridian_strings keep(const std::vector<std::string>& texts) { return texts_.keep(texts); }

  TextLists texts_;
  RecordList<meridian_namespace> namespaces_;
  RecordList<meridian_mount> mounts_;
  RecordList<meridian_device> devices_;
  RecordList<meridian_device_rule> device_rules_;
  RecordList<meridian_id_mapping> uid_mappings_, gid_mappings_;
  meridian_privileges record_{};
};

}  // namespace meridian::plugin
