// What fills the rest of a padded row.
#pragma once

#include <string>

#include <headrace/tensor/pad.hpp>

namespace headrace {

/// `value`, a scalar, as one item of `dtype`. Numbers go over where they keep their value (a float may be rounded to a
/// narrower one), text and bytes to their like, a time of the same unit, NaT to any. Throws TypeError for another kind,
/// ValueError for what does not fit, in `stage`'s name; `what` is the option and its place.
Tensor padding_of(std::string_view stage, const std::string& what, DType dtype, const Tensor& value);

}  // namespace headrace
