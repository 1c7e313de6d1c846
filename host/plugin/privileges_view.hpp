// SPDX-License-Identifier: Apache-2.0
//
// privileges_view.hpp: a container's privileges as plugins see them (abi/privileges.h).
#pragma once

#include <deque>
#include <vector>

#include "meridian/abi/privileges.h"
#include "model/privileges.hpp"

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
  /// Records and the pointers to them that a table wants.
  template <typename Record>
  struct List {
    std::deque<Record> records;
    std::vector<const Record*> pointers;
    void add(Record record) {
      record.struct_size = sizeof(Record);
      records.push_back(record);
      pointers.push_back(&records.back());
    }
  };

  void fill_capabilities(const model::Privileges& of);
  void fill_namespaces(const model::Privileges& of);
  void fill_devices(const model::Privileges& of);
  void fill_user(const model::Privileges& of);
  void fill_mounts(const model::Privileges& of);
  meridian_strings keep(const std::vector<std::string>& texts);

  std::deque<std::vector<meridian_str>> kept_;
  List<meridian_namespace> namespaces_;
  List<meridian_mount> mounts_;
  List<meridian_device> devices_;
  List<meridian_device_rule> device_rules_;
  List<meridian_id_mapping> uid_mappings_, gid_mappings_;
  meridian_privileges record_{};
};

}  // namespace meridian::plugin
