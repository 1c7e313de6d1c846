// SPDX-License-Identifier: Apache-2.0
//
// hashed_stream.hpp: the host hashes what is stored, beside the reader that decodes it.
//
// A reader sees hostile bytes, and what it says of them is its word. Results that are used again
// for other images hang on the digest of a layer, so the one of the stored bytes is not left to it:
// no parser stands between them and the hash. Of a blob that is not compressed that is all; of
// another `decoded` is the reader's word, for these stored bytes and no others.
#pragma once

#include <memory>
#include <string>

#include "archive/unpacker.hpp"

namespace meridian::lane {

/// `stream` of a reader over `blob`, a kTar; `name` stands for it in errors. The hash is made on a
/// thread of its own, which ends with the stream. finish() waits for it.
Result<std::unique_ptr<archive::TarStream>> hashed_beside(
    std::unique_ptr<archive::TarStream> stream, const archive::BlobRange& blob,
    const std::string& name);

}  // namespace meridian::lane
