#include <headrace/pipeline/ends.hpp>

#include <headrace/tensor/error.hpp>

namespace headrace {

Element get_single_element(const Dataset& dataset) {
  Iterator iterator = dataset.iterate(0);
  auto element = iterator.next();
  require(element.has_value(), "get_single_element", "the dataset must have exactly one element, got none");
  require(!iterator.next(), "get_single_element",
          "the dataset must have exactly one element, got more; take(1) gives the first");
  return *std::move(element);
}

}  // namespace headrace
