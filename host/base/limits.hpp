// SPDX-License-Identifier: Apache-2.0
//
// limits.hpp: every bound on foreign bytes, with its reason. Crossing one is ErrorCode::kLimit and
// becomes a gap that names the file.
#pragma once

#include <cstddef>
#include <cstdint>

namespace meridian::limits {

/// An engine's JSON file (config, manifest, repositories). Real ones are under 1 MiB.
inline constexpr std::uint64_t kMaxMetadataFile = 16ull << 20;
/// JSON nesting; the deepest real file (an OCI spec) has about 10 levels.
inline constexpr std::size_t kMaxJsonDepth = 64;
/// Values of one JSON text: about 100 MB as a tree. A repositories.json has two a name.
inline constexpr std::size_t kMaxJsonValues = 1'000'000;
/// Layers of one image; the kernel stacks at most 500, Docker 128.
inline constexpr std::size_t kMaxLayers = 1000;
/// An index or manifest of an OCI layout; registries take 4 MiB (distribution-spec, "Pushing
/// Manifests"). Of all in one layout: some seconds of parsing.
inline constexpr std::uint64_t kMaxManifestBytes = 4ull << 20;
inline constexpr std::uint64_t kMaxLayoutJson = 256ull << 20;
/// Indexes inside indexes, and manifests and indexes of one layout that are read. Real layouts have
/// two levels and as many manifests as images.
inline constexpr std::size_t kMaxIndexDepth = 4;
inline constexpr std::size_t kMaxLayoutManifests = 10'000;
/// Images or containers of one store.
inline constexpr std::size_t kMaxObjects = 100'000;
/// Entries of one archive or of one directory, and directories that a walk has yet to enter. The
/// largest real layers have about a million.
inline constexpr std::size_t kMaxEntries = 10'000'000;
/// Memory of one archive's index: six million entries with names of usual length. One of the
/// largest real layers takes a sixth of it.
inline constexpr std::uint64_t kMaxIndexBytes = 1ull << 30;
/// Of that, texts: names, links, attributes. A few kilobytes of compressed pax headers unpack to
/// gigabytes of them, and real layers have a few dozen megabytes.
inline constexpr std::uint64_t kMaxIndexTextBytes = 128ull << 20;
/// Depth of folders. Deeper trees exist (mkdirat has no bound) and cost a descriptor a level.
inline constexpr std::size_t kMaxDepth = 1024;
/// Symbolic links followed in one look-up, as the kernel does (MAXSYMLINKS).
inline constexpr int kMaxSymlinks = 40;
/// Bytes of one path, and of one symbolic link's text. PATH_MAX is 4096, real trees go deeper.
inline constexpr std::size_t kMaxPath = 64 << 10;
/// Members of an image archive (its layers and their metadata), and bytes of one extended header
/// (PAX, GNU long name) in any tar: a path and some attributes.
inline constexpr std::size_t kMaxMembers = 1'000'000;
inline constexpr std::size_t kMaxTarHeader = 1 << 20;
/// Names and links of all those members; `docker save` writes about 100 bytes each.
inline constexpr std::uint64_t kMaxMemberNames = 64ull << 20;
/// Decoded bytes of one layer; a gzip bomb stops here.
inline constexpr std::uint64_t kMaxLayerBytes = 256ull << 30;
/// Decoded bytes allowed for one compressed byte; zlib's own maximum is 1032.
inline constexpr std::uint64_t kMaxCompressionRatio = 2000;
/// A file that is read in full for patterns. What is larger consists of holes, which cost nothing
/// to make and an hour a terabyte to read.
inline constexpr std::uint64_t kMaxFileRead = 64ull << 30;
/// Files of a layer's tar that look-ups keep in memory: of what size, and in all tars of the
/// process. Package lists and configuration fit; a layer of large files does not.
inline constexpr std::uint64_t kSmallContent = 64 << 10;
inline constexpr std::uint64_t kMaxKeptContent = 64ull << 20;
/// Bytes of names of files with several, that a walk has met and whose files still have others: a
/// quarter of a million names.
inline constexpr std::uint64_t kMaxHeldNames = 64ull << 20;
/// Passes over a layer's tar for look-ups that go back, before one pass keeps everything.
inline constexpr int kMaxTarPasses = 4;
/// Content of an archive kept for look-ups, in an unlinked file.
inline constexpr std::uint64_t kMaxSpoolBytes = 16ull << 30;
/// Value of one extended attribute (XATTR_SIZE_MAX) and names of one file (XATTR_LIST_MAX).
inline constexpr std::size_t kMaxXattr = 64 << 10;

/// A bbolt database (containerd's metadata), held in memory, and its keys, 40 to 100 bytes each.
/// Busy nodes have some 50 MiB and 500,000.
inline constexpr std::uint64_t kMaxBboltFile = 256ull << 20;
inline constexpr std::size_t kMaxBboltEntries = 2'000'000;
/// Branches above a leaf: two children each would make 2^32 pages. Buckets in one another;
/// containerd has 7.
inline constexpr std::size_t kMaxBboltDepth = 32;
inline constexpr std::uint32_t kMaxBboltNesting = 32;
/// Damaged places that are listed.
inline constexpr std::size_t kMaxBboltDamages = 1000;

/// Processes of a machine that are asked for their container, and of one container that are read;
/// busy nodes run some ten thousand.
inline constexpr std::size_t kMaxHostProcesses = 100'000;
inline constexpr std::size_t kMaxProcesses = 10'000;
/// Bytes of a command line; the kernel lets one have megabytes.
inline constexpr std::size_t kMaxCommandLine = 64 << 10;
/// Open files of a process, and of all of a container's: each is a question to the kernel.
inline constexpr std::size_t kMaxOpenFiles = 10'000;
inline constexpr std::size_t kMaxOpenFilesInAll = 100'000;
/// A table of sockets, about 150 bytes each; network namespaces of one container's processes.
inline constexpr std::size_t kMaxSocketTable = 16 << 20;
inline constexpr std::size_t kMaxNetworkNamespaces = 100;
/// Memory for what is kept of one container's processes.
inline constexpr std::size_t kMaxProcessBytes = 64 << 20;

/// A plugin's manifest, its `.so`, one file of its rules, all its rules.
inline constexpr std::uint64_t kMaxManifest = 1ull << 20;
inline constexpr std::uint64_t kMaxPluginBinary = 512ull << 20;
inline constexpr std::uint64_t kMaxRuleFile = 64ull << 20;
inline constexpr std::uint64_t kMaxRuleData = 256ull << 20;
inline constexpr std::size_t kMaxBundles = 1000;
/// Files of one rules/ folder, and folders inside folders there.
inline constexpr std::size_t kMaxRuleFiles = 10'000;
inline constexpr std::size_t kMaxRuleDepth = 8;
/// Rules in one manifest; the largest rule sets in the field have a few thousand.
inline constexpr std::size_t kMaxPluginRules = 10'000;
/// Options of one plugin.
inline constexpr std::size_t kMaxOptions = 200;
/// Program headers, bytes of one note segment and dynamic symbols of a plugin. A linker writes
/// about 12, 300 and a few thousand.
inline constexpr std::size_t kMaxElfSegments = 128;
inline constexpr std::size_t kMaxElfNotes = 64 << 10;
inline constexpr std::size_t kMaxElfSymbols = 1'000'000;
/// Subscriptions of one kind, texts in one filter, bytes of one expression or glob: what the shared
/// matcher compiles in seconds.
inline constexpr std::size_t kMaxSubscriptions = 10'000;
inline constexpr std::size_t kMaxFilterTexts = 1'000;
inline constexpr std::size_t kMaxExpression = 64 << 10;
/// Lines a plugin may log before the rest is only counted.
inline constexpr std::uint64_t kMaxLogLines = 200;

/// What one (unit, plugin) may send; more is a gap of kind limit, never silence.
inline constexpr std::size_t kMaxFindingsPerUnit = 20'000;
inline constexpr std::size_t kMaxFactsPerUnit = 200'000;
inline constexpr std::size_t kMaxGapsPerUnit = 5'000;
inline constexpr std::size_t kMaxFactBytes = 64 << 10;
inline constexpr std::size_t kMaxFactBytesPerUnit = 256u << 20;
inline constexpr std::size_t kMaxText = 4 << 10;  // message, field
inline constexpr std::size_t kMaxEvidence = 1 << 10;
inline constexpr std::size_t kMaxSecret = 64 << 10;
inline constexpr std::size_t kMaxDetail = 16 << 10;

/// The shared matcher: a match handed to a plugin, its context, and matches of one pattern in one
/// file before the rest of that pattern there is a gap.
inline constexpr std::size_t kMaxMatch = 64 << 10;
inline constexpr std::size_t kMaxContext = 4 << 10;
inline constexpr std::size_t kMaxMatchesPerFile = 10'000;
/// Ends of matches of one pattern kept for one file (16 bytes each), and bytes searched backwards
/// for starts that are not there, which hostile text could otherwise make quadratic.
inline constexpr std::size_t kMaxMatchEnds = 1 << 18;
inline constexpr std::uint64_t kMaxFutileSearch = 64ull << 20;
/// Groups inside groups of a pattern; bytes and tokens of a glob, bytes of a leading-bytes
/// condition.
inline constexpr std::size_t kMaxGroupDepth = 100;
inline constexpr std::size_t kMaxGlob = 4 << 10;
inline constexpr std::size_t kMaxGlobTokens = 1024;
inline constexpr std::size_t kMaxMagic = 512;
/// Read at once; larger files go through in pieces of this size.
inline constexpr std::size_t kChunk = 1 << 20;
/// Of a file of twice this and more, what one thread searches at once. A thread's start is 0.1 ms,
/// and a range is 10; few files of real images are that large.
inline constexpr std::uint64_t kRange = 32ull << 20;
/// What a look-up (`tree().read`) may return at most, whatever the plugin asks.
inline constexpr std::uint64_t kMaxLookup = 256ull << 20;

}  // namespace meridian::limits
