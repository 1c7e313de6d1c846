/* SPDX-License-Identifier: Apache-2.0
 *
 * entry.h: the one symbol a plugin exports, and the plain types that every other table uses.
 *
 * Rules of this folder. C11 only. A table or record that may grow starts with `struct_size`, the
 * size where it was compiled; fields are only ever appended; a null function pointer means "not
 * implemented". Interface ids carry a revision ("meridian.plugin/0") and are matched exactly.
 * Everything lent to a callee is valid until that call returns, unless its comment says otherwise.
 * Nobody frees what the other side made. Nothing may unwind (no exception, no longjmp) through a
 * table function.
 *
 * Thread roles, as in [brackets] after each function:
 *   [control]  one thread at a time, before any worker runs; never concurrent with [worker]
 *   [worker]   any number of threads at once; two calls never share a unit state
 *   [any]      both of the above
 */
#ifndef MERIDIAN_ABI_ENTRY_H
#define MERIDIAN_ABI_ENTRY_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MERIDIAN_ABI_MAJOR 0u
#define MERIDIAN_ABI_MINOR 1u
/* Version of what the data says (config, history, facts), apart from how it is passed. */
#define MERIDIAN_MODEL_VERSION 1u

/* Bytes. Text is UTF-8 where the field says "text"; paths and file contents are any bytes. */
typedef struct meridian_str {
  const char* data; /* may be null when size is 0; not NUL-terminated */
  uint64_t size;
} meridian_str;

typedef struct meridian_strings {
  const meridian_str* items;
  uint64_t count;
} meridian_strings;

typedef uint32_t meridian_status;
#define MERIDIAN_OK 0u
#define MERIDIAN_NOT_APPLICABLE 1u /* none of the plugin's business; ends the callback */
#define MERIDIAN_FAILED 2u         /* see the failure record */
#define MERIDIAN_LIMIT 3u          /* a cap was reached: nothing more is taken */
#define MERIDIAN_CANCELLED 4u      /* the scan is ending: return soon */
#define MERIDIAN_NOT_FOUND 5u

/* Kinds of failures and gaps; the names of contract.md. Unknown values read as "unreadable". */
typedef uint32_t meridian_problem;
#define MERIDIAN_PROBLEM_UNREADABLE 0u
#define MERIDIAN_PROBLEM_CORRUPT 1u
#define MERIDIAN_PROBLEM_LIMIT 2u
#define MERIDIAN_PROBLEM_PRIVILEGE 3u
#define MERIDIAN_PROBLEM_UNSUPPORTED 4u
#define MERIDIAN_PROBLEM_MISSING_DATA 5u
#define MERIDIAN_PROBLEM_EXCEPTION 6u /* set by the SDK's fence only */
#define MERIDIAN_PROBLEM_MEMORY 7u    /* an allocation failed */

/* Where a callee says why it failed. The caller lends the buffer; text beyond it is cut. */
typedef struct meridian_failure {
  uint32_t struct_size;
  meridian_problem problem;
  char text[1016]; /* text, NUL-terminated */
} meridian_failure;

/* What the exported function returns: constant, initialised at compile time, never freed. */
typedef struct meridian_descriptor {
  uint32_t struct_size;
  uint32_t abi_major;      /* must equal the host's */
  uint32_t abi_minor;      /* of the headers the plugin was built with */
  uint32_t host_minor_min; /* the plugin runs on hosts with at least this minor */
  uint32_t model_version;
  uint32_t reserved;    /* 0 */
  meridian_str vendor;  /* text: "meridian"; a fork that changes a table must change it */
  meridian_str id;      /* text: reverse-DNS, [a-z0-9.-]{3,127} */
  meridian_str version; /* text: semantic version, at most 31 bytes */
  meridian_str sdk;     /* text: version of the SDK */
  /* A table by interface id, or null. Same answer for the same id, always.             [any] */
  const void* (*query)(meridian_str interface_id);
} meridian_descriptor;

/* The exported function. No arguments, no side effects. */
#define MERIDIAN_ENTRY meridian_plugin_entry_v0
#define MERIDIAN_ENTRY_NAME "meridian_plugin_entry_v0"
typedef const meridian_descriptor* (*meridian_entry_function)(void);

/* The identity core, also carried as an ELF note so that it can be read without loading:
 * section ".note.meridian", name "Meridian", type 1, descriptor = this record, little-endian. */
#define MERIDIAN_NOTE_NAME "Meridian"
#define MERIDIAN_NOTE_TYPE 1u
typedef struct meridian_note {
  uint32_t abi_major;
  uint32_t abi_minor;
  uint32_t host_minor_min;
  uint32_t model_version;
  char id[128];     /* NUL-padded */
  char version[32]; /* NUL-padded */
} meridian_note;

#ifdef __cplusplus
}
#endif
#endif
