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

namespace detail {

/// Literals of all lengths are of one type, so that there is one function for each kind of sentence, not for each.
template <class T>
const T& part(const T& value) {
  return value;
}
inline const char* part(const char* text) { return text; }

/// Cold: kept small, and out of the way of what calls it.
template <class... Parts>
[[gnu::cold, gnu::noinline]] std::string joined(std::string_view stage, const Parts&... parts) {
  std::ostringstream text;
  text << '[' << stage << "] ";
  (text << ... << parts);
  return text.str();
}

template <class E, class... Parts>
[[noreturn, gnu::cold, gnu::noinline]] void refuse(std::string_view stage, const Parts&... parts) {
  throw E(joined(stage, parts...));
}

}  // namespace detail

/// "[stage] message", every part streamed in order.
template <class... Parts>
std::string sentence(std::string_view stage, const Parts&... parts) {
  return detail::joined(stage, detail::part(parts)...);
}

/// Throws `E` with sentence(stage, parts...) unless `holds`.
template <class E = ValueError, class... Parts>
void require(bool holds, std::string_view stage, const Parts&... parts) {
  if (!holds) detail::refuse<E>(stage, detail::part(parts)...);
}

}  // namespace headrace
