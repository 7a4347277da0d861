// Docstrings of the operations on Tensors: what differs is in their tables, what is common to all is here.
#pragma once

#include <string_view>

namespace headrace::python {

struct OperationDoc {
  std::string_view says;     // one line, or more
  std::string_view example;  // what is called
  std::string_view gives;    // and its tolist()
};

/// A docstring that is kept for ever, since Python points at it.
const char* binary_doc(std::string_view name, const OperationDoc& doc);
const char* unary_doc(std::string_view name, const OperationDoc& doc);
const char* reduction_doc(std::string_view name, const OperationDoc& doc);
const char* clip_doc();
const char* where_doc();
const char* cast_doc();

}  // namespace headrace::python
