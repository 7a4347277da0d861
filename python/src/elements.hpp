// Python values as elements: structures of array data.
#pragma once

#include "arrays.hpp"

#include <headrace/tensor/element.hpp>

namespace headrace::python {

/// Reads values of mostly one structure; remembers the last one so that a loop makes none anew. Needs the GIL.
class ElementReader {
 public:
  /// `stage` and `what` are for errors and must outlive the reader.
  ElementReader(std::string_view stage, std::string_view what, Taking taking) : root_{stage, what}, taking_(taking) {}
  /// Takes the value as the only reference to it, if it is; throws TypeError or ValueError. Conversions may run Python
  /// code and so other reads of this reader: only the last structure is shared.
  Element read(py::object value);

 private:
  bool read_like(const Structure& known, PyObject* value, const Place& place, bool sole,
                 std::vector<Tensor>& components) const;

  Place root_;
  Taking taking_;
  StructurePtr last_;
};

}  // namespace headrace::python
