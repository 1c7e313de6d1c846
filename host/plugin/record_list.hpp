// SPDX-License-Identifier: Apache-2.0
//
// record_list.hpp: records and the pointers to them that a table wants, and lists of texts.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "meridian/abi/entry.h"
#include "meridian/text.hpp"

namespace meridian::plugin {

/// Neither moves nor forgets what was added.
template <typename Record>
struct RecordList {
  std::deque<Record> records;
  std::vector<const Record*> pointers;
  void add(Record record) {
    record.struct_size = sizeof(Record);
    records.push_back(record);
    pointers.push_back(&records.back());
  }
};

/// Lists of borrowed texts in the shape that a table wants.
class TextLists {
 public:
  meridian_strings keep(const std::vector<std::string>& texts) {
    std::vector<meridian_str> list;
    list.reserve(texts.size());
    for (const std::string& text : texts) list.push_back(lend(text));
    lists_.push_back(std::move(list));
    return {lists_.back().data(), lists_.back().size()};
  }

 private:
  std::deque<std::vector<meridian_str>> lists_;
};

}  // namespace meridian::plugin
