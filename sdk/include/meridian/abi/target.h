/* SPDX-License-Identifier: Apache-2.0
 *
 * target.h: an image or container as the host knows it, its merged tree, and the facts of its
 * layers. Lent for the callback; [worker] throughout.
 */
#ifndef MERIDIAN_ABI_TARGET_H
#define MERIDIAN_ABI_TARGET_H

#include "content.h"
#include "entry.h"
#include "file.h"
#include "isolation.h"
#include "privileges.h"
#include "process.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t meridian_target_kind;
#define MERIDIAN_TARGET_IMAGE 0u
#define MERIDIAN_TARGET_CONTAINER 1u
#define MERIDIAN_TARGET_HOST 2u

/* One step of the image's history. */
typedef struct meridian_history {
  uint32_t struct_size;
  int32_t layer_index; /* the layer it made; -1: an empty step */
  meridian_str created_by;
  meridian_str comment;
} meridian_history;

typedef struct meridian_layer {
  uint32_t struct_size;
  uint32_t index;       /* 0 is the bottom */
  meridian_str id;      /* text: as in the report */
  meridian_str diff_id; /* text: "sha256:..." or empty */
  meridian_str kind;    /* text: image, init, writable, directory */
  meridian_str created_by;
  uint64_t size; /* bytes of regular files as the store says; 0: it does not */
} meridian_layer;

/* The merged tree: what the target would see. Paths are relative to the root; a final symbolic
 * link is not followed by stat and readlink, and is followed by read, inside the tree. */
typedef struct meridian_tree {
  uint32_t struct_size;
  uint32_t reserved;
  void* impl;
  /* Fills as much of `ret` as its struct_size says. */
  meridian_status (*stat)(void* impl, meridian_str path, meridian_stat* ret, meridian_failure*);
  /* Follows every link, in the merged view. The answer is lent for the callback. */
  meridian_status (*resolve)(void* impl, meridian_str path, meridian_str* ret, meridian_failure*);
  meridian_status (*readlink)(void* impl, meridian_str path, meridian_str* ret, meridian_failure*);
  /* Names in a directory, sorted by bytes; lent for the callback. */
  meridian_status (*list)(void* impl, meridian_str path, meridian_strings* ret, meridian_failure*);
  /* Whole content if at most `limit` bytes, else FAILED with problem LIMIT; lent for the callback.
   */
  meridian_status (*read)(void* impl, meridian_str path, uint64_t limit, meridian_str* ret,
                          meridian_failure*);
  /* Index of the layer that put this name there. */
  meridian_status (*origin)(void* impl, meridian_str path, uint32_t* ret_layer, meridian_failure*);
} meridian_tree;

typedef struct meridian_target {
  uint32_t struct_size;
  meridian_target_kind kind;
  meridian_str id;        /* text: as in the report */
  meridian_strings names; /* text */
  meridian_str state; /* text: running, exited...; stale: recorded as running, its process is gone;
                         empty for images */
  meridian_str image_id;      /* text: of a container; may be empty */
  meridian_str config_json;   /* text: image config as stored, or the container's own record */
  meridian_strings env;       /* bytes: "NAME=value" */
  meridian_strings image_env; /* bytes: of the container's image; for an image equal to env */
  meridian_strings entrypoint;
  meridian_strings cmd;
  meridian_strings labels;       /* "key=value" */
  meridian_strings image_labels; /* of the container's image; for an image equal to labels */
  meridian_str user;
  meridian_str working_dir;
  const meridian_history* const* history;
  uint64_t history_count;
  const meridian_layer* const* layers;
  uint64_t layer_count;
  const meridian_tree* tree;
  meridian_str spec_json;                /* text: OCI runtime spec of a container, or empty */
  meridian_str spec_origin;              /* text: recorded, synthesised, or empty */
  const meridian_privileges* privileges; /* of that spec; NULL: there is none */
  meridian_str created;                  /* text: RFC 3339; may be empty */
  meridian_str platform;                 /* text: "linux/arm64/v8"; may be empty */
  meridian_strings exposed_ports;        /* text: "80/tcp" */
  void* impl;
  /* What runs in the container now; none in an image, and where nothing runs. Read at the first
   * call; what could not be seen is noted by the host as a gap of the plugin that asks. FAILED with
   * problem PRIVILEGE: nothing could be seen, the machine's procfs is not there. Lent with the
   * target. */
  meridian_status (*processes)(void* impl, meridian_processes* ret, meridian_failure*);
  meridian_str image_name; /* text: of a container: as its user typed it; may be empty */
  const meridian_isolation* isolation; /* of a container; NULL of images */
  /* What its engine could run containers with; after those that it was told of, sandboxes that are
   * installed and that it was not told of (NOT_CONFIGURED, no handler). None: not known. */
  const meridian_isolation* const* handlers;
  uint64_t handler_count;
  /* Whether layer `index` is still what was unpacked. Reads all of it at the first call of a scan;
   * nothing of it is cached. FAILED with problem LIMIT: there is no such layer. Lent with the
   * target. */
  meridian_status (*check_content)(void* impl, uint32_t index, meridian_content_check* ret,
                                   meridian_failure*);
} meridian_target;

/* One fact kept by a layer or by another plugin's finish_target. */
typedef struct meridian_fact {
  uint32_t struct_size;
  uint32_t layer_index;
  uint32_t visible; /* 1: its path is what the target sees (or it has none); 0: shadowed */
  uint32_t reserved;
  meridian_str plugin; /* text */
  meridian_str key;    /* text */
  meridian_str path;   /* bytes; may be empty */
  meridian_str value;  /* bytes */
} meridian_fact;

typedef struct meridian_facts {
  const meridian_fact* const* items; /* layer order, bottom first; then path, key */
  uint64_t count;
} meridian_facts;

#ifdef __cplusplus
}
#endif
#endif
