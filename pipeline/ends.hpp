// What a dataset comes to: one value.
#pragma once

#include <headrace/pipeline/iterator.hpp>

namespace headrace {

/// state = step(state, element) over one epoch; gives the last state.
template <class State, class Step>
State reduce(const Dataset& dataset, State state, Step step) {
  Iterator iterator = dataset.iterate(0);
  while (auto element = iterator.next()) state = step(std::move(state), *element);
  return state;
}

/// The only element. Throws ValueError where there is none, or more than one.
Element get_single_element(const Dataset& dataset);

}  // namespace headrace
