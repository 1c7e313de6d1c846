/* SPDX-License-Identifier: Apache-2.0
 *
 * attacks.c: one attempt a call to leave a container or to harm its host; linked statically, so that
 * it runs in any image. `attacks NAME [ARGUMENT]...`: status 0 it worked, 1 refused, and the error in
 * words. Nothing is changed but files that the test names for that. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static int said(const char *name, long result) {
  printf("%s: %s\n", name, result < 0 ? strerror(errno) : "WORKED");
  return result < 0;
}

/* The root directory of the file system that `folder` is on, by its handle: inode 2 of ext4, and
 * for any other the handle of the folder's own parent, which a bind mount hides. */
static long by_handle(const char *folder, const char *outside) {
  struct {
    struct file_handle head;
    unsigned char bytes[MAX_HANDLE_SZ];
  } handle;
  int mount_id;
  handle.head.handle_bytes = MAX_HANDLE_SZ;
  /* `outside` gives the handle; that it is reached by `folder` alone is the attack. */
  if (name_to_handle_at(AT_FDCWD, outside, &handle.head, &mount_id, 0) < 0) {
    /* What name_to_handle_at would have said for ext4: 32 bits of inode, 32 of generation. */
    unsigned root[2] = {2, 0};
    handle.head.handle_bytes = sizeof root;
    handle.head.handle_type = 1;
    memcpy(handle.head.f_handle, root, sizeof root);
  }
  int at = open(folder, O_RDONLY | O_DIRECTORY);
  if (at < 0) return -1;
  return open_by_handle_at(at, &handle.head, O_RDONLY);
}

static long memory_of(const char *pid) {
  char path[64];
  snprintf(path, sizeof path, "/host/proc/%s/mem", pid);
  return open(path, O_RDONLY);
}

static long traced(const char *pid) { return ptrace(PTRACE_SEIZE, atoi(pid), 0, 0); }

static long copied(const char *pid) {
  char byte;
  struct iovec here = {&byte, 1}, there = {(void *)0x400000, 1};
  long copied = process_vm_readv(atoi(pid), &here, 1, &there, 1, 0);
  return copied < 0 && errno == EFAULT ? 0 : copied; /* allowed, and nothing was there */
}

static long connected(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, sizeof address);
}

static long written_by_openat2(const char *path) {
  struct open_how how = {.flags = O_WRONLY | O_CREAT, .mode = 0600};
  return syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

int main(int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : "", *one = argc > 2 ? argv[2] : "", *two = argc > 3 ? argv[3] : "";
  if (!strcmp(name, "open-to-write")) return said(name, openat(AT_FDCWD, one, two[0] ? O_WRONLY | O_CLOEXEC : O_WRONLY, 0));
  if (!strcmp(name, "create")) return said(name, open(one, O_WRONLY | O_CREAT, 0600));
  if (!strcmp(name, "truncate")) return said(name, open(one, O_RDONLY | O_TRUNC));
  if (!strcmp(name, "openat2")) return said(name, written_by_openat2(one));
  if (!strcmp(name, "mkdir")) return said(name, mkdir(one, 0700));
  if (!strcmp(name, "rename")) return said(name, rename(one, two));
  if (!strcmp(name, "unlink")) return said(name, unlink(one));
  if (!strcmp(name, "chmod")) return said(name, chmod(one, 0777));
  if (!strcmp(name, "by-handle")) return said(name, by_handle(one, two));
  if (!strcmp(name, "memory")) return said(name, memory_of(one));
  if (!strcmp(name, "ptrace")) return said(name, traced(one));
  if (!strcmp(name, "vm-read")) return said(name, copied(one));
  if (!strcmp(name, "connect")) return said(name, connected(one));
  if (!strcmp(name, "mount")) return said(name, mount("none", "/tmp", "tmpfs", 0, 0));
  if (!strcmp(name, "mknod")) return said(name, mknod(one, S_IFBLK | 0600, makedev(8, 0)));
  if (!strcmp(name, "unshare")) return said(name, unshare(CLONE_NEWUSER));
  if (!strcmp(name, "clone")) return said(name, syscall(SYS_clone, CLONE_NEWUSER | 17, 0, 0, 0, 0));
  if (!strcmp(name, "setns")) return said(name, setns(open("/host/proc/1/ns/mnt", O_RDONLY), 0));
  if (!strcmp(name, "chroot")) return said(name, chroot("/host"));
  if (!strcmp(name, "bpf")) return said(name, syscall(SYS_bpf, 0, 0, 0));
  if (!strcmp(name, "io-uring")) return said(name, syscall(SYS_io_uring_setup, 1, calloc(1, 4096)));
  fprintf(stderr, "no attack of that name\n");
  return 2;
}
