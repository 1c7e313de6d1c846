/* SPDX-License-Identifier: Apache-2.0
 *
 * process.h: what runs in a container, as the host's procfs shows it. Numbers of processes, users
 * and groups are the machine's unless "inside" is said; texts are bytes that the process itself may
 * choose. Lent with the target.
 */
#ifndef MERIDIAN_ABI_PROCESS_H
#define MERIDIAN_ABI_PROCESS_H

#include "entry.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct meridian_process_namespace {
  uint32_t struct_size;
  int32_t of_host;   /* 1: the machine's own; 0: another; -1: not known */
  meridian_str type; /* text: mount, pid, network, ipc, uts, user, cgroup */
  uint64_t inode;    /* equal numbers of one type are one namespace */
} meridian_process_namespace;

typedef struct meridian_open_file {
  uint32_t struct_size;
  uint32_t descriptor;
  uint32_t deleted; /* 1: yes */
  uint32_t reserved;
  meridian_str target; /* bytes: a path inside; "socket:[7]", "pipe:[8]", ... */
} meridian_open_file;

typedef struct meridian_listening_socket {
  uint32_t struct_size;
  uint32_t port;         /* of unix 0 */
  meridian_str protocol; /* text: tcp, tcp6, udp, udp6, unix */
  meridian_str address;  /* bytes: "0.0.0.0", "::"; of unix its path, or "@name" */
} meridian_listening_socket;

/* Bits of meridian_process.flags. */
#define MERIDIAN_PROCESS_EXECUTABLE_DELETED 1u
#define MERIDIAN_PROCESS_OPEN_FILES_SEEN                                                        \
  2u                                       /* without it open_files is empty for want of a look \
                                            */
#define MERIDIAN_PROCESS_LISTENING_SEEN 4u /* the same for listening */

typedef struct meridian_process {
  uint32_t struct_size;
  uint32_t flags;
  int64_t pid;
  int64_t inside_pid; /* 0: it is not in the container's pid namespace, or that is not known */
  int64_t parent;
  uint64_t start_time; /* clock ticks since boot */
  uint32_t uid;        /* effective */
  uint32_t gid;
  meridian_str name;          /* bytes, at most 15 */
  meridian_strings arguments; /* bytes; none: a zombie, or it wiped them */
  meridian_str executable;    /* bytes: a path inside; empty: none, or not seen */
  meridian_strings effective; /* capabilities: "CAP_SYS_ADMIN", by number */
  meridian_strings permitted;
  meridian_strings inheritable;
  meridian_strings bounding;
  meridian_strings ambient;
  const meridian_process_namespace* const* namespaces; /* those that were seen */
  uint64_t namespace_count;
  const meridian_open_file* const* open_files; /* by descriptor */
  uint64_t open_file_count;
  const meridian_listening_socket* const* listening; /* of its open files */
  uint64_t listening_count;
} meridian_process;

typedef struct meridian_processes {
  const meridian_process* const* items; /* by pid */
  uint64_t count;
} meridian_processes;

#ifdef __cplusplus
}
#endif
#endif
