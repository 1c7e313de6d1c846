// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/read_file.hpp"
#include "cli/commands.hpp"
#include "cli/confine.hpp"
#include "cli/exit_status.hpp"
#include "cli/one_target.hpp"
#include "cli/output.hpp"
#include "cli/wiring.hpp"
#include "lane/readers.hpp"
#include "report/file_list.hpp"
#include "rootfs/layered_tree.hpp"
#include "scan/file_query.hpp"
#include "scan/integrity.hpp"

namespace meridian::cli {

namespace {

/// Rows are collected up to this many bytes before they are written.
constexpr std::size_t kBuffered = 64 << 10;

/// The merged view of one object, or one of its layers; the layers are the inventory's.
struct View {
  rootfs::LayeredTree tree;
  const std::vector<model::Layer>& layers;
  std::size_t lowest = 0;  // the layer that is the tree's own number 0
  std::vector<std::shared_ptr<const rootfs::Tree>> opened;  // from that one on

  Result<report::FileRow> row(const rootfs::RootfsPath& path, const rootfs::Stat& stat) const;
};

Result<View> open_view(const Stores& stores, const GlobalArgs& global, const FsArgs& args,
                       const base::Log& log) {
  const model::Inventory& inventory = stores.collection->inventory();
  MERIDIAN_TRY(const auto target,
               one_target(inventory, stores.wishes.front(), Wanted::kAny, global.platform));
  const auto& layers = scan::layers_of(inventory, target);
  if (args.layer && *args.layer >= layers.size()) {
    return Error(ErrorCode::kInvalid, "--layer " + std::to_string(*args.layer) + ": there are " +
                                          std::to_string(layers.size()) + " layers");
  }
  std::vector<rootfs::StackedLayer> stack;
  std::vector<std::shared_ptr<const rootfs::Tree>> opened;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (args.layer && *args.layer != i) continue;
    MERIDIAN_TRY(auto tree, stores.collection->open_layer(layers[i]));
    if (const Error* const why = tree->marker_gap(); why != nullptr && !args.layer) {
      log.warn(why->message() + "; CAP_SYS_ADMIN in the first user namespace would mend it");
    }
    opened.push_back(tree);
    // Alone, a layer's markers are the files that they are.
    stack.push_back(
        {std::move(tree), args.layer ? model::MarkerDialect::kNone : layers[i].dialect});
  }
  return View{rootfs::LayeredTree(std::move(stack)), layers, args.layer.value_or(0),
              std::move(opened)};
}

/// Says which layers that were read are not what the image says they are; false if there are any.
bool check_integrity(const View& view, const base::Log& log) {
  bool whole = true;
  for (std::size_t i = 0; i < view.opened.size(); ++i) {
    const rootfs::Tree& tree = *view.opened[i];
    const auto fault = scan::integrity_fault(view.layers[view.lowest + i], tree.stored_digest(),
                                             tree.decoded_digest());
    if (fault) log.error("integrity: " + *fault);
    whole = whole && !fault;
  }
  return whole;
}

Result<report::FileRow> View::row(const rootfs::RootfsPath& path, const rootfs::Stat& stat) const {
  report::FileRow row;
  row.path = path.text();
  row.stat = stat;
  if (stat.type == rootfs::EntryType::kSymlink) {
    MERIDIAN_TRY(row.link, tree.readlink(path));
  }
  MERIDIAN_TRY(const rootfs::Origin origin, tree.origin(path));
  const std::size_t layer = lowest + origin.entry.layer;
  row.layer = {layer, layers[layer].name(), ""};
  return row;
}

/// Standard output in the format that was asked for.
class Rows {
 public:
  Rows(const FsArgs& args, const View& view, const base::Log& log)
      : args_(args), view_(view), log_(log), json_(args.format) {}

  void add(const rootfs::RootfsPath& path, const rootfs::Stat& stat);
  void problem(const rootfs::RootfsPath& path, const Error& error) {
    log_.error(base::escape(path.text()) + ": " + error.message());
    incomplete_ = true;
  }
  /// Nobody reads on.
  bool broken() const { return broken_; }
  /// `whole`: nothing went wrong; else a list of nothing is not written as one.
  int finish(bool whole);

 private:
  void write(std::string_view text);
  std::string text_of(const report::FileRow& row);

  const FsArgs& args_;
  const View& view_;
  const base::Log& log_;
  report::FileListJson json_;
  std::string buffer_;
  bool incomplete_ = false;
  bool broken_ = false;
};

void Rows::add(const rootfs::RootfsPath& path, const rootfs::Stat& stat) {
  const bool is_list = args_.what == FsArgs::What::kList;
  if (args_.raw) return write((is_list ? std::string(path.name()) : path.text()) + '\0');
  if (args_.what == FsArgs::What::kFind && args_.format == report::Format::kTable) {
    return write(base::escape(path.text()) + "\n");  // all that a pipe wants; layers would cost
  }
  const auto row = view_.row(path, stat);
  if (row) return write(text_of(*row));
  problem(path, row.error());
}

std::string Rows::text_of(const report::FileRow& row) {
  const bool is_stat = args_.what == FsArgs::What::kStat;
  report::FileRow full = row;
  if (is_stat && full.layer) full.layer->created_by = view_.layers[full.layer->index].created_by;
  if (args_.format != report::Format::kTable) return json_.row(full);
  return is_stat ? report::file_card(full) : report::file_line(full);
}

void Rows::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() < kBuffered) return;
  broken_ = broken_ || !write_output("-", buffer_);
  buffer_.clear();
}

