#include "operation_docs.hpp"

#include <string>

namespace headrace::python {
namespace {

constexpr std::string_view kComputing = "TypeError unless it is of bool, integers, float32 or float64";
constexpr std::string_view kOperand = "    a: a tensor, or what hr.tensor takes.\n";

struct Common {
  std::string_view parameters, shape, args, errors, source;
};

const char* doc_of(std::string_view name, const Common& common, const OperationDoc& doc) {
  std::string& text = *new std::string(name);
  text.append("(").append(common.parameters).append(")\n--\n\n").append(doc.says);
  text.append("\n\nShape: ").append(common.shape).append("\nArgs:\n").append(common.args);
  text.append("Memory: a new tensor; from 1 MiB on all cores work on it.\nErrors: ").append(common.errors);
  text.append("\nExample:\n    >>> ").append(doc.example).append(".tolist()\n    ").append(doc.gives);
  text.append("\n\nSource: https://numpy.org/doc/stable/reference/generated/numpy.").append(common.source);
  return text.append(common.source.empty() ? name : "").append(".html\n").c_str();
}

std::string broadcast_errors() {
  return std::string(kComputing) +
         "; ValueError where shapes do not broadcast;\n    OverflowError for an int that the other's dtype cannot "
         "hold.";
}

}  // namespace

const char* binary_doc(std::string_view name, const OperationDoc& doc) {
  return doc_of(name,
                {"a, b, /", "that to which both broadcast.",
                 "    a, b: tensors, what hr.tensor takes, or Python's numbers, which take the other's dtype.\n",
                 broadcast_errors(), ""},
                doc);
}

const char* unary_doc(std::string_view name, const OperationDoc& doc) {
  return doc_of(name, {"a, /", "that of a.", kOperand, std::string(kComputing) + ".", ""}, doc);
}

const char* reduction_doc(std::string_view name, const OperationDoc& doc) {
  const std::string args = std::string(kOperand) +
                           "    axis: an int, a tuple of ints, or None for all; negative ones from the end.\n"
                           "    keepdims: whether the axes stay, of size 1.\n";
  const std::string errors = std::string(kComputing) + "; ValueError for an axis that is not there, or twice.";
  return doc_of(name, {"a, axis=None, keepdims=False", "that of a without these axes.", args, errors, ""}, doc);
}

const char* clip_doc() {
  const std::string args = std::string(kOperand) + "    min: the least; None: none.\n    max: the most; None: none.\n";
  return doc_of("clip", {"a, min=None, max=None", "that to which all broadcast.", args, broadcast_errors(), ""},
                {"Returns the items, those below min as min and those above max as max.",
                 "hr.clip([1, 5, 9], 2, max=6)", "[2, 5, 6]"});
}

const char* where_doc() {
  return doc_of("where",
                {"condition, a, b, /", "that to which all broadcast.",
                 "    condition: a tensor, or what hr.tensor takes.\n"
                 "    a, b: the same, or Python's numbers, which take the other's dtype.\n",
                 broadcast_errors(), ""},
                {"Returns the items of a where condition is not zero, else those of b.",
                 "hr.where([True, False], [1, 2], 0)", "[1, 0]"});
}

const char* cast_doc() {
  const std::string args = std::string(kOperand) + "    dtype: what np.dtype takes.\n";
  return doc_of("cast", {"a, dtype", "that of a.", args, "as NumPy's astype.", "ndarray.astype"},
                {"Returns the items in another dtype; floats are cut towards zero.", "hr.cast([1.5, -1.5], \"int8\")",
                 "[1, -1]"});
}

}  // namespace headrace::python
