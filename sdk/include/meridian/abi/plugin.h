/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin.h: interface "meridian.plugin/0": what the host calls, in the order of a plugin's life:
 *
 *   create -> configure -> subscribe -> { unit_begin -> layer_file | layer_match ... -> layer_done
 *   -> unit_end }* and { unit_begin -> target -> merged_file ... -> target_done -> unit_end }*
 *   -> destroy
 *
 * A unit is one layer or one target: its state is made by unit_begin and belongs to one thread at a
 * time. After a failed create, destroy is not called. After a failed callback of a unit the host
 * may go on with the next file, and always ends with unit_end.
 */
#ifndef MERIDIAN_ABI_PLUGIN_H
#define MERIDIAN_ABI_PLUGIN_H

#include "entry.h"
#include "file.h"
#include "finding.h"
#include "target.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MERIDIAN_PLUGIN_INTERFACE "meridian.plugin/0"

typedef uint32_t meridian_log_level;
#define MERIDIAN_LOG_DEBUG 0u
#define MERIDIAN_LOG_INFO 1u
#define MERIDIAN_LOG_WARN 2u
#define MERIDIAN_LOG_ERROR 3u

/* Services of the host. Valid from create until destroy returns. */
typedef struct meridian_host {
  uint32_t struct_size;
  uint32_t abi_minor;
  void* impl;
  meridian_str version; /* text */
  /* One line, text; the host escapes it, stamps the plugin's id and limits the rate.      [any] */
  void (*log)(void* impl, meridian_log_level level, meridian_str text);
  /* 1 once the scan is ending. Cheap: call it in loops.                                   [any] */
  uint32_t (*cancelled)(void* impl);
} meridian_host;

/* Typed options, validated against the manifest's schema, defaults filled in. A getter answers
 * NOT_FOUND for a key that is absent or of another type. Lent until configure returns. [control] */
typedef struct meridian_config {
  uint32_t struct_size;
  uint32_t reserved;
  void* impl;
  meridian_status (*text)(void* impl, meridian_str key, meridian_str* ret);
  meridian_status (*integer)(void* impl, meridian_str key, int64_t* ret);
  meridian_status (*number)(void* impl, meridian_str key, double* ret);
  meridian_status (*boolean)(void* impl, meridian_str key, uint32_t* ret);
  meridian_status (*texts)(void* impl, meridian_str key, meridian_strings* ret);
} meridian_config;

/* The bundle's rules/ folder, read and hashed by the host. Lent until configure returns, the bytes
 * of data until destroy does. [control] */
typedef struct meridian_rule_file {
  meridian_str name; /* "secrets.json": relative to rules/ */
  meridian_str bytes;
} meridian_rule_file;
typedef struct meridian_rule_data {
  uint32_t struct_size;
  uint32_t reserved;
  const meridian_rule_file* files; /* sorted by name */
  uint64_t count;
  /* What the manifest's "data" asks for and the user has imported; sorted by name. Mapped, not
   * read: it may have gigabytes, and no worker has a copy of its own. */
  const meridian_rule_file* data;
  uint64_t data_count;
  /* What keep() was given at an earlier start: compiled tables and the like. */
  const meridian_rule_file* kept;
  uint64_t kept_count;
  /* For later starts. MERIDIAN_LIMIT: too much for one start. Null: nothing is kept. */
  void* impl;
  meridian_status (*keep)(void* impl, meridian_str name, meridian_str bytes);
} meridian_rule_data;

typedef struct meridian_rule {
  uint32_t struct_size;
  meridian_severity severity;
  meridian_str id;    /* text: [a-z0-9-]{1,63}, unique in the plugin */
  meridian_str title; /* text */
  meridian_str help;  /* text: a link, or empty */
} meridian_rule;

/* Which files: every condition given must hold. */
typedef struct meridian_file_filter {
  uint32_t struct_size;
  uint32_t mode_any;      /* some of these mode bits are set; 0: any mode */
  meridian_strings paths; /* globs on the whole path: * ? [a-z] and ** across folders; empty: all */
  meridian_strings names; /* globs on the last part; empty: all */
  meridian_strings exclude; /* globs on the whole path */
  meridian_strings magic;   /* the file starts with one of these bytes; empty: any */
  uint64_t min_size;        /* bytes */
  uint64_t max_size;        /* bytes; 0: no bound. A larger file is not looked at */
} meridian_file_filter;

