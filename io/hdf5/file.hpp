// HDF5 files opened for reading.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <headrace/io/hdf5/array.hpp>

namespace headrace::hdf5 {

/// Where an object is, whatever it is called: the file's number, the address in it.
using Place = std::pair<unsigned long, unsigned long>;

/// Why a Member that is neither group nor array has no dtype.
inline constexpr auto kNamedType = "a type with a name, no array";

/// What stands in a group.
struct Member {
  std::string name;  // full: "/train/images"
  Place place;
  bool group = false;
  bool dangling = false;  // a soft link to nowhere
  bool broken = false;    // it cannot be looked at; `why` is the error
  Shape shape;            // arrays only
  DType dtype;            // no dtype where it has no counterpart; then `why`
  std::string why;
  bool sequences = false;  // each of its elements is a sequence of `dtype`, of variable length
};

/// What neither a Member nor an ArrayInfo says, because it may take a walk over all chunks.
struct Facts {
  std::int64_t attributes = 0;
  std::int64_t stored_bytes = 0;  // of its elements, in the file
  Shape most;                     // sizes that it may grow to, -1 for any; without the axes of an array type
  bool nothing = false;           // an empty dataspace: not even one element
  bool pointers = false;          // its bytes refer to others in the file: values of variable length, references
};

/// An attribute as a tensor (a scalar is a tensor without axes).
struct Attribute {
  std::string name;
  Tensor value;
};

/// Thread-safe: every call takes libhdf5's lock itself. Nothing is printed by libhdf5, and no file is locked.
class File {
 public:
  /// IoError where there is none, it cannot be read or is no HDF5 file: "[stage] cannot open 'PATH': not an HDF5 file".
  /// Unless `trusted`: external links, external raw storage and filter plugins are refused by errors that name
  /// trusted=True; virtual datasets may only name files in this file's own folder. A FIFO or device is never opened.
  static std::shared_ptr<File> open(std::string_view stage, const std::string& path, bool trusted);
  virtual ~File() = default;

  virtual const std::string& path() const = 0;
  virtual bool trusted() const = 0;
  /// False once the file on the disk is another one or has another size or time than when it was opened.
  virtual bool unchanged() const = 0;
  /// Equal for two openings of one file that was not written to in between.
  virtual std::string stamp() const = 0;
  /// The members of a group, by name; with `deep` of all groups below it, too; links that go in circles are followed
  /// once. IoError for a name that is no group.
  virtual std::vector<Member> members(std::string_view stage, const std::string& group, bool deep) const = 0;
  /// The full names of the groups whose names in `group` match a pattern with * ? [...], in no order.
  virtual std::vector<std::string> groups(std::string_view stage, const std::string& group,
                                          const std::string& pattern) const = 0;
  /// What `names` are below `group`, in their order. IoError for one that is not there.
  virtual std::vector<Member> look_up(std::string_view stage, const std::string& group,
                                      std::span<const std::string> names) const = 0;
  /// IoError for a name that is not there, naming what is; TypeError for a type that has no dtype.
  /// `as_stored`: an array of any type, as elements of so many bytes without a meaning, as they lie in the file; values
  /// of variable length are not among them, only what refers to these.
  virtual std::shared_ptr<const Array> array(std::string_view stage, const std::string& name,
                                             bool as_stored = false) const = 0;
  /// What an array or a group takes in the file, and how large it may become.
  virtual Facts facts(std::string_view stage, const std::string& name) const = 0;
  /// Where in the file the chunk lies that begins at element `start`; nothing where it was never written.
  virtual std::optional<std::int64_t> chunk_place(std::string_view stage, const std::string& name,
                                                  const Shape& start) const = 0;
  virtual bool is_group(std::string_view stage, const std::string& name) const = 0;
  /// What `name` is. IoError for a name that is not there.
  virtual Member member(std::string_view stage, const std::string& name) const = 0;
  virtual std::vector<Attribute> attributes(std::string_view stage, const std::string& object) const = 0;
};

/// "1.10.8": of the libhdf5 that runs.
std::string library_version();

}  // namespace headrace::hdf5
