/* SPDX-License-Identifier: Apache-2.0
 *
 * floor.c: what walking and reading costs at least, and what a bare Hyperscan over it costs; the references
 * of tests/bench/run.
 *
 *   floor stat|statx|read|text THREADS DIR...      walk, by the cheaper or by our call; and read every byte; and
 *                                                  leave out binary files
 *   floor pages COUNT FILE                         read so many pieces of 64 KiB, anywhere; prints the seconds
 *   floor match|match-text THREADS FILE DIR...     and search: a line of FILE is "i" or "-", a tab, a pattern
 *
 * A binary file has NUL in its first 512 bytes. Links are not followed, only regular files opened. Prints
 * "FILES BYTES MATCHES". Names are as long as they are here: for trees that workload.py made, not for foreign ones. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <hs/hs.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 20, SNIFFED = 512, MAX_PATTERNS = 1024, MAX_LINE = 4096, MAX_THREADS = 64 };

static struct {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  char** folders;
  size_t count, room;
  unsigned busy; /* threads that may still add folders */
} work = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, 0, 0, 0};

static int wants_statx, wants_bytes, wants_binary, wants_matches;
static hs_database_t* database;

struct tally {
  unsigned long files, bytes, matches;
  hs_scratch_t* scratch;
  char* buffer;
};

static void die(const char* what) {
  perror(what);
  exit(1);
}

static void add_folder(char* path) {
  pthread_mutex_lock(&work.lock);
  if (work.count == work.room) {
    work.room = work.room ? 2 * work.room : 1024;
    work.folders = realloc(work.folders, work.room * sizeof *work.folders);
    if (!work.folders) die("realloc");
  }
  work.folders[work.count++] = path;
  pthread_cond_signal(&work.changed);
  pthread_mutex_unlock(&work.lock);
}

/* NULL: all is done. */
static char* next_folder(void) {
  char* path = NULL;
  pthread_mutex_lock(&work.lock);
  --work.busy;
  while (work.count == 0 && work.busy > 0) pthread_cond_wait(&work.changed, &work.lock);
  if (work.count > 0) {
    path = work.folders[--work.count];
    ++work.busy;
  } else {
    pthread_cond_broadcast(&work.changed);
  }
  pthread_mutex_unlock(&work.lock);
  return path;
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void* count) {
  (void)id, (void)from, (void)to, (void)flags;
  ++*(unsigned long*)count;
  return 0;
}

/* In blocks of a MiB: a match across their border is missed, which is no matter for what it costs. */
static void read_file(int folder, const char* name, struct tally* tally) {
  const int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0) return;
  struct stat status;
  if (fstat(file, &status) != 0) die("fstat");
  for (off_t at = 0;;) {
    const ssize_t got = pread(file, tally->buffer, BUFFER, at);
    if (got <= 0) break;
    const size_t sniffed = got < SNIFFED ? (size_t)got : SNIFFED;
    if (at == 0 && !wants_binary && memchr(tally->buffer, 0, sniffed)) break;
    if (wants_matches &&
        hs_scan(database, tally->buffer, (unsigned)got, 0, tally->scratch, on_match, &tally->matches) != HS_SUCCESS)
      die("hs_scan");
    tally->bytes += (unsigned long)got;
    at += got;
    if (at >= status.st_size) break;
  }
  close(file);
}

/* Its type: 0 if it is gone. As the host asks, whose walk needs the number of the mount (file_stat.cpp). */
static mode_t type_of(int folder, const char* name) {
  if (wants_statx) {
    struct statx status;
    const int flags = AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT;
    return statx(folder, name, flags, STATX_BASIC_STATS | STATX_MNT_ID, &status) == 0 ? status.stx_mode & S_IFMT : 0;
  }
  struct stat status;
  return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status.st_mode & S_IFMT : 0;
}

static void walk_folder(const char* path, struct tally* tally) {
  DIR* const folder = opendir(path);
  if (!folder) return;
  for (struct dirent* entry; (entry = readdir(folder)) != NULL;) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    const mode_t type = type_of(dirfd(folder), entry->d_name);
    if (type == S_IFDIR) {
      char* below = NULL;
      if (asprintf(&below, "%s/%s", path, entry->d_name) < 0) die("asprintf");
      add_folder(below);
    } else if (type == S_IFREG) {
      ++tally->files;
      if (wants_bytes) read_file(dirfd(folder), entry->d_name, tally);
    }
  }
  closedir(folder);
}

