// Elements against an output_signature.
#pragma once

#include <headrace/tensor/element.hpp>
#include <headrace/tensor/spec.hpp>

namespace headrace {

/// Whether `element` is as `signature` says: structure, dtypes, and sizes where they are given.
bool fits(const Element& element, const Spec& signature);

}  // namespace headrace
