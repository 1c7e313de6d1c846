/* SPDX-License-Identifier: Apache-2.0
 *
 * isolation.h: which kernel a container's processes call, and what its engine could run it with.
 * Lent with the target.
 */
#ifndef MERIDIAN_ABI_ISOLATION_H
#define MERIDIAN_ABI_ISOLATION_H

#include "entry.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t meridian_boundary;
#define MERIDIAN_BOUNDARY_UNKNOWN 0u
#define MERIDIAN_BOUNDARY_SHARED_KERNEL 1u      /* the host's: runc, crun, youki */
#define MERIDIAN_BOUNDARY_APPLICATION_KERNEL 2u /* a kernel in user space: gVisor */
#define MERIDIAN_BOUNDARY_MICRO_VM 3u           /* one of its own: Kata, Firecracker */

/* What stands behind a handler's name. */
typedef uint32_t meridian_handler_state;
#define MERIDIAN_HANDLER_UNKNOWN 0u        /* it could not be looked at */
#define MERIDIAN_HANDLER_READY 1u          /* its program is there */
#define MERIDIAN_HANDLER_NO_PROGRAM 2u     /* it is not */
#define MERIDIAN_HANDLER_NOT_CONFIGURED 3u /* no settings of the engine that were found name it */

/* Something that a runtime was told, by its command line or its configuration file. */
typedef struct meridian_runtime_setting {
  uint32_t struct_size;
  uint32_t reserved;
  meridian_str name;   /* text: "platform", "agent.kata.debug_console_enabled" */
  meridian_str value;  /* text: "ptrace", "true"; of a list "a,b" */
  meridian_str source; /* text: the file, or whose arguments */
} meridian_runtime_setting;

typedef struct meridian_isolation {
  uint32_t struct_size;
  meridian_boundary boundary; /* told by the program behind the name, not by the name */
  meridian_handler_state state;
  uint32_t is_default;       /* 1: what the engine takes for who names none */
  meridian_str handler;      /* text: the engine's name of it; of a container empty: its default */
  meridian_str runtime;      /* text: "runc", "gVisor", "Kata with QEMU"; may be empty */
  meridian_str program;      /* text: as configured: a path, a name, a type of shim; may be empty */
  meridian_str binary;       /* text: where that leads after all links; empty: it is not there */
  meridian_strings evidence; /* text, in the order of the conclusion */
  const meridian_runtime_setting* const* settings;
  uint64_t setting_count;
} meridian_isolation;

#ifdef __cplusplus
}
#endif
#endif
