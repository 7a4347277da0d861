// Private to this folder: libhdf5 is entered here only. Its one lock, its handles, its errors in our words.
#pragma once

#include <hdf5.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <headrace/tensor/shape.hpp>

namespace headrace::hdf5 {

/// While it lives, libhdf5 belongs to this thread and prints nothing. A thread may hold it twice. fork() waits for it,
/// so that a child never finds libhdf5 in the middle of a call. What it changes in libhdf5 it puts back: h5py may share
/// it. StateError once the process is ending and libhdf5 has closed.
class Library {
 public:
  Library();
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  /// False once libhdf5 has closed at the end of the process, and every handle with it.
  static bool lives();
  /// How many forks lie between the process that began and this one.
  static int generation();

 private:
  H5E_auto2_t print_ = nullptr;
  void* print_data_ = nullptr;
};

/// While it lives, libhdf5 loads filter plugins only if `allowed`. Needs the Library.
class Plugins {
 public:
  explicit Plugins(bool allowed);
  ~Plugins();
  Plugins(const Plugins&) = delete;
  Plugins& operator=(const Plugins&) = delete;

 private:
  unsigned before_ = 0;
  bool changed_ = false;
};

/// Owns one handle, of whatever kind. Closing needs the Library.
class Id {
 public:
  Id() = default;
  explicit Id(hid_t id) : id_(id) {}
  Id(Id&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Id& operator=(Id&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~Id() { close(); }
  void close();
  hid_t get() const { return id_; }
  hid_t release() { return std::exchange(id_, -1); }
  explicit operator bool() const { return id_ >= 0; }

 private:
  hid_t id_ = -1;
};

/// What is being done, for errors: "[stage] cannot WHAT 'OBJECT' in 'FILE': ...".
struct Action {
  std::string_view stage;
  const char* what;  // "read chunk", "open"
  const std::string& object;
  const std::string& file;
  const Shape* place = nullptr;  // "read chunk (12, 0) of"
};

/// Throws the IoError of `action`, with `why`, or with the deepest of libhdf5's own messages.
[[noreturn]] void fail(const Action& action, std::string_view why = "");
/// The deepest message of the call that failed last in this thread.
std::string last_message();

/// `result` of a call, unless it says that the call failed.
template <class T>
T checked(const Action& action, T result) {
  if (result < 0) fail(action);
  return result;
}
inline Id owned(const Action& action, hid_t id) { return Id(checked(action, id)); }

/// What libhdf5 allocated and gives away.
struct FreeMemory {
  void operator()(void* memory) const { H5free_memory(memory); }
};
using LibraryText = std::unique_ptr<char, FreeMemory>;

/// The file of `action`, made anew, empty. Needs the Library.
Id create_file(const Action& action);

}  // namespace headrace::hdf5
