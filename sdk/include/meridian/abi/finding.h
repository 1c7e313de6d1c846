/* SPDX-License-Identifier: Apache-2.0
 *
 * finding.h: what a plugin reports, and the sink that takes it.
 *
 * The host copies, checks and caps everything before a sink function returns, stamps plugin id and
 * digest, and redacts evidence of kind secret. A sink is valid for the callback it was passed to.
 */
#ifndef MERIDIAN_ABI_FINDING_H
#define MERIDIAN_ABI_FINDING_H

#include "entry.h"
#include "file.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t meridian_severity; /* unknown values read as MERIDIAN_SEVERITY_UNKNOWN */
#define MERIDIAN_SEVERITY_UNKNOWN 0u
#define MERIDIAN_SEVERITY_INFO 1u
#define MERIDIAN_SEVERITY_LOW 2u
#define MERIDIAN_SEVERITY_MEDIUM 3u
#define MERIDIAN_SEVERITY_HIGH 4u
#define MERIDIAN_SEVERITY_CRITICAL 5u

typedef uint32_t meridian_confidence;
#define MERIDIAN_CONFIDENCE_LOW 0u
#define MERIDIAN_CONFIDENCE_MEDIUM 1u
#define MERIDIAN_CONFIDENCE_HIGH 2u

typedef struct meridian_finding {
  uint32_t struct_size;
  meridian_confidence confidence;
  meridian_str rule;          /* text: id of a rule declared in subscribe */
  meridian_str message;       /* text: one sentence; may be empty. Never put the secret here */
  meridian_str path;          /* bytes; empty: not in a file */
  meridian_str field;         /* text: place outside files, "env:NAME", "history:3"; may be empty */
  uint64_t line;              /* 0: none */
  uint64_t column;            /* 0: none */
  uint64_t offset;            /* of the evidence in the file; orders findings of one line */
  meridian_str evidence;      /* bytes shown to people as they are, escaped; at most 1 KiB kept */
  meridian_str secret;        /* bytes that must not be shown: redacted and hashed by the host */
  meridian_str detail;        /* text: a JSON object with a "kind", or empty; at most 16 KiB */
  int32_t layer_index;        /* in finish_target and target callbacks: the layer meant; -1: none */
  meridian_severity severity; /* UNKNOWN: as the rule declares */
  meridian_str remediation;   /* text: what to do about it, one sentence; may be empty */
} meridian_finding;

typedef struct meridian_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* impl;
  /* LIMIT once the caps of this unit are reached; the host has then noted a gap.      [worker] */
  meridian_status (*report)(void* impl, const meridian_finding* finding);
  /* Keeps `value` (at most 64 KiB) with the layer or target under `key` (text, at most 127 bytes)
   * and, when not empty, `path`. A key with '/' and a number at its end is a published schema id
   * ("meridian.packages/1"); others are the plugin's own.                             [worker] */
  meridian_status (*fact)(void* impl, meridian_str key, meridian_str path, meridian_str value);
  /* "Could not look": `path` may be empty.                                            [worker] */
  meridian_status (*gap)(void* impl, meridian_problem problem, meridian_str path,
                         meridian_str message);
} meridian_sink;

#ifdef __cplusplus
}
#endif
#endif
