/* SPDX-License-Identifier: Apache-2.0
 *
 * testing.h: the one function of libmeridian-testing.so: a plugin run over an image made in memory,
 * by the host's own floors. Everything is lent for the call, both ways. Authors use testing.hpp.
 */
#ifndef MERIDIAN_TESTING_H
#define MERIDIAN_TESTING_H

#include "../abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct meridian_testing_entry {
  uint32_t struct_size;
  uint32_t mode; /* type and permission bits, as in stat(2) */
  uint32_t uid;
  uint32_t gid;
  meridian_str path;
  meridian_str content;    /* of a file; target of a symbolic link */
  meridian_strings xattrs; /* names and values by turns */
  uint32_t device_major;   /* of a device */
  uint32_t device_minor;
} meridian_testing_entry;

typedef struct meridian_testing_layer {
  uint32_t struct_size;
  uint32_t reserved;
  const meridian_testing_entry* entries;
  uint64_t count;
  meridian_str created_by;
} meridian_testing_layer;

typedef struct meridian_testing_image {
  uint32_t struct_size;
  uint32_t has_container; /* 1: a container of the image is scanned as well */
  meridian_strings names;
  meridian_strings env;
  meridian_strings labels; /* "key=value" */
  meridian_strings entrypoint;
  meridian_strings cmd;
  const meridian_testing_layer* layers; /* bottom first; deletions are .wh. files (tar dialect) */
  uint64_t layer_count;
  const meridian_testing_layer* writable; /* of the container; null: empty */
  meridian_strings container_env;
  meridian_str config;                /* of the image, JSON as stored; empty: none */
  meridian_str container_spec;        /* OCI runtime spec, JSON; empty: none */
  meridian_str container_spec_origin; /* recorded or synthesised */
  meridian_str runtime_handler;       /* of the container; empty: the engine's default */
  meridian_processes processes;       /* of the container */
  uint32_t no_procfs;                 /* 1: as on a machine whose processes nobody can see */
  uint32_t reserved;
  meridian_str image_name;                   /* of the container, as its user typed it */
  const meridian_isolation* isolation;       /* of the container; null: nothing is known of it */
  const meridian_isolation* const* handlers; /* of its engine */
  uint64_t handler_count;
  const meridian_content_check* contents; /* of the first layers; of others nothing is recorded */
  uint64_t content_count;
  meridian_str host_node; /* meridian.node/1 of a host, JSON; empty: no host is scanned */
} meridian_testing_image;

typedef struct meridian_testing_options {
  uint32_t struct_size;
  uint32_t jobs;
  uint64_t shuffle;      /* seed for the order of units; 0: none */
  meridian_str settings; /* a JSON object as the plugin gets it after validation, or empty */
  meridian_rule_data rules;
} meridian_testing_options;

typedef struct meridian_testing_finding {
  uint32_t struct_size;
  meridian_severity severity;
  uint32_t visibility; /* 0 visible, 1 shadowed, 2 none */
  int32_t layer_index; /* -1: none */
  meridian_target_kind target;
  uint32_t reserved;
  meridian_str fingerprint;
  meridian_str rule;
  meridian_str message;
  meridian_str path;
  meridian_str field;
  meridian_str evidence; /* redacted, as a report shows it */
  uint64_t line;
  uint64_t column;
  uint64_t occurrences; /* further ones */
  meridian_str remediation;
} meridian_testing_finding;

typedef struct meridian_testing_results {
  uint32_t struct_size;
  uint32_t reserved;
  void* impl;
  void (*finding)(void* impl, const meridian_testing_finding*);
  void (*gap)(void* impl, meridian_str kind, meridian_str path, meridian_str message);
  void (*fact)(void* impl, meridian_str schema, meridian_str data); /* published ones */
  void (*opened)(void* impl, meridian_str path);                    /* each path once, sorted */
  /* "clean", "findings", "error"; `reason` of an error */
  void (*ended)(void* impl, meridian_target_kind, meridian_str result, meridian_str reason);
} meridian_testing_results;

/* FAILED, with the words a user would see, if the plugin cannot be created, configured or
 * subscribed. */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
meridian_status
meridian_testing_scan(const meridian_descriptor* plugin, const meridian_testing_image* image,
                      const meridian_testing_options* options,
                      const meridian_testing_results* results, meridian_failure* failure);

#ifdef __cplusplus
}
#endif
#endif
