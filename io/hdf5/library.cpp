#include <headrace/io/hdf5/library.hpp>

#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <mutex>

#include <headrace/io/hdf5/file.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {
namespace {

std::mutex& mutex() {
  static auto& lock = *new std::mutex;  // outlives every static destructor
  return lock;
}

thread_local int held = 0;  // by this thread; a recursive mutex could not be unlocked in a child of fork()
std::atomic<bool> ended = false;
std::atomic<int> forks = 0;

/// Once, under the lock. libhdf5 closes itself by atexit; ours, registered later, runs before that.
void begin() {
  static const bool begun = [] {
    H5open();
    std::atexit([] {
      const std::lock_guard lock(mutex());
      ended = true;
    });
    pthread_atfork([] { mutex().lock(); }, [] { mutex().unlock(); },
                   [] {
                     ++forks;
                     mutex().unlock();
                   });
    return true;
  }();
  (void)begun;
}

herr_t take_deepest(unsigned, const H5E_error2_t* error, void* text) {
  auto& message = *static_cast<std::string*>(text);
  if (error->desc && *error->desc) {
    message = error->desc;
  } else {
    char minor[200] = "";
    H5Eget_msg(error->min_num, nullptr, minor, sizeof minor);
    message = minor;
  }
  return 1;  // enough
}

/// "file write failed: No space left on device" of a text that names time, buffer and sizes, too.
std::string without_details(const std::string& message) {
  constexpr std::string_view kWords = "error message = '";
  const auto found = message.find(kWords);
  if (found == std::string::npos) return message;
  const auto begin = found + kWords.size();
  return message.substr(0, message.find_first_of(":,")) + ": " +
         message.substr(begin, message.find('\'', begin) - begin);
}

}  // namespace

Library::Library() {
  if (held == 0) mutex().lock();
  if (ended) {
    if (held == 0) mutex().unlock();
    throw StateError(sentence("hdf5", "the process is ending, libhdf5 has closed its files"));
  }
  ++held;
  begin();
  H5Eget_auto2(H5E_DEFAULT, &print_, &print_data_);
  if (print_) H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Library::~Library() {
  if (held == 1) H5Eclear2(H5E_DEFAULT);  // libhdf5 does not close itself while a thread keeps errors
  if (print_) H5Eset_auto2(H5E_DEFAULT, print_, print_data_);
  if (--held == 0) mutex().unlock();
}

bool Library::lives() { return !ended; }
int Library::generation() { return forks; }

Plugins::Plugins(bool allowed) {
  changed_ = !allowed && H5PLget_loading_state(&before_) >= 0 && before_ != 0 && H5PLset_loading_state(0) >= 0;
}

Plugins::~Plugins() {
  if (changed_) H5PLset_loading_state(before_);
}

void Id::close() {
  if (id_ >= 0 && Library::lives()) H5Idec_ref(id_);
  id_ = -1;
}

std::string last_message() {
  std::string message;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_deepest, &message);
  message = without_details(message);
  if (message.find("version number") != std::string::npos)  // of the file, or of a part of it
    message += "; it is damaged, or of a newer HDF5 than " + library_version() +
               ": h5py.File(..., libver=(\"earliest\", \"v110\")) and h5repack write what this one reads";
  return message.empty() ? "libhdf5 gives no cause" : message;
}

void fail(const Action& action, std::string_view why) {
  const std::string cause = why.empty() ? last_message() : std::string(why);
  const std::string place = action.place ? " " + to_string(*action.place) + " of" : "";
  const std::string object = action.object.empty() ? "" : " '" + action.object + "' in";
  throw IoError(sentence(action.stage, "cannot ", action.what, place, object, " '", action.file, "': ", cause));
}

Id create_file(const Action& action) {
  const Id access = owned(action, H5Pcreate(H5P_FILE_ACCESS));
  checked(action, H5Pset_fapl_sec2(access.get()));
  checked(action, H5Pset_file_locking(access.get(), false, true));  // PartFile's lock serves
  checked(action, H5Pset_libver_bounds(access.get(), H5F_LIBVER_V18, H5F_LIBVER_LATEST));
  const Id creation = owned(action, H5Pcreate(H5P_FILE_CREATE));
  checked(action, H5Pset_obj_track_times(creation.get(), false));  // the root group's
  return owned(action, H5Fcreate(action.file.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()));
}

std::string library_version() {
  const Library library;
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release);
}

}  // namespace headrace::hdf5
