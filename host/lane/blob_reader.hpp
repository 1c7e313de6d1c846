// SPDX-License-Identifier: Apache-2.0
//
// blob_reader.hpp: the reader's side of read_records.hpp: decodes one blob and says what is in it.
#pragma once

#include "archive/unpacker.hpp"
#include "lane/block_pipe.hpp"
#include "lane/reader_messages.hpp"

namespace meridian::lane {

/// Until all is said, or the host wants no more. What cannot be decoded is said too. `progress` is
/// that of the memory behind `out`.
void read_blob(const message::Read& order, base::UniqueFd file, BlockWriter& out,
               std::atomic<std::uint64_t>& progress);

}  // namespace meridian::lane
