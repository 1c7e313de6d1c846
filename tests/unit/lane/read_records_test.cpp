// SPDX-License-Identifier: Apache-2.0
//
// What a reader says of a blob is what this process reads itself, and lies are refused. The process
// around it is tested from the command line (e2e/readers).
#include "lane/read_records.hpp"

#include <cstring>
#include <string>
#include <thread>

#include <catch2/catch.hpp>
#include "base/read_file.hpp"
#include "lane/blob_reader.hpp"
#include "lane/channel.hpp"
#include "lane/hashed_stream.hpp"
#include "support/tar_writer.hpp"

using namespace meridian;
using namespace meridian::lane;
using testing_support::TarWriter;

namespace {

/// A reader of this process, in a thread; what it says goes through shared memory.
class ThreadReader final : public RecordInput {
 public:
  ThreadReader(ReadKind kind, const std::string& bytes,
               archive::BlobForm form = archive::BlobForm::kTar) {
    auto file = base::make_scratch_file();
    REQUIRE(file);
    REQUIRE(base::write_all(file->get(), bytes));
    auto ends = Channel::pair();
    auto memory = BlockMemory::make_file();
    REQUIRE(memory);
    message::Read order{kind, 0, bytes.size(), form, "blob"};
    thread_ = std::thread([order, file = *std::move(file), socket = std::move(ends->second),
                           memory = ::dup(memory->get())]() mutable {
      const auto mapped = BlockMemory::map(memory);
      ::close(memory);
      BlockWriter out(socket.get(), *mapped);
      read_blob(order, std::move(file), out, mapped->progress());
    });
    auto mapped = BlockMemory::map(memory->get());
    reader_.emplace(std::move(ends->first), *std::move(mapped), never_, std::chrono::hours(1));
  }
  ~ThreadReader() override {
    reader_.reset();
    thread_.join();
  }
  Result<void> read(void* buffer, std::size_t size) override { return reader_->read(buffer, size); }
  Result<void> skip(std::uint64_t size) override { return reader_->skip(size); }
  void answer(bool wanted) override { reader_->answer(wanted); }

