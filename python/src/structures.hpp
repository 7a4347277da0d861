// The containers of a Python value.
#pragma once

#include "numpy.hpp"
#include "place.hpp"

#include <functional>

#include <headrace/tensor/structure.hpp>

namespace headrace::python {

/// Called for each leaf in order; `sole`: no container around it is seen by anybody but the caller.
/// Gives the structure that stands for it: mostly Structure::leaf().
using LeafSink = std::function<StructurePtr(PyObject* leaf, const Place& place, bool sole)>;

/// Walks tuples, dicts, namedtuples and dataclasses; None is a structure too; anything else is a leaf.
StructurePtr read_structure(PyObject* value, const Place& place, bool sole, const LeafSink& leaf);

/// Surely no container, and cheap to tell.
bool is_plain_leaf(PyObject* value);
/// An attribute that is a str; empty for others.
std::string text_attribute(PyObject* object, const char* name);
/// A str's UTF-8, which lives as long as the str.
std::string_view utf8(PyObject* text);

}  // namespace headrace::python
