// What inputs are, and the source that reads each kind.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <headrace/pipeline/stage.hpp>

namespace headrace::tool {

/// A kind of input.
struct Format {
  const char* name;     // as --format takes it
  const char* source;   // "from_csv"
  const char* files;    // the source's option for the paths
  const char* columns;  // and for what --columns names; nullptr: none
  bool strewn;          // rows in any order cost little where the source gives random access

  const StageInfo& info() const;
};

std::span<const Format> formats();
/// ValueError where there is none of that name.
const Format& find_format(std::string_view stage, const std::string& name);
/// By what the file begins with, inflated where it is gzip, then by its name; a folder is one of images. ValueError
/// where neither tells, IoError for what is not there.
const Format& format_of(std::string_view stage, const std::string& path);

}  // namespace headrace::tool
