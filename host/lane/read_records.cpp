// SPDX-License-Identifier: Apache-2.0
#include "lane/read_records.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "model/digest.hpp"

namespace meridian::lane {

namespace {

using archive::StreamDigests;
using archive::TarEntry;
using archive::TarType;

Error corrupt(const std::string& why) {
  return Error(ErrorCode::kCorrupt, "what its reader says is no answer: " + why);
}

/// Words of a process that foreign bytes may have taken over. A backslash is of those that
/// escape().
bool is_shown(const std::string& message) {
  constexpr std::size_t kLongest = 4096;
  std::string plain = message;
  // In place: without it the bytes beside it could become one character.
  std::replace(plain.begin(), plain.end(), '\\', '/');
  return message.size() <= kLongest && base::escape(plain) == plain;
}

/// Records one after the other; after an error that one again. `name` is put before errors that are
/// not the reader's own.
class Records {
 public:
  explicit Records(RecordInput& input, const std::string& name = {})
      : input_(input), name_(base::escape(name)) {}

  Result<RecordHeader> header() {
    RecordHeader header;
    MERIDIAN_CHECK(kept(input_.read(&header, sizeof header)));
    if (header.type > RecordType::kFailed) return fail(corrupt("an unknown record"));
    if (header.type != RecordType::kData && header.size > kMaxRecord) {
      return fail(corrupt("a record of " + std::to_string(header.size) + " bytes"));
    }
    if (header.type != RecordType::kFailed) return header;
    MERIDIAN_TRY(auto failed, payload<FailedRecord>(header));
    if (!is_shown(failed.second)) return fail(corrupt("an error that nobody can read"));
    failed_ = Error(failed.first, std::move(failed.second));
    return *failed_;
  }
  template <typename T>
  Result<T> payload(const RecordHeader& header) {
    std::string bytes(header.size, '\0');
    MERIDIAN_CHECK(kept(input_.read(bytes.data(), bytes.size())));
    auto value = decode<T>(bytes);
    if (!value) return fail(corrupt(value.error().message()));
    return value;
  }
  Result<void> read(void* buffer, std::size_t size) { return kept(input_.read(buffer, size)); }
  Result<void> skip(std::uint64_t size) { return kept(input_.skip(size)); }
  Error fail(Error error) {
    if (!failed_) failed_ = name_.empty() ? std::move(error) : std::move(error).in(name_);
    return *failed_;
  }
  const std::optional<Error>& failed() const { return failed_; }

 private:
  Result<void> kept(Result<void> done) {
    if (failed_) return *failed_;
    if (!done) return fail(std::move(done).error());
    return done;
  }

  RecordInput& input_;
  std::string name_;
  std::optional<Error> failed_;
};

class RecordTar final : public archive::TarStream {
 public:
  RecordTar(std::unique_ptr<RecordInput> input, const std::string& name)
      : TarStream(name), input_(std::move(input)), records_(*input_, name) {}

  Result<std::size_t> read(void* buffer, std::size_t capacity) override;
  Result<StreamDigests> finish() override;

 private:
  Result<std::optional<TarEntry>> next_entry() override;
  /// Of the current entry: what it may still have is gone past.
  Result<void> pass_content();
  /// The next kData of the current entry; false: there is none.
  Result<bool> more_data();

