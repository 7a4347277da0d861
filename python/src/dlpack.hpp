// Tensors in and out by DLPack, the protocol that array libraries share memory by.
#pragma once

#include "errors.hpp"

#include <headrace/tensor/tensor.hpp>

namespace headrace::python {

/// headrace._core.take_dlpack(capsule): a Tensor of the capsule's memory.
void define_dlpack(py::module_& module);

}  // namespace headrace::python
