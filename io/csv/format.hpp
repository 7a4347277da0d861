// CSV as a format of records.
#pragma once

#include <memory>

#include <headrace/io/csv/table.hpp>
#include <headrace/io/records/format.hpp>

namespace headrace::csv {

/// Rows of `table`; every file must have its names in its header.
std::unique_ptr<const records::Format> make_format(Reading reading, Table table);

/// What a file begins with: a megabyte of whole records, or more where no row ends so soon.
std::string sample_of(const Reading& reading, const InputFile& file);

/// ValueError for a file that begins as UTF-16 does.
void require_utf8(std::string_view stage, const std::string& path, std::string_view bytes);

}  // namespace headrace::csv