  std::unique_ptr<RecordInput> input_;
  Records records_;
  std::optional<RecordHeader> ahead_;  // read, and not used yet
  std::uint64_t left_ = 0;             // bytes that the current entry may still have
  std::uint64_t in_record_ = 0;        // of the current kData, not read yet
  bool asked_ = false;                 // the reader waits for an answer
  bool at_end_ = false;
};

Result<bool> RecordTar::more_data() {
  if (in_record_ > 0) return true;
  if (!ahead_) {
    MERIDIAN_TRY(ahead_, records_.header());
  }
  if (ahead_->type != RecordType::kData) return false;
  in_record_ = ahead_->size;
  ahead_.reset();
  if (in_record_ == 0 || in_record_ > left_) return records_.fail(corrupt("bytes of no file"));
  return true;
}

Result<void> RecordTar::pass_content() {
  if (std::exchange(asked_, false)) {
    input_->answer(false);
    left_ = 0;
  }
  while (true) {
    MERIDIAN_TRY(const bool more, more_data());
    if (!more) return {};
    MERIDIAN_CHECK(records_.skip(in_record_));
    left_ -= std::exchange(in_record_, 0);
  }
}

Result<std::optional<TarEntry>> RecordTar::next_entry() {
  if (records_.failed()) return *records_.failed();
  if (at_end_) return std::optional<TarEntry>();
  MERIDIAN_CHECK(pass_content());
  const RecordHeader header = *std::exchange(ahead_, std::nullopt);
  if (header.type == RecordType::kEntriesEnd && header.size == 0) {
    at_end_ = true;
    return std::optional<TarEntry>();
  }
  if (header.type != RecordType::kEntry) return records_.fail(corrupt("no entry"));
  MERIDIAN_TRY(TarEntry entry, records_.payload<TarEntry>(header));
  const bool endless =
      entry.path.size() > limits::kMaxTarHeader || entry.link.size() > limits::kMaxTarHeader ||
      std::any_of(entry.xattrs.begin(), entry.xattrs.end(),
                  [](const auto& xattr) { return xattr.second.size() > limits::kMaxXattr; });
  if (endless || (entry.mode & ~07777u) != 0 ||
      (entry.type != TarType::kRegular && entry.size != 0)) {
    return records_.fail(corrupt("an entry that no tar has"));
  }
  left_ = entry.size;
  asked_ = entry.size > kUnasked;
  return std::optional<TarEntry>(std::move(entry));
}

Result<std::size_t> RecordTar::read(void* buffer, std::size_t capacity) {
  if (records_.failed()) return *records_.failed();
  if (std::exchange(asked_, false)) input_->answer(true);
  capacity = static_cast<std::size_t>(std::min<std::uint64_t>(capacity, left_));
  if (capacity == 0) return 0;
  MERIDIAN_TRY(const bool more, more_data());
  if (!more) return records_.fail(corrupt("a file without its bytes"));
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(capacity, in_record_));
  MERIDIAN_CHECK(records_.read(buffer, count));
  in_record_ -= count;
  left_ -= count;
  return count;
}

bool is_digest(const std::string& text) { return text.empty() || model::Digest::parse(text); }

Result<StreamDigests> RecordTar::finish() {
  while (!at_end_) {
    MERIDIAN_TRY(const auto entry, next_entry());
    if (!entry) break;
  }
  MERIDIAN_TRY(const RecordHeader header, records_.header());
  if (header.type != RecordType::kDigests) return records_.fail(corrupt("no digests"));
  MERIDIAN_TRY(StreamDigests digests, records_.payload<StreamDigests>(header));
  if (!is_digest(digests.decoded) || !is_digest(digests.stored)) {
    return records_.fail(corrupt("a digest that is none"));
  }
  return digests;
}

class RecordBytes final : public archive::ByteSource {
 public:
  explicit RecordBytes(std::unique_ptr<RecordInput> input)
      : input_(std::move(input)), records_(*input_) {}

  Result<std::size_t> read(void* buffer, std::size_t capacity) override {
    if (records_.failed()) return *records_.failed();
    if (capacity == 0 || at_end_) return 0;
    if (in_record_ == 0) {
      MERIDIAN_TRY(const RecordHeader header, records_.header());
      at_end_ = header.type == RecordType::kEnd && header.size == 0;
      if (at_end_) return 0;
      if (header.type != RecordType::kData || header.size == 0) {
        return records_.fail(corrupt("no bytes"));
      }
      in_record_ = header.size;
    }
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(capacity, in_record_));
    MERIDIAN_CHECK(records_.read(buffer, count));
    in_record_ -= count;
    return count;
  }

 private:
  std::unique_ptr<RecordInput> input_;
  Records records_;
  std::uint64_t in_record_ = 0;
  bool at_end_ = false;
};

}  // namespace

std::unique_ptr<archive::TarStream> tar_of_records(std::unique_ptr<RecordInput> input,
                                                   const std::string& name) {
  return std::make_unique<RecordTar>(std::move(input), name);
}

std::unique_ptr<archive::ByteSource> bytes_of_records(std::unique_ptr<RecordInput> input) {
  return std::make_unique<RecordBytes>(std::move(input));
}

Result<std::vector<archive::Member>> members_of_records(RecordInput& input, std::uint64_t size,
                                                        const std::string& name) {
  using Members = std::vector<archive::Member>;
  Records records(input, name);
  Members all;
  std::uint64_t texts = 0;
  while (true) {
    MERIDIAN_TRY(const RecordHeader header, records.header());
    if (header.type == RecordType::kEnd && header.size == 0) return all;
    if (header.type != RecordType::kMembers) return records.fail(corrupt("no members"));
    MERIDIAN_TRY(Members some, records.payload<Members>(header));
    for (archive::Member& member : some) {
      texts += member.path.size() + member.link.size();
      if (member.size > size || member.offset > size - member.size) {
        return records.fail(corrupt("a member outside of the archive"));
      }
      if (all.size() >= limits::kMaxMembers || texts > limits::kMaxMemberNames) {
        return records.fail(corrupt("more members than there may be"));
      }
      all.push_back(std::move(member));
    }
    if (some.empty()) return records.fail(corrupt("no members"));
  }
}

}  // namespace meridian::lane
