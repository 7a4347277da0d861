// Elements as text and back, every bit of them: for what a state must hold as data.
#pragma once

#include <string>
#include <string_view>

#include <headrace/pipeline/mark.hpp>
#include <headrace/tensor/element.hpp>
#include <headrace/tensor/spec.hpp>

namespace headrace {

/// ASCII but for the names in structure and dtype. Throws TypeError for an element that holds a dataset.
std::string to_text(const Element& element);
/// The element that to_text() was given: of the structure and dtypes of `like` (S and U of any width), of any shape.
/// Throws ValueError naming `stage` for anything else, and for damaged text.
Element element_from_text(std::string_view text, const Spec& like, std::string_view stage);

/// Whether `element` has the structure and dtypes of `like` (S and U of any width); shapes may differ.
bool same_kind(const Element& element, const Spec& like);

/// An element in a mark; shares its tensors, which nobody may change any more.
class ElementData final : public MarkData {
 public:
  explicit ElementData(Element element) : element_(std::move(element)) {}
  std::string to_text() const override { return headrace::to_text(element_); }
  const Element& element() const { return element_; }

 private:
  Element element_;
};

}  // namespace headrace
