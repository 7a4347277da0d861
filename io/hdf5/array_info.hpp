// Private to this folder: all that is known of a dataset without reading it. Needs the Library.
#pragma once

#include <headrace/io/hdf5/array.hpp>
#include <headrace/io/hdf5/open_file.hpp>
#include <headrace/io/hdf5/types.hpp>

namespace headrace::hdf5 {

/// What an Array is opened with.
struct Opened {
  ArrayInfo info;
  Type type;
  std::string fill_text;     // where nothing was ever written, of variable length
  bool plain_edges = false;  // chunks that reach beyond the array were stored unfiltered
};
/// TypeError for a type without a dtype; IoError for what an untrusted file may not name. `as_stored`: whatever the
/// type is, its elements are taken for as many bytes without a meaning, as they lie in the file.
Opened open_info(const Action& action, const OpenFile& file, hid_t dataset, bool as_stored = false);

/// Throws IoError for what an untrusted file may not name: raw storage in other files, and sources of a virtual dataset
/// that are not arrays of files in the folder of `file`, or not there, or name such things in turn. To be called before
/// the space of a dataset is asked for: libhdf5 opens sources even for that.
void check_sources(const Action& action, const OpenFile& file, hid_t dataset, int depth = 0);

/// Whether H5Dget_offset counts from the beginning of the file, as documented, or from the end of its user block:
/// libraries differ, so it is tried out, once. Nothing where it cannot be.
std::optional<bool> offset_counts_user_block();

}  // namespace headrace::hdf5
