/* SPDX-License-Identifier: Apache-2.0
 *
 * privileges.h: what a container may do to its host, taken from its OCI runtime spec. Texts are
 * spelled as there. Lent with the target.
 */
#ifndef MERIDIAN_ABI_PRIVILEGES_H
#define MERIDIAN_ABI_PRIVILEGES_H

#include "entry.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t meridian_sharing;
#define MERIDIAN_SHARING_PRIVATE 0u /* the container's own */
#define MERIDIAN_SHARING_HOST 1u
#define MERIDIAN_SHARING_JOINED 2u /* another container's, a pod's */

typedef struct meridian_namespace {
  uint32_t struct_size;
  meridian_sharing sharing;
  meridian_str type;      /* text: mount, pid, network, ipc, uts, user, cgroup */
  meridian_str path;      /* text: of one that was there; may be empty */
  meridian_str container; /* text: id of the container joined, if known */
} meridian_namespace;

typedef struct meridian_mount {
  uint32_t struct_size;
  uint32_t read_only; /* 1: yes */
  uint32_t of_host;   /* 1: a bind mount, something of the host's is seen */
  uint32_t reserved;
  meridian_str destination; /* bytes */
  meridian_str source;      /* bytes: a path on the host, or the file system's name */
  meridian_str type;        /* text: bind, tmpfs, proc, ... */
  meridian_str propagation; /* text: rprivate, rslave, ...; empty: not said */
  meridian_strings options;
} meridian_mount;

typedef struct meridian_device {
  uint32_t struct_size;
  uint32_t reserved;
  meridian_str path;
  meridian_str type; /* text: c, b, p */
  int64_t major;
  int64_t minor;
} meridian_device;

typedef struct meridian_device_rule {
  uint32_t struct_size;
  uint32_t allow;      /* 1: allows, 0: refuses */
  meridian_str type;   /* text: c, b, a */
  int64_t major;       /* -1: any */
  int64_t minor;       /* -1: any */
  meridian_str access; /* text: of r, w, m */
} meridian_device_rule;

typedef struct meridian_id_mapping {
  uint32_t struct_size;
  uint32_t container_id;
  uint32_t host_id;
  uint32_t reserved;
  uint64_t size;
} meridian_id_mapping;

typedef uint32_t meridian_seccomp;
#define MERIDIAN_SECCOMP_NONE 0u
#define MERIDIAN_SECCOMP_ALLOWS_ALL 1u /* a filter that refuses nothing */
#define MERIDIAN_SECCOMP_FILTER 2u

/* Bits of meridian_privileges.flags. */
#define MERIDIAN_PRIVILEGED 1u       /* all capabilities and devices, no filter, no masked path */
#define MERIDIAN_ALL_CAPABILITIES 2u /* in its bounding set */
#define MERIDIAN_ALL_DEVICES 4u      /* may read and write every device */
#define MERIDIAN_NO_NEW_PRIVILEGES 8u
#define MERIDIAN_READ_ONLY_ROOT 16u

typedef struct meridian_privileges {
  uint32_t struct_size;
  uint32_t flags;
  meridian_strings effective; /* capabilities: "CAP_SYS_ADMIN", by number */
  meridian_strings permitted;
  meridian_strings inheritable;
  meridian_strings bounding;
  meridian_strings ambient;
  meridian_strings added;   /* beyond what a container gets that asks for nothing */
  meridian_strings dropped; /* of that default */
  const meridian_namespace* const* namespaces; /* each type once */
  uint64_t namespace_count;
  meridian_seccomp seccomp;
  uint32_t uid;
  uint32_t gid;
  uint32_t reserved;
  int64_t host_uid; /* uid on the host; -1: not mapped, or the mappings are not known */
  const uint32_t* additional_gids;
  uint64_t additional_gid_count;
  meridian_str seccomp_default_action; /* text: "SCMP_ACT_ERRNO", or empty */
  meridian_str apparmor_profile;       /* text: empty: none is named */
  meridian_str selinux_label;          /* text */
  meridian_str runtime_handler;        /* text: "runc", ...; empty: the engine's default */
  const meridian_device* const* devices;
  uint64_t device_count;
  const meridian_device_rule* const* device_rules; /* in order, a later one wins */
  uint64_t device_rule_count;
  const meridian_id_mapping* const* uid_mappings; /* none: no user namespace of its own */
  uint64_t uid_mapping_count;
  const meridian_id_mapping* const* gid_mappings;
  uint64_t gid_mapping_count;
  const meridian_mount* const* mounts; /* in the order in which they are made */
  uint64_t mount_count;
  meridian_strings masked_paths;
  meridian_strings readonly_paths;
} meridian_privileges;

#ifdef __cplusplus
}
#endif
#endif