int Rows::finish(bool whole) {
  const bool is_json = args_.format != report::Format::kTable;
  if (is_json && (whole || json_.started())) buffer_ += json_.end();
  broken_ = broken_ || !write_output("-", buffer_);
  return incomplete_ || broken_ ? kIncomplete : kDone;
}

/// Below `start` and itself; of the rest only the way there.
class FindVisitor final : public rootfs::Visitor {
 public:
  FindVisitor(const rootfs::RootfsPath& start, const scan::FileQuery& query, Rows& rows)
      : start_(start), query_(query), rows_(rows) {}

  rootfs::WalkStep entry(const rootfs::RootfsPath& path, const rootfs::Stat& stat,
                         Opener&) override {
    if (!lies_in(path, start_)) {
      return lies_in(start_, path) ? rootfs::WalkStep::kGoOn : rootfs::WalkStep::kSkipChildren;
    }
    if (query_.wants(path, stat)) rows_.add(path, stat);
    return rows_.broken() ? rootfs::WalkStep::kStop : rootfs::WalkStep::kGoOn;
  }
  void problem(const rootfs::RootfsPath& path, const Error& error) override {
    if (lies_in(path, start_) || lies_in(start_, path)) rows_.problem(path, error);
  }

 private:
  static bool lies_in(const rootfs::RootfsPath& path, const rootfs::RootfsPath& folder) {
    const std::string& text = path.text();
    return folder.is_root() ||
           (text.compare(0, folder.text().size(), folder.text()) == 0 &&
            (text.size() == folder.text().size() || text[folder.text().size()] == '/'));
  }

  const rootfs::RootfsPath& start_;
  const scan::FileQuery& query_;
  Rows& rows_;
};

Result<void> list(const View& view, const std::string& text, Rows& rows) {
  MERIDIAN_TRY(const auto path, rootfs::resolve(view.tree, text));
  MERIDIAN_TRY(const auto stat, view.tree.stat(path));
  if (stat.type != rootfs::EntryType::kDirectory) {
    rows.add(path, stat);
    return {};
  }
  MERIDIAN_TRY(const auto entries, view.tree.list(path));
  for (const rootfs::DirEntry& entry : entries) {
    if (rows.broken()) break;
    const rootfs::RootfsPath child = path / entry.name;
    const auto found = view.tree.stat(child);
    if (found) {
      rows.add(child, *found);
    } else {
      rows.problem(child, found.error());
    }
  }
  return {};
}

Result<void> describe(const View& view, const std::string& text, Rows& rows) {
  MERIDIAN_TRY(const auto path, rootfs::resolve_parents(view.tree, text));
  MERIDIAN_TRY(const auto stat, view.tree.stat(path));
  rows.add(path, stat);
  return {};
}

Result<void> find(const View& view, const FsArgs& args, Rows& rows) {
  MERIDIAN_TRY(const auto query, scan::FileQuery::parse(args.query));
  MERIDIAN_TRY(const auto start, rootfs::resolve(view.tree, args.path));
  FindVisitor visitor(start, query, rows);
  return view.tree.walk(visitor);
}

Result<void> cat(const View& view, const std::string& text) {
  MERIDIAN_TRY(const auto path, rootfs::resolve(view.tree, text));
  MERIDIAN_TRY(const auto content, view.tree.open(path));
  std::vector<char> buffer(limits::kChunk);
  for (std::uint64_t offset = 0;;) {
    MERIDIAN_TRY(const std::size_t got, content->read(offset, buffer.data(), buffer.size()));
    if (got == 0) return {};
    MERIDIAN_CHECK(base::write_all(STDOUT_FILENO, {buffer.data(), got}));
    offset += got;
  }
}

Result<void> show(const View& view, const FsArgs& args, Rows& rows) {
  switch (args.what) {
    case FsArgs::What::kList:
      return list(view, args.path, rows);
    case FsArgs::What::kStat:
      return describe(view, args.path, rows);
    case FsArgs::What::kFind:
      return find(view, args, rows);
    case FsArgs::What::kCat:
      break;
  }
  return cat(view, args.path);
}

}  // namespace

int run_fs(const GlobalArgs& global, const FsArgs& args, const base::Log& log) {
  const base::Cancel never;
  lane::Readers readers(log, never);
  auto stores = open_stores(global, {args.reference}, readers);
  if (!stores) {
    log.error(stores.error().message());
    return kUsage;
  }
  if (stores->nothing_found) {
    say_nothing_found(*stores, log);
    return kNothing;
  }
  if (auto confined = confine_writes({}, {});
      !confined && confined.error().code() != ErrorCode::kUnsupported) {
    log.error("confining the host: " + confined.error().message());
    return kIncomplete;
  }
  const auto view = open_view(*stores, global, args, log);
  if (!view) {
    log.error(view.error().message());
    return kUsage;
  }
  Rows rows(args, *view, log);
  const auto done = show(*view, args, rows);
  const int status = rows.finish(done.has_value());
  const bool whole = check_integrity(*view, log);
  if (done) return whole ? status : kIncomplete;
  const std::string what = args.path.empty() ? "/" : args.path;
  log.error(base::escape(what) + ": " + done.error().message());
  const bool is_usage =
      done.error().code() == ErrorCode::kNotFound ||
      (args.what == FsArgs::What::kFind && done.error().code() == ErrorCode::kInvalid);
  return is_usage ? kUsage : kIncomplete;
}

}  // namespace meridian::cli
