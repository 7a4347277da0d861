// A structure made ready to be filled: elements come back in the containers they came in.
#pragma once

#include "errors.hpp"

#include <headrace/tensor/structure.hpp>

#include <memory>
#include <vector>

namespace headrace::python {

/// The class of a namedtuple or a dataclass.
class ClassTag : public ContainerTag {
 public:
  ClassTag(Kept type, bool dataclass);
  std::string name() const override { return name_; }
  PyObject* type() const { return type_.get(); }
  bool dataclass() const { return dataclass_; }

 private:
  Kept type_;
  bool dataclass_;
  std::string name_;  // kept, since it is asked for without the GIL
};

/// May be dropped on any thread: a function keeps one, and its plan may end with a worker.
class Mould {
 public:
  explicit Mould(const Structure& structure);

  /// The containers around leaf(0), leaf(1) ..., each a new py::object.
  template <class F>
  py::object fill(F&& leaf) const {
    int next = 0;
    return fill_from(leaf, next);
  }
  bool is_plain_tuple() const { return kind_ == Structure::Kind::tuple; }
  /// The children of a plain tuple one by one: only it is unpacked into a function's arguments.
  template <class F, class Sink>
  void fill_arguments(F&& leaf, Sink&& sink) const {
    int next = 0;
    for (const Mould& child : children_) sink(child.fill_from(leaf, next));
  }

 private:
  template <class F>
  py::object fill_from(F& leaf, int& next) const;
  py::object named(py::tuple values) const;
  py::object held() const;

  Structure::Kind kind_;
  std::vector<Mould> children_;
  Kept keys_;         // a tuple of str; nothing for a leaf
  Kept constructor_;  // of a named container
  bool dataclass_ = false;
  std::shared_ptr<const Held> value_;
};

/// The mould of the structure asked for last. Needs the GIL. The answer is shared, because filling it may run Python
/// code, and another thread then asks for another.
class MouldCache {
 public:
  std::shared_ptr<const Mould> of(const StructurePtr& structure) {
    if (structure != structure_) {
      mould_ = std::make_shared<const Mould>(*structure);
      structure_ = structure;
    }
    return mould_;
  }

 private:
  StructurePtr structure_;
  std::shared_ptr<const Mould> mould_;
};

template <class F>
py::object Mould::fill_from(F& leaf, int& next) const {
  switch (kind_) {
    case Structure::Kind::leaf:
      return leaf(next++);
    case Structure::Kind::none:
      return py::none();
    case Structure::Kind::held:
      return held();
    case Structure::Kind::dict: {
      py::object dict = own(PyDict_New());
      for (std::size_t i = 0; i < children_.size(); ++i) {
        const py::object value = children_[i].fill_from(leaf, next);
        check(PyDict_SetItem(dict.ptr(), PyTuple_GET_ITEM(keys_.get(), static_cast<Py_ssize_t>(i)), value.ptr()));
      }
      return dict;
    }
    default:
      break;
  }
  py::object tuple = own(PyTuple_New(static_cast<Py_ssize_t>(children_.size())));
  for (std::size_t i = 0; i < children_.size(); ++i) {
    PyTuple_SET_ITEM(tuple.ptr(), static_cast<Py_ssize_t>(i), children_[i].fill_from(leaf, next).release().ptr());
  }
  return kind_ == Structure::Kind::named ? named(std::move(tuple)) : tuple;
}

}  // namespace headrace::python