#define MERIDIAN_PATTERN_CASELESS 1u
#define MERIDIAN_PATTERN_BINARY 2u /* also in files with a NUL in their first 512 bytes */

typedef struct meridian_pattern {
  uint32_t struct_size;
  uint32_t flags;
  meridian_str expression; /* Hyperscan syntax */
  uint32_t context;        /* bytes wanted before and after, at most 4096 */
  uint32_t reserved;
  const meridian_file_filter* where; /* null: every file */
} meridian_pattern;

/* Lent until subscribe returns; all of it is copied.                                  [control] */
typedef struct meridian_subscriptions {
  uint32_t struct_size;
  uint32_t reserved;
  void* impl;
  meridian_status (*rule)(void* impl, const meridian_rule*, meridian_failure*);
  /* `number` comes back in layer_file. */
  meridian_status (*layer_files)(void* impl, uint32_t number, const meridian_file_filter*,
                                 meridian_failure*);
  /* `number` comes back in meridian_match.pattern. FAILED with the compiler's words if the
   * expression is not valid. */
  meridian_status (*layer_matches)(void* impl, uint32_t number, const meridian_pattern*,
                                   meridian_failure*);
  meridian_status (*target)(void* impl, uint32_t number, meridian_target_kind, meridian_failure*);
  /* Files of each target's merged tree; `number` comes back in merged_file. */
  meridian_status (*merged_files)(void* impl, uint32_t number, const meridian_file_filter*,
                                  meridian_failure*);
  meridian_status (*layer_done)(void* impl, meridian_failure*);
  meridian_status (*target_done)(void* impl, meridian_failure*);
} meridian_subscriptions;

typedef struct meridian_plugin_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Makes the instance; `host` outlives it.                                           [control] */
  meridian_status (*create)(const meridian_host* host, void** ret_instance, meridian_failure*);
  /* Called once.                                                                      [control] */
  meridian_status (*configure)(void* instance, const meridian_config*, const meridian_rule_data*,
                               meridian_failure*);
  meridian_status (*subscribe)(const void* instance, const meridian_subscriptions*,
                               meridian_failure*); /* [control] */
  meridian_status (*unit_begin)(const void* instance, void** ret_unit,
                                meridian_failure*); /* [worker] */
  meridian_status (*layer_file)(const void* instance, void* unit, uint32_t number,
                                const meridian_file*, const meridian_sink*,
                                meridian_failure*); /* [worker] */
  meridian_status (*layer_match)(const void* instance, void* unit, const meridian_match*,
                                 const meridian_sink*, meridian_failure*); /* [worker] */
  /* `layer` has index 0: a layer may serve many targets.                             [worker] */
  meridian_status (*layer_done)(const void* instance, void* unit, const meridian_layer* layer,
                                const meridian_sink*, meridian_failure*);
  meridian_status (*target)(const void* instance, void* unit, uint32_t number,
                            const meridian_target*, const meridian_sink*,
                            meridian_failure*); /* [worker] */
  /* `file` has its path in the target and, as layer_index, the layer that it shows from. [worker]
   */
  meridian_status (*merged_file)(const void* instance, void* unit, uint32_t number,
                                 const meridian_target*, const meridian_file*, const meridian_sink*,
                                 meridian_failure*);
  meridian_status (*target_done)(const void* instance, void* unit, const meridian_target*,
                                 const meridian_facts*, const meridian_sink*,
                                 meridian_failure*); /* [worker] */
  /* Also after a failed callback. FAILED is noted as an error of the unit; the state is gone all
   * the same.                                                                         [worker] */
  meridian_status (*unit_end)(const void* instance, void* unit, meridian_failure*);
  meridian_status (*destroy)(void* instance, meridian_failure*); /* [control] */
} meridian_plugin_api;

#ifdef __cplusplus
}
#endif
#endif
