// Private to this folder: values of any type on their way from one file to another. Needs the Library.
#pragma once

#include <map>

#include <headrace/io/hdf5/file.hpp>
#include <headrace/io/hdf5/library.hpp>

namespace headrace::hdf5 {

/// Two files, and what objects of the first are called in the second.
struct Passage {
  hid_t from, to;
  const std::map<Place, std::string>* names;
};

/// Where an object is.
Place place_of(const Action& action, hid_t object);
/// Elements in memory, of the type that they have in a file; frees what they point to.
class Values {
 public:
  Values(const Action& action, hid_t type, std::int64_t count);
  ~Values();
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;

  std::byte* data() { return bytes_.data(); }
  hid_t type() const { return type_.get(); }
  /// To be called once they were read: references point to objects of the other file afterwards, those to nowhere to
  /// nothing. False where some could not be carried.
  bool carry(const Action& action, const Passage& passage);
  /// What all of them take in a file, about.
  std::int64_t stored_bytes() const { return stored_bytes_; }

 private:
  bool carry(const Action& action, const Passage& passage, hid_t type, std::byte* item);

  Id type_;
  std::size_t size_;
  hsize_t count_;
  std::vector<std::byte> bytes_;
  std::int64_t stored_bytes_ = 0;
};

/// Whether a type holds references to regions, which are not carried.
bool holds_regions(const Action& action, hid_t type);

}  // namespace headrace::hdf5
