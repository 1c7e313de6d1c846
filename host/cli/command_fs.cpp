// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <vector>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/read_file.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/output.hpp"
#include "cli/wiring.hpp"
#include "rootfs/layered_tree.hpp"
#include "scan/target_entry.hpp"

namespace meridian::cli {

namespace {

/// The merged view of the one object that the reference means, or one of its layers.
Result<rootfs::LayeredTree> open_view(const Stores& stores, const FsArgs& args) {
  const model::Inventory& inventory = stores.collection->inventory();
  MERIDIAN_TRY(const scan::Plan plan,
               scan::make_plan(inventory, {true, true, true, stores.wishes}));
  if (plan.targets.size() != 1) {
    std::string candidates;
    for (const scan::PlannedTarget& target : plan.targets) {
      const auto names = scan::target_entry(inventory, target).names;
      candidates += " " + scan::id_of(inventory, target);
      if (!names.empty()) candidates += " (" + base::escape(names.front()) + ")";
    }
    return Error(ErrorCode::kInvalid, base::escape(args.reference) + " means " +
                                          std::to_string(plan.targets.size()) +
                                          " objects, one is wanted:" + candidates);
  }
  const auto& layers = scan::layers_of(inventory, plan.targets.front());
  std::vector<rootfs::StackedLayer> stack;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (args.layer && *args.layer != i) continue;
    MERIDIAN_TRY(auto tree, stores.collection->open_layer(layers[i]));
    stack.push_back(
        {std::move(tree), args.layer ? model::MarkerDialect::kNone : layers[i].dialect});
  }
  if (args.layer && *args.layer >= layers.size()) {
    return Error(ErrorCode::kInvalid, "--layer " + std::to_string(*args.layer) + ": there are " +
                                          std::to_string(layers.size()) + " layers");
  }
  return rootfs::LayeredTree(std::move(stack));
}

char letter(rootfs::EntryType type) {
  switch (type) {
    case rootfs::EntryType::kRegular:
      return '-';
    case rootfs::EntryType::kDirectory:
      return 'd';
    case rootfs::EntryType::kSymlink:
      return 'l';
    case rootfs::EntryType::kCharDevice:
      return 'c';
    case rootfs::EntryType::kBlockDevice:
      return 'b';
    case rootfs::EntryType::kFifo:
      return 'p';
    case rootfs::EntryType::kSocket:
      return 's';
  }
  return '?';
}

std::string octal(std::uint32_t mode) {
  std::string digits(4, '0');
  for (std::size_t i = 4; i-- > 0; mode >>= 3) digits[i] = static_cast<char>('0' + (mode & 7));
  return digits;
}

/// "-0644 0:0 1234 L2 name -> target"
std::string line(const rootfs::LayeredTree& tree, const rootfs::RootfsPath& path,
                 const std::string& name) {
  const auto stat = tree.stat(path);
  if (!stat) return "? " + base::escape(name) + ": " + stat.error().message() + "\n";
  const auto origin = tree.origin(path);
  std::string text = letter(stat->type) + octal(stat->mode) + " " + std::to_string(stat->uid) +
                     ":" + std::to_string(stat->gid) + " " + std::to_string(stat->size) + " L" +
                     (origin ? std::to_string(*origin) : "?") + " " + base::escape(name);
  if (stat->type == rootfs::EntryType::kSymlink) {
    const auto target = tree.readlink(path);
    text += " -> " + (target ? base::escape(*target) : "?");
  }
  return text + "\n";
}

Result<void> list(const rootfs::LayeredTree& tree, const std::string& text) {
  MERIDIAN_TRY(const auto path, rootfs::resolve(tree, text));
  MERIDIAN_TRY(const auto stat, tree.stat(path));
  if (stat.type != rootfs::EntryType::kDirectory) {
    return write_output("-", line(tree, path, path.text()));
  }
  MERIDIAN_TRY(const auto entries, tree.list(path));
  std::string lines;
  for (const rootfs::DirEntry& entry : entries) lines += line(tree, path / entry.name, entry.name);
  return write_output("-", lines);
}

Result<void> cat(const rootfs::LayeredTree& tree, const std::string& text) {
  MERIDIAN_TRY(const auto path, rootfs::resolve(tree, text));
  MERIDIAN_TRY(const auto content, tree.open(path));
  std::vector<char> buffer(limits::kChunk);
  for (std::uint64_t offset = 0;;) {
    MERIDIAN_TRY(const std::size_t got, content->read(offset, buffer.data(), buffer.size()));
    if (got == 0) return {};
    MERIDIAN_CHECK(base::write_all(STDOUT_FILENO, {buffer.data(), got}));
    offset += got;
  }
}

}  // namespace

int run_fs(const GlobalArgs& global, const FsArgs& args, const base::Log& log) {
  auto stores = open_stores(global, {args.reference});
  if (!stores) {
    log.error(stores.error().message());
    return kUsage;
  }
  const auto view = open_view(*stores, args);
  if (!view) {
    log.error(view.error().message());
    return kUsage;
  }
  const auto done =
      args.what == FsArgs::What::kList ? list(*view, args.path) : cat(*view, args.path);
  if (done) return kDone;
  log.error(base::escape(args.path) + ": " + done.error().message());
  return done.error().code() == ErrorCode::kNotFound ? kUsage : kIncomplete;
}

}  // namespace meridian::cli
