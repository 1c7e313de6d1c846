// SPDX-License-Identifier: Apache-2.0
//
// import.cpp: read import_feed() at the end first.
#include "data/import.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <utility>

#include "archive/member_reader.hpp"
#include "base/escape.hpp"
#include "base/read_file.hpp"
#include "base/sha256.hpp"
#include "base/system_error.hpp"
#include "base/utc_time.hpp"
#include "data/feeds.hpp"

namespace meridian::data {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxRecord = 16ull << 20;     // one OSV record; the largest has 2 MiB
constexpr std::uint64_t kMaxDocument = 512ull << 20;  // Debian's has 60 MiB
constexpr std::uint64_t kMaxGrype = 16ull << 30;      // unpacked; it has 1 to 2 GiB
constexpr std::size_t kMaxFiles = 2'000'000;          // of a folder
constexpr int kMaxDepth = 8;                          // of folders
constexpr std::size_t kMaxProblems = 100;
constexpr std::size_t kSniffed = 64 << 10;

/// What one source says, on its way into the database.
class SourceSink final : public Sink {
 public:
  SourceSink(Writer& writer, Imported& imported, std::string where)
      : writer_(writer), imported_(imported), where_(std::move(where)) {}

  Result<void> add(const Advisory& advisory, const std::vector<Affected>& affected) override {
    ++source.records;
    return keep(writer_.add(advisory, affected));
  }
  Result<void> add(const Statement& statement) override {
    ++source.records;
    return keep(writer_.add(statement));
  }
  void failed(const std::string& what, const Error& why) override {
    ++source.failed;
    ++imported_.failed;
    if (++problems_ > kMaxProblems) return;
    imported_.problems.push_back({where_ + (what.empty() ? "" : ": " + base::escape(what)), why});
  }
  void dated(std::string_view date) override {
    // In one form of RFC 3339 the later one is the greater text.
    if (date.size() >= 10 && date.size() <= 40 && date[0] == '2' && date > source.date) {
      source.date = std::string(date);
    }
  }
  /// What it was read of; `otherwise` where the feed has said no date.
  void is_of(std::string digest, std::string otherwise) {
    source.digest = std::move(digest);
    if (source.date.empty()) source.date = std::move(otherwise);
  }
  /// The database's own failure, which is no record's.
  const std::optional<Error>& broken() const { return broken_; }

  Source source;

 private:
  Result<void> keep(Result<void> written) {
    if (!written) broken_ = written.error();
    return written;
  }

  Writer& writer_;
  Imported& imported_;
  std::string where_;
  std::size_t problems_ = 0;
  std::optional<Error> broken_;
};

Result<void> read_document(Kind kind, std::string_view text, Sink& sink) {
  switch (kind) {
    case Kind::kOsv:
      return read_osv(text, sink);
    case Kind::kDebian:
      return read_debian_tracker(text, sink);
    case Kind::kAlpine:
      return read_alpine_secdb(text, sink);
    case Kind::kOpenVex:
      return read_openvex(text, sink);
    case Kind::kGrype:
    case Kind::kArchive:
      break;
  }
  return Error(ErrorCode::kUnsupported, "no document of a feed");
}

/// The file's name without what says its form. Where that tells nothing, as "all.zip" of OSV and
/// "main.json" of Alpine, its folder's too: "PyPI", "v3.18/main".
std::string stem_of(const std::string& path) {
  std::error_code failed;
  const fs::path file = fs::absolute(path, failed).lexically_normal();
  const fs::path named = file.filename().empty() ? file.parent_path() : file;
  std::string stem = named.filename().string();
  for (bool cut = true; cut;) {
    cut = false;
    for (const std::string_view end : {".json", ".zip", ".tar", ".gz", ".zst", ".xz", ".openvex"}) {
      if (stem.size() <= end.size() || !stem.ends_with(end)) continue;
      stem.resize(stem.size() - end.size());
      cut = true;
    }
  }
  const std::string folder = named.parent_path().filename().string();
  if (stem == "all") stem = folder;
  if (stem == "main" || stem == "community") stem.insert(0, folder + "/");
  return base::escape(stem);
}

std::string time_of(int file) {
  struct stat status {};
  if (::fstat(file, &status) != 0) return "";
  return base::to_text(base::UtcTime(std::chrono::seconds(status.st_mtim.tv_sec)));
}

class Importer {
 public:
  Importer(const ImportOptions& options, Writer& writer, Imported& imported)
      : options_(options), writer_(writer), imported_(imported) {}

  Result<void> file(const std::string& path);
  Result<void> folder(const std::string& path);

 private:
  using Read = std::function<Result<void>(SourceSink& sink)>;

  enum class Empty { kYes, kNo };  // a source without records is one

