// The library's own errors. Every sentence reads "[stage] rule, got value; way out".
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace headrace {

/// Base of all errors that headrace itself raises.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A value outside its rule (Python: ValueError).
class ValueError : public Error {
 public:
  using Error::Error;
};

/// A value of the wrong kind (Python: TypeError).
class TypeError : public Error {
 public:
  using Error::Error;
};

/// A position past the end (Python: IndexError).
class IndexError : public Error {
 public:
  using Error::Error;
};

/// A file that cannot be read or written (Python: OSError).
class IoError : public Error {
 public:
  using Error::Error;
};

/// A memory limit that was passed on purpose (Python: MemoryError). The system's own is std::bad_alloc.
class MemoryLimitError : public Error {
 public:
  using Error::Error;
};

/// A call that the object's state forbids, such as re-entering an iterator (Python: RuntimeError).
class StateError : public Error {
 public:
  using Error::Error;
};

/// "[stage] message", every part streamed in order.
template <class... Parts>
std::string sentence(std::string_view stage, const Parts&... parts) {
  std::ostringstream text;
  text << '[' << stage << "] ";
  (text << ... << parts);
  return text.str();
}

/// Throws `E` with sentence(stage, parts...) unless `holds`.
template <class E = ValueError, class... Parts>
void require(bool holds, std::string_view stage, const Parts&... parts) {
  if (!holds) throw E(sentence(stage, parts...));
}

}  // namespace headrace
