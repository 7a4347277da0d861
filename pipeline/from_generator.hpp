// What a user's generator gives.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct FromGenerator {
  GeneratorPtr generator;
  std::optional<Spec> output_signature;
  std::optional<Element> args;
  static constexpr auto name = "from_generator";
  static constexpr auto summary = "Gives what a generator yields, calling it anew for each pass.";
  static constexpr auto details =
      "Shape: what it yields: any structure of arrays, scalars and strings.\n"
      "Order: its own; a stream of unknown length. It is advanced on the thread that asks, one element at a time and "
      "only when that\n"
      "    is asked for, unless prefetch allows more. Never before a run: element_spec without output_signature "
      "computes "
      "one element.\n"
      "Memory: a yielded array is adopted only where it owns its memory and nobody else refers to it, else copied.\n"
      "    A state holds how many elements were taken, and restoring yields them again. If what generator() returns "
      "has "
      "state_dict()\n"
      "    and load_state_dict(state), of JSON values, they are asked every 64 elements instead, and at most 63 are "
      "yielded again.\n"
      "    After a Ctrl-C inside a Python generator, which ends it, another one is begun and brought there in the same "
      "way.\n"
      "Errors: the generator's own, in the element's place; a Python generator has ended then, and so does the pass. "
      "TypeError for\n"
      "    an element unlike output_signature. Python numbers and lists of them become its dtype where nothing is lost "
      "but\n"
      "    a float's last digits; arrays and NumPy's scalars are not cast.\n"
      "Source: tf.data.Dataset.from_generator.";
  static constexpr auto options() {
    return std::tuple{
        required("generator", &FromGenerator::generator, "a function that returns an iterator or an iterable"),
        optional("output_signature", &FromGenerator::output_signature,
                 "what it yields, as element_spec gives it; None: found when asked"),
        optional("args", &FromGenerator::args, "a tuple of its arguments, as arrays; None: it takes none")};
  }
  Dataset operator()() const;
};

inline Dataset from_generator(GeneratorPtr generator, std::optional<Spec> output_signature = {},
                              std::optional<Element> args = {}) {
  return make_source(FromGenerator{std::move(generator), std::move(output_signature), std::move(args)});
}
inline Dataset from_generator(std::function<ElementStream()> begin, std::optional<Spec> output_signature = {}) {
  return from_generator(make_generator(std::move(begin)), std::move(output_signature));
}

}  // namespace headrace