static void* work_thread(void* mine) {
  for (char* path; (path = next_folder()) != NULL; free(path)) walk_folder(path, mine);
  return NULL;
}

static void compile(const char* path) {
  static char* expressions[MAX_PATTERNS];
  static unsigned flags[MAX_PATTERNS], ids[MAX_PATTERNS];
  unsigned count = 0;
  FILE* const lines = fopen(path, "r");
  if (!lines) die(path);
  for (char line[MAX_LINE]; count < MAX_PATTERNS && fgets(line, sizeof line, lines); ++count) {
    line[strcspn(line, "\n")] = 0;
    flags[count] = line[0] == 'i' ? HS_FLAG_CASELESS : 0;
    ids[count] = count;
    expressions[count] = strdup(line + 2);
  }
  fclose(lines);
  hs_compile_error_t* error = NULL;
  if (hs_compile_multi((const char* const*)expressions, flags, ids, count, HS_MODE_BLOCK, NULL, &database, &error) !=
      HS_SUCCESS) {
    fprintf(stderr, "%s: %s\n", path, error->message);
    exit(1);
  }
}

/* As a program does whose data lie in the page cache. Every read byte is looked at. */
static int read_pages(unsigned long reads, const char* path) {
  enum { PIECE = 64 << 10 };
  static unsigned long piece[PIECE / sizeof(long)];
  const int file = open(path, O_RDONLY);
  struct stat st;
  if (file < 0 || fstat(file, &st) != 0 || st.st_size < PIECE) die(path);
  const unsigned long pieces = (unsigned long)st.st_size / PIECE;
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  unsigned long state = 1, sum = 0;
  for (unsigned long i = 0; i < reads; ++i) {
    state = state * 6364136223846793005ul + 1442695040888963407ul;
    if (pread(file, piece, PIECE, (off_t)((state >> 33) % pieces * PIECE)) != PIECE) die("pread");
    for (size_t k = 0; k < sizeof piece / sizeof *piece; ++k) sum += piece[k];
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  fprintf(stderr, "%lu\n", sum);
  printf("%.3f\n", (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
  return 0;
}

int main(int count, char** words) {
  if (count == 4 && !strcmp(words[1], "pages")) return read_pages(strtoul(words[2], NULL, 10), words[3]);
  if (count < 4) return fprintf(stderr, "floor stat|statx|read|text|match|match-text THREADS [FILE] DIR...\n"), 2;
  const char* const mode = words[1];
  wants_statx = !strcmp(mode, "statx");
  wants_bytes = strncmp(mode, "stat", 4) != 0;
  wants_matches = !strncmp(mode, "match", 5);
  wants_binary = !strstr(mode, "text");
  const unsigned threads = (unsigned)atoi(words[2]);
  if (threads < 1 || threads > MAX_THREADS) return 2;
  int first = 3;
  if (wants_matches) compile(words[first++]);
  for (int i = first; i < count; ++i) add_folder(strdup(words[i]));
  work.busy = threads;
  static pthread_t running[MAX_THREADS];
  static struct tally tallies[MAX_THREADS];
  for (unsigned i = 0; i < threads; ++i) {
    tallies[i].buffer = malloc(BUFFER);
    if (wants_matches && hs_alloc_scratch(database, &tallies[i].scratch) != HS_SUCCESS) die("hs_alloc_scratch");
    if (pthread_create(&running[i], NULL, work_thread, &tallies[i]) != 0) die("pthread_create");
  }
  struct tally all = {0, 0, 0, NULL, NULL};
  for (unsigned i = 0; i < threads; ++i) {
    pthread_join(running[i], NULL);
    all.files += tallies[i].files;
    all.bytes += tallies[i].bytes;
    all.matches += tallies[i].matches;
  }
  printf("%lu %lu %lu\n", all.files, all.bytes, all.matches);
  return 0;
}