  void problem(const std::string& where, const Error& why) {
    ++imported_.failed;
    imported_.problems.push_back({base::escape(where), why});
  }
  Result<void> skip(const std::string& path, const Error& why) {
    problem(path, why);
    return {};
  }
  std::string name_of(Kind kind, const std::string& path) const {
    if (!options_.name.empty()) return options_.name;
    if (kind == Kind::kDebian) return "debian-tracker";
    if (kind == Kind::kGrype) return "grype";
    return std::string(to_text(kind)) + ":" + stem_of(path);
  }
  Result<bool> source(Kind kind, const std::string& path, Empty empty, const Read& read);
  Result<void> record(const std::string& name, const Result<std::string>& text, SourceSink& sink);
  Result<void> document(Kind kind, const std::string& path, const std::string& text,
                        const std::string& date);
  Result<void> archive(const std::string& path, int file);
  Result<void> grype(const std::string& path, int file, const std::string& digest,
                     const std::string& date);
  Result<std::vector<std::string>> files_in(const std::string& folder);

  const ImportOptions& options_;
  Writer& writer_;
  Imported& imported_;
};

/// All or nothing of one source: of a document that breaks off halfway nothing is taken. False:
/// it is not in the database now. An archive without records is perhaps one of something else.
Result<bool> Importer::source(Kind kind, const std::string& path, Empty empty, const Read& read) {
  const std::string name = name_of(kind, path);
  MERIDIAN_CHECK(writer_.begin_source(name, to_text(kind)));
  SourceSink sink(writer_, imported_, base::escape(path));
  const auto done = read(sink);
  if (sink.broken()) return *sink.broken();
  const bool nothing = sink.source.records == 0 && (sink.source.failed > 0 || empty == Empty::kNo);
  if (!done || nothing) {
    if (!done) problem(path, done.error());
    MERIDIAN_CHECK(writer_.abandon_source());
    return false;
  }
  sink.source.name = name;
  sink.source.kind = to_text(kind);
  sink.source.imported = base::to_text(base::utc_now());
  MERIDIAN_CHECK(writer_.end_source(sink.source));
  imported_.sources.push_back(std::move(sink.source));
  return true;
}

Result<void> Importer::document(Kind kind, const std::string& path, const std::string& text,
                                const std::string& date) {
  const auto read = [&](SourceSink& sink) -> Result<void> {
    MERIDIAN_CHECK(read_document(kind, text, sink));
    sink.is_of("sha256:" + base::sha256_hex(text), date);
    return {};
  };
  MERIDIAN_CHECK(source(kind, path, Empty::kYes, read));
  return {};
}

Result<void> Importer::grype(const std::string& path, int file, const std::string& digest,
                             const std::string& date) {
  const auto read = [&](SourceSink& sink) -> Result<void> {
    MERIDIAN_CHECK(read_grype(file, sink));
    sink.is_of(digest, date);
    return {};
  };
  MERIDIAN_CHECK(source(Kind::kGrype, path, Empty::kYes, read));
  return {};
}

Result<std::string> digest_of(int file, const std::string& path) {
  base::Sha256 hash;
  std::string piece(1 << 20, '\0');
  for (std::uint64_t offset = 0;;) {
    MERIDIAN_TRY(const std::size_t got,
                 base::read_at(file, offset, piece.data(), piece.size(), path));
    if (got == 0) return "sha256:" + base::to_hex(hash.finish());
    hash.update(std::string_view(piece).substr(0, got));
    offset += got;
  }
}

/// OSV's records in it are one source; a Grype database is another.
Result<void> Importer::archive(const std::string& path, int file) {
  const auto digest = digest_of(file, path);
  if (!digest) return skip(path, digest.error());
  ::lseek(file, 0, SEEK_SET);
  base::UniqueFd database;
  const auto failed_before = imported_.failed;
  const auto read = [&](SourceSink& sink) -> Result<void> {
    MERIDIAN_TRY(const auto reader, archive::MemberReader::open(file, path));
    while (true) {
      MERIDIAN_TRY(const auto name, reader->next());
      if (!name) break;
      if (name->ends_with(".db")) {
        MERIDIAN_TRY(database, base::make_scratch_file());
        MERIDIAN_CHECK(reader->write_to(database.get(), kMaxGrype));
      } else if (name->ends_with(".json")) {
        MERIDIAN_CHECK(record(*name, reader->read(kMaxRecord), sink));
      }
    }
    sink.is_of(*digest, time_of(file));
    return {};
  };
  MERIDIAN_TRY(const bool taken, source(Kind::kOsv, path, Empty::kNo, read));
  if (taken) return {};
  if (database) return grype(path, database.get(), *digest, time_of(file));
  if (imported_.failed != failed_before) return {};
  return skip(path, Error(ErrorCode::kUnsupported, "an archive without records of a feed"));
}

/// One OSV record; a file of another kind beside them (an index) is none.
Result<void> Importer::record(const std::string& name, const Result<std::string>& text,
                              SourceSink& sink) {
  if (!text) {
    sink.failed(name, text.error());
    return {};
  }
  // What cannot be told is a record that is damaged.
  const auto kind = options_.kind ? options_.kind : sniff(*text);
  if (kind && kind != Kind::kOsv) return {};
  const auto taken = read_osv(*text, sink);
  if (sink.broken()) return *sink.broken();
  if (!taken) sink.failed(name, taken.error());
  return {};
}

Result<void> Importer::file(const std::string& path) {
  MERIDIAN_CHECK(writer_.go_on());
  auto opened = base::open_own_file(path);
  if (!opened) return skip(path, opened.error());
  const int fd = opened->get();
  std::string first(kSniffed, '\0');
  const auto got = base::read_at(fd, 0, first.data(), first.size(), path);
  if (!got) return skip(path, got.error());
  first.resize(*got);
  const auto form = sniff(first);
  if (form == Kind::kArchive) return archive(path, fd);
  if (form == Kind::kGrype) {
    const auto digest = digest_of(fd, path);
    if (!digest) return skip(path, digest.error());
    return grype(path, fd, *digest, time_of(fd));
  }
  const auto text = base::read_all(fd, kMaxDocument, path);
  if (!text) return skip(path, text.error());
  const auto kind = options_.kind ? options_.kind : sniff(*text);
  if (!kind) {
    return skip(path, Error(ErrorCode::kUnsupported,
                            "no feed that is known: OSV, Debian's tracker, Alpine's secdb, "
                            "Grype 6, OpenVEX (--kind says which)"));
  }
  return document(*kind, path, *text, time_of(fd));
}

/// Below the folder, by name; no link is followed.
Result<std::vector<std::string>> Importer::files_in(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code failed;
  fs::recursive_directory_iterator entries(folder, fs::directory_options::none, failed), end;
  while (!failed && entries != end) {
    const auto type = entries->symlink_status(failed).type();
    if (!failed && type == fs::file_type::directory && entries.depth() >= kMaxDepth) {
      problem(entries->path().string(), Error(ErrorCode::kLimit, "folders within folders"));
      entries.disable_recursion_pending();
    }
    if (!failed && type == fs::file_type::regular) files.push_back(entries->path().string());
    if (files.size() > kMaxFiles) {
      return Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxFiles) + " files");
    }
    if (!failed) entries.increment(failed);
  }
  if (failed) return base::system_error(failed.value(), folder);
  std::sort(files.begin(), files.end());
  return files;
}

