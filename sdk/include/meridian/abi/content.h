/* SPDX-License-Identifier: Apache-2.0
 *
 * content.h: whether a layer on disk is still what its engine unpacked. Lent with the target.
 */
#ifndef MERIDIAN_ABI_CONTENT_H
#define MERIDIAN_ABI_CONTENT_H

#include "entry.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t meridian_content_state;
#define MERIDIAN_CONTENT_NOTHING 0u /* no record to compare it with is kept beside it */
#define MERIDIAN_CONTENT_INTACT 1u
#define MERIDIAN_CONTENT_CHANGED 2u
#define MERIDIAN_CONTENT_UNKNOWN 3u /* it could not be compared: see problem and reason */

typedef struct meridian_content_difference {
  uint32_t struct_size;
  uint32_t reserved;
  meridian_str path; /* bytes: in the layer; empty: its blob or record */
  meridian_str what; /* text: "content", "mode", "owner", "added", "removed", "mode, owner", ... */
} meridian_content_difference;

typedef struct meridian_content_check {
  uint32_t struct_size;
  meridian_content_state state;
  meridian_problem problem; /* with a reason */
  uint32_t reserved;
  meridian_str reason;   /* text: of UNKNOWN why; of CHANGED what was not compared; else empty */
  meridian_str expected; /* text: "sha256:..."; may be empty */
  meridian_str computed; /* text: empty: not computed to the end */
  const meridian_content_difference* const* differences; /* the first 16, by path */
  uint64_t difference_count;
  uint64_t total; /* paths that differ, at most 1000 are counted */
} meridian_content_check;

#ifdef __cplusplus
}
#endif
#endif
