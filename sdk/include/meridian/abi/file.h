/* SPDX-License-Identifier: Apache-2.0
 *
 * file.h: one regular file of a layer, opened by the host, and a match in it.
 *
 * A plugin opens nothing itself: it reads what it is given. Every value is lent for the callback.
 */
#ifndef MERIDIAN_ABI_FILE_H
#define MERIDIAN_ABI_FILE_H

#include "entry.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct meridian_stat {
  uint32_t struct_size;
  uint32_t mode; /* type and permission bits as in stat(2): S_IFREG, S_IFDIR, S_IFLNK... | 07777 */
  uint32_t uid;
  uint32_t gid;
  uint64_t size;         /* bytes */
  int64_t mtime;         /* seconds since 1970 */
  uint32_t device_major; /* of a block or character device, else 0 */
  uint32_t device_minor;
} meridian_stat;

typedef struct meridian_file {
  uint32_t struct_size;
  uint32_t layer_index; /* in a target: 0 is the bottom. While a layer is scanned: always 0 */
  void* impl;           /* the host's; passed back as the first argument */
  meridian_str path;    /* bytes, relative to the root: "etc/shadow" */
  const meridian_stat* stat;
  /* Reads up to `capacity` bytes at `offset` into the caller's buffer; *ret_read < capacity only
   * at the end of the file.                                                          [worker] */
  meridian_status (*read)(void* impl, uint64_t offset, void* buffer, uint64_t capacity,
                          uint64_t* ret_read, meridian_failure* failure);
  /* SHA-256 of the whole content, 32 bytes; computed once however many plugins ask.  [worker] */
  meridian_status (*sha256)(void* impl, uint8_t ret_digest[32], meridian_failure* failure);
  /* Value of an extended attribute, lent for the callback; NOT_FOUND if it has none. [worker] */
  meridian_status (*xattr)(void* impl, meridian_str name, meridian_str* ret_value,
                           meridian_failure* failure);
} meridian_file;

/* A candidate: the shared matcher saw the pattern here. The plugin confirms it. */
typedef struct meridian_match {
  uint32_t struct_size;
  uint32_t pattern; /* the number that layer_matches() gave this subscription */
  const meridian_file* file;
  uint64_t offset;     /* of the first byte of the match, in the file */
  meridian_str bytes;  /* the match; at most 64 KiB */
  meridian_str before; /* context asked for, cut at the start of the file */
  meridian_str after;  /* context asked for, cut at the end of the file */
  uint64_t line;       /* from 1 */
  uint64_t column;     /* bytes, from 1 */
} meridian_match;

#ifdef __cplusplus
}
#endif
#endif