/// OSV's records in it are one source; each other file whose name is a feed's is its own.
Result<void> Importer::folder(const std::string& path) {
  const auto files = files_in(path);
  if (!files) return skip(path, files.error());
  std::vector<std::string> records;
  for (const std::string& one : *files) {
    if (!one.ends_with(".json")) {
      // Beside a read-me and a script that fetches them.
      const bool is_feed = one.ends_with(".zip") || one.ends_with(".gz") || one.ends_with(".zst") ||
                           one.ends_with(".xz") || one.ends_with(".tar") || one.ends_with(".db");
      if (is_feed) MERIDIAN_CHECK(file(one));
      continue;
    }
    MERIDIAN_CHECK(writer_.go_on());
    const auto text = base::read_own_file(one, kMaxDocument);
    if (!text) {
      problem(one, text.error());
      continue;
    }
    const auto kind = options_.kind ? options_.kind : sniff(*text);
    if (kind == Kind::kOsv) {
      records.push_back(one);
    } else {
      MERIDIAN_CHECK(file(one));
    }
  }
  if (records.empty()) return {};
  const auto read = [&](SourceSink& sink) -> Result<void> {
    base::Sha256 hash;
    for (const std::string& one : records) {
      const auto text = base::read_own_file(one, kMaxRecord);
      if (text) hash.update(std::to_string(text->size()) + ":" + *text);
      MERIDIAN_CHECK(record(one, text, sink));
    }
    sink.is_of("sha256:" + base::to_hex(hash.finish()), base::to_text(base::utc_now()));
    return {};
  };
  MERIDIAN_CHECK(source(Kind::kOsv, path, Empty::kYes, read));
  return {};
}

}  // namespace

Result<void> import_feed(const std::string& path, const ImportOptions& options, Writer& writer,
                         Imported& imported) {
  Importer importer(options, writer, imported);
  std::error_code failed;
  if (fs::is_directory(path, failed)) return importer.folder(path);
  return importer.file(path);
}

}  // namespace meridian::data
