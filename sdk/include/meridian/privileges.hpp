// SPDX-License-Identifier: Apache-2.0
//
// privileges.hpp: what a container may do to its host. abi/privileges.h says what each text means.
//
// Views: valid until the callback returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "abi/privileges.h"
#include "text.hpp"

namespace meridian {

/// A borrowed list of records, as views of type View; for range-for.
template <typename View, typename Record>
class Records {
 public:
  Records(const Record* const* items, std::uint64_t count) : items_(items), count_(count) {}

  class Iterator {
   public:
    explicit Iterator(const Record* const* at) : at_(at) {}
    View operator*() const { return View(*at_); }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    const Record* const* at_;
  };

  Iterator begin() const { return Iterator(items_); }
  Iterator end() const { return Iterator(items_ + count_); }
  std::size_t size() const { return static_cast<std::size_t>(count_); }
  View operator[](std::size_t i) const { return View(items_[i]); }

 private:
  const Record* const* items_;
  std::uint64_t count_;
};

enum class Sharing : std::uint32_t { kPrivate, kHost, kJoined };

class Namespace {
 public:
  explicit Namespace(const meridian_namespace* record) : record_(record) {}
  std::string_view type() const { return view(record_->type); }  // pid, network, ...
  Sharing sharing() const { return static_cast<Sharing>(record_->sharing); }
  std::string_view path() const { return view(record_->path); }
  std::string_view container() const { return view(record_->container); }

 private:
  const meridian_namespace* record_;
};

class Mount {
 public:
  explicit Mount(const meridian_mount* record) : record_(record) {}
  std::string_view destination() const { return view(record_->destination); }
  std::string_view source() const { return view(record_->source); }
  std::string_view type() const { return view(record_->type); }
  std::string_view propagation() const { return view(record_->propagation); }
  Strings options() const { return Strings(record_->options); }
  bool read_only() const { return record_->read_only != 0; }
  /// A bind mount: something of the host's is seen.
  bool of_host() const { return record_->of_host != 0; }

 private:
  const meridian_mount* record_;
};

enum class Seccomp : std::uint32_t { kNone, kAllowsAll, kFilter };

class Privileges {
 public:
  explicit Privileges(const meridian_privileges* record) : record_(record) {}

  /// As `docker run --privileged`.
  bool privileged() const { return flag(MERIDIAN_PRIVILEGED); }
  bool all_capabilities() const { return flag(MERIDIAN_ALL_CAPABILITIES); }
  bool all_devices() const { return flag(MERIDIAN_ALL_DEVICES); }
  bool no_new_privileges() const { return flag(MERIDIAN_NO_NEW_PRIVILEGES); }
  bool read_only_root() const { return flag(MERIDIAN_READ_ONLY_ROOT); }

  // Capabilities, "CAP_SYS_ADMIN".
  Strings effective() const { return Strings(record_->effective); }
  Strings permitted() const { return Strings(record_->permitted); }
  Strings inheritable() const { return Strings(record_->inheritable); }
  Strings bounding() const { return Strings(record_->bounding); }
  Strings ambient() const { return Strings(record_->ambient); }
  Strings added() const { return Strings(record_->added); }
  Strings dropped() const { return Strings(record_->dropped); }

  Records<Namespace, meridian_namespace> namespaces() const {
    return {record_->namespaces, record_->namespace_count};
  }
  /// Whether the namespace of this type ("pid") is the host's.
  bool shares_with_host(std::string_view type) const {
    for (const Namespace one : namespaces()) {
      if (one.type() == type) return one.sharing() == Sharing::kHost;
    }
    return false;
  }

  Seccomp seccomp() const { return static_cast<Seccomp>(record_->seccomp); }
  std::string_view seccomp_default_action() const { return view(record_->seccomp_default_action); }
  std::string_view apparmor_profile() const { return view(record_->apparmor_profile); }
  std::string_view selinux_label() const { return view(record_->selinux_label); }
  std::string_view runtime_handler() const { return view(record_->runtime_handler); }

  std::uint32_t uid() const { return record_->uid; }
  std::uint32_t gid() const { return record_->gid; }
  /// The user's number on the host; nullopt: not mapped, or the mappings are not known.
  std::optional<std::uint64_t> host_uid() const {
    if (record_->host_uid < 0) return std::nullopt;
    return static_cast<std::uint64_t>(record_->host_uid);
  }

  Records<Mount, meridian_mount> mounts() const { return {record_->mounts, record_->mount_count}; }
  Strings masked_paths() const { return Strings(record_->masked_paths); }
  Strings readonly_paths() const { return Strings(record_->readonly_paths); }
  /// Devices, their rules, groups and id mappings.
  const meridian_privileges* raw() const { return record_; }

 private:
  bool flag(std::uint32_t bit) const { return (record_->flags & bit) != 0; }
  const meridian_privileges* record_;
};

}  // namespace meridian
