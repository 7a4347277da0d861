// A structure as JSON text, as files keep it.
#pragma once

#include <string>

#include <headrace/tensor/structure.hpp>

namespace headrace {

/// {"tuple": ["leaf", {"dict": ["leaf"], "keys": ["label"]}]}. ValueError for a name that is not UTF-8.
std::string structure_to_json(const Structure& structure);
/// What stands in such a text. A class is known by its name alone. ValueError for anything else.
StructurePtr structure_from_json(const std::string& text);

}  // namespace headrace