 private:
  base::Cancel never_;
  std::optional<BlockReader> reader_;
  std::thread thread_;
};

/// Records as bytes; answers are dropped.
class TextInput final : public RecordInput {
 public:
  explicit TextInput(std::string bytes) : bytes_(std::move(bytes)) {}
  Result<void> read(void* buffer, std::size_t size) override {
    if (size > bytes_.size() - at_) return Error(ErrorCode::kUnreadable, "ended");
    std::memcpy(buffer, bytes_.data() + at_, size);
    at_ += size;
    return {};
  }
  Result<void> skip(std::uint64_t size) override {
    if (size > bytes_.size() - at_) return Error(ErrorCode::kUnreadable, "ended");
    at_ += static_cast<std::size_t>(size);
    return {};
  }
  void answer(bool) override {}

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

std::string record(RecordType type, const std::string& payload, std::uint32_t more = 0) {
  const RecordHeader header{type, static_cast<std::uint32_t>(payload.size()) + more};
  return std::string(reinterpret_cast<const char*>(&header), sizeof header) + payload;
}

template <typename T>
std::string record_of(RecordType type, const T& value) {
  return record(type, encode(value));
}

/// Entry by entry; content of those whose number has its bit in `opened`.
std::string told(archive::TarStream& stream, unsigned opened) {
  std::string text;
  for (;;) {
    const auto entry = stream.next();
    if (!entry) return text + "error " + entry.error().message();
    if (!*entry) break;
    const archive::TarEntry& one = **entry;
    text += one.path + " " + std::to_string(static_cast<int>(one.type)) + " " +
            std::to_string(one.mode) + " " + std::to_string(one.size) + " " + one.link;
    for (const auto& [name, value] : one.xattrs) text += " " + name + "=" + value;
    text += "\n";
    if (((opened >> (stream.entries() - 1)) & 1u) == 0) continue;
    std::string content;
    for (std::string piece(5000, '\0');;) {
      const auto got = stream.read(piece.data(), piece.size());
      if (!got) return text + "error " + got.error().message();
      if (*got == 0) break;
      content.append(piece, 0, *got);
    }
    text += std::to_string(std::hash<std::string>()(content)) + "\n";
  }
  const auto digests = stream.finish();
  return text +
         (digests ? digests->decoded + digests->stored : "error " + digests.error().message());
}

std::string local(const std::string& bytes, unsigned opened,
                  archive::BlobForm form = archive::BlobForm::kTar) {
  auto file = base::make_scratch_file();
  REQUIRE(base::write_all(file->get(), bytes));
  const auto stream = archive::local_unpacker().tar(
      {std::make_shared<base::UniqueFd>(*std::move(file)), 0, bytes.size(), form}, "blob");
  return stream ? told(**stream, opened) : "error " + stream.error().message();
}

archive::BlobRange blob_of(const std::string& bytes) {
  auto file = base::make_scratch_file();
  REQUIRE(base::write_all(file->get(), bytes));
  return {std::make_shared<base::UniqueFd>(*std::move(file)), 0, bytes.size()};
}

std::string remote(const std::string& bytes, unsigned opened,
                   archive::BlobForm form = archive::BlobForm::kTar) {
  auto stream = tar_of_records(std::make_unique<ThreadReader>(ReadKind::kTar, bytes, form), "blob");
  if (form == archive::BlobForm::kTarSplit) return told(*stream, opened);
  const auto hashed = hashed_beside(std::move(stream), blob_of(bytes), "blob");
  return hashed ? told(**hashed, opened) : "error " + hashed.error().message();
}

std::string sample() {
  std::string large(3 << 20, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7 % 251);
  return TarWriter()
      .directory("etc/")
      .file("etc/small", "one", 0600)
      .file("large", large)
      .file("empty", "")
      .symlink("link", "etc/small")
      .file("border", std::string(kUnasked, 'b'))
      .file("above", std::string(kUnasked + 1, 'a'))
      .hardlink("again", "large")
      .finish();
}

std::string entry(const std::string& path, std::uint64_t size) {
  archive::TarEntry made;
  made.path = path;
  made.size = size;
  return record_of(RecordType::kEntry, made);
}

}  // namespace

TEST_CASE("read_records: a tar is what this process reads itself, whatever is opened") {
  const std::string tar = sample();
  for (const unsigned opened : {0u, 0xffu, 0x04u, 0x62u, 0x40u}) {
    CHECK(remote(tar, opened) == local(tar, opened));
  }
}

TEST_CASE("read_records: a tar that is read again says the same but for digests, and reads less") {
  const std::string tar = sample();
  for (const unsigned opened : {0u, 0xffu, 0x62u}) {
    std::atomic<std::uint64_t> once{0}, again{0};
    const auto stream = archive::reader_unpacker(again)->tar_again(blob_of(tar), "blob");
    REQUIRE(stream);
    const std::string text = told(**stream, opened);
    const std::string whole = local(tar, opened);
    CHECK(text == whole.substr(0, whole.find("sha256:")));
    const auto other =
        tar_of_records(std::make_unique<ThreadReader>(ReadKind::kTarAgain, tar), "blob");
    CHECK(told(*other, opened) == text);
    told(**archive::reader_unpacker(once)->tar(blob_of(tar), "blob"), opened);
    CHECK(again <= once);
    if (opened == 0) CHECK(again < 20);  // three megabytes that are passed over
  }
  const std::string cut = tar.substr(0, 1'000'000);
  const auto stream = archive::local_unpacker().tar_again(blob_of(cut), "blob");
  REQUIRE(stream);
  CHECK(told(**stream, 0) == local(cut, 0));
}

TEST_CASE(
    "read_records: what is stored has the digest that the host makes, whatever a reader says") {
  const std::string tar = sample();
  const std::string lie = "sha256:" + std::string(64, 'a');
  const auto stream = hashed_beside(
      tar_of_records(std::make_unique<TextInput>(
                         record(RecordType::kEntriesEnd, "") +
                         record_of(RecordType::kDigests, archive::StreamDigests{lie, lie})),
                     "blob"),
      blob_of(tar), "blob");
  REQUIRE(stream);
  const std::string whole = local(tar, 0);
  CHECK(told(**stream, 0) == whole.substr(whole.find("sha256:")));
  const auto packed = hashed_beside(
      tar_of_records(
          std::make_unique<TextInput>(record(RecordType::kEntriesEnd, "") +
                                      record_of(RecordType::kDigests, archive::StreamDigests{})),
          "blob"),
      blob_of("\x1f\x8b\x08 packed"), "blob");
  REQUIRE(packed);
  CHECK_THAT(told(**packed, 0), Catch::Contains("did not say what it decodes to"));
}

TEST_CASE("read_records: so is one that ends early, is damaged or is none") {
  const std::string tar = sample();
  for (const std::string& bad :
       {tar.substr(0, 1'000'000), tar.substr(0, 700), std::string(5000, 'x'), std::string(),
        std::string("\x1f\x8b\x08 cut"), std::string("\x28\xb5\x2f\xfd cut")}) {
    for (const unsigned opened : {0u, 0xffu}) CHECK(remote(bad, opened) == local(bad, opened));
  }
  CHECK(remote("{", 0, archive::BlobForm::kTarSplit) ==
        local("{", 0, archive::BlobForm::kTarSplit));
}

TEST_CASE("read_records: who stops early leaves nobody waiting") {
  ThreadReader reader(ReadKind::kTar, sample());
  RecordHeader first;
  CHECK(reader.read(&first, sizeof first));
}

TEST_CASE("read_records: the members of an archive") {
  TarWriter tar;
  for (std::size_t i = 0; i < 2500; ++i) tar.file("m" + std::to_string(i), std::string(i % 3, 'x'));
  const std::string bytes = tar.finish();
  ThreadReader reader(ReadKind::kMembers, bytes);
  const auto members = members_of_records(reader, bytes.size(), "blob");
  REQUIRE(members);
  CHECK(members->size() == 2500);
  CHECK(members->at(2001).path == "m2001");

  ThreadReader none(ReadKind::kMembers, "no tar");
  const auto error = members_of_records(none, 6, "blob");
  REQUIRE_FALSE(error);
  CHECK(error.error().code() == ErrorCode::kCorrupt);
  CHECK(error.error().message().find("blob: ") == 0);
  CHECK(error.error().message().find("blob: ", 1) == std::string::npos);
}

TEST_CASE("read_records: what no reader says is refused") {
  struct Row {
    const char* what;
    std::string bytes;
  };
  const std::string end = record(RecordType::kEntriesEnd, "");
  const std::vector<Row> rows{
      {"nothing", ""},
      {"half a header", std::string(5, '\0')},
      {"an unknown record", record(static_cast<RecordType>(99), "")},
      {"a record of 4 GiB", record(RecordType::kEntry, "", 0xffffffff)},
      {"data before an entry", record(RecordType::kData, "xx")},
      {"an entry that is none", record(RecordType::kEntry, "xx")},
      {"more bytes than the file has", entry("f", 2) + record(RecordType::kData, "123") + end},
      {"fewer", entry("f", 2) + record(RecordType::kData, "1") + end},
      {"data of no byte", entry("f", 2) + record(RecordType::kData, "") + end},
      {"no digests", end + record(RecordType::kEnd, "")},
      {"digests that are none",
       end + record_of(RecordType::kDigests, archive::StreamDigests{"sha256:zz", ""})},
      {"an end with bytes", record(RecordType::kEntriesEnd, "x")},
      {"a forged line", record_of(RecordType::kFailed,
                                  FailedRecord(ErrorCode::kCorrupt, "x\nwarning: all is well"))},
      {"an endless error",
       record_of(RecordType::kFailed, FailedRecord(ErrorCode::kCorrupt, std::string(5000, 'x')))},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const auto stream = tar_of_records(std::make_unique<TextInput>(row.bytes), "blob");
    const std::string text = told(*stream, 0xff);
    CHECK(text.find("error blob: ") != std::string::npos);
    CHECK(text.find("all is well") == std::string::npos);
    CHECK_FALSE(stream->next());  // and it stays an error
  }
}

TEST_CASE("read_records: members outside of the archive are refused") {
  const auto of = [](std::uint64_t offset, std::uint64_t size) {
    archive::Member member;
    member.path = "m";
    member.offset = offset;
    member.size = size;
    TextInput input(record_of(RecordType::kMembers, std::vector<archive::Member>{member}) +
                    record(RecordType::kEnd, ""));
    return members_of_records(input, 100, "blob").has_value();
  };
  CHECK(of(0, 100));
  CHECK(of(100, 0));
  CHECK_FALSE(of(1, 100));
  CHECK_FALSE(of(~0ull, 2));
  CHECK_FALSE(of(0, ~0ull));
}
