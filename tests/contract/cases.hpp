// The cases of every stage, each against a model of a few lines.
#pragma once

#include <algorithm>
#include <memory>

#include <headrace/pipeline/iterator.hpp>

#include "law.hpp"

namespace headrace::contract {

inline std::vector<std::string> shown(const Input& input) {
  std::vector<std::string> all;
  for (const auto& number : input) all.push_back(show_or_error(number));
  return all;
}

inline std::vector<std::string> repeated(const Input& input, int times) {
  std::vector<std::string> all;
  for (int pass = 0; pass < times; ++pass) {
    for (const auto& number : input) all.push_back(show_or_error(number));
  }
  return all;
}

inline std::vector<std::string> batches(const Input& input, std::size_t size, bool drop) {
  std::vector<std::string> all;
  for (std::size_t begin = 0; begin < input.size(); begin += size) {
    if (drop && begin + size > input.size()) break;
    all.push_back(show_batch(input, begin, std::min(begin + size, input.size())));
  }
  return all;
}

inline std::vector<std::string> sliced(const Input& input, std::size_t start, std::size_t step, std::size_t limit) {
  std::vector<std::string> all;
  for (std::size_t i = start; i < input.size() && all.size() < limit; i += step) all.push_back(show_or_error(input[i]));
  return all;
}

template <class S>
auto with(S stage) {
  return [stage](const Dataset& upstream) { return upstream | stage; };
}

template <>
struct Cases<Batch> {
  static std::vector<Case> make() {
    return {{"batch(3)", with(Batch{3}), [](const Input& input) { return batches(input, 3, false); }},
            {"batch(3, drop)", with(Batch{3, true}), [](const Input& input) { return batches(input, 3, true); }},
            {"batch(1)", with(Batch{1}), [](const Input& input) { return batches(input, 1, false); }},
            {"batch(100)", with(Batch{100}), [](const Input& input) { return batches(input, 100, false); }}};
  }
};

template <>
struct Cases<Concatenate> {
  static std::vector<Case> make() {
    const auto model = [](const Input& input) {
      auto all = shown(input);
      for (int i = 0; i < 5; ++i) all.push_back(show(i));
      return all;
    };
    return {{"concatenate(random access)", with(Concatenate{range(5)}), model},
            {"concatenate(stream)", with(Concatenate{range(5) | filter([](const Tensor&) { return true; })}), model}};
  }
};

template <>
struct Cases<Enumerate> {
  static std::vector<Case> make() {
    return {{"enumerate(5)", with(Enumerate{5}), [](const Input& input) {
               std::vector<std::string> all;
               for (std::size_t i = 0; i < input.size(); ++i) {
                 all.push_back(input[i] ? "(" + show(static_cast<std::int64_t>(i) + 5) + ", " + show(*input[i]) + ")"
                                        : "!");
               }
               return all;
             }}};
  }
};

template <>
struct Cases<Filter> {
  static std::vector<Case> make() {
    const auto kept = [](auto keep) {
      return [keep](const Input& input) {
        std::vector<std::string> all;
        for (const auto& number : input) {
          if (!number || keep(*number)) all.push_back(show_or_error(number));
        }
        return all;
      };
    };
    const auto third = [](std::int64_t number) { return number % 3 == 1; };
    return {
        {"filter(third)", with(filter([third](const Tensor& tensor) { return third(tensor.item<std::int64_t>()); })),
         kept(third)},
        {"filter(none)", with(filter([](const Tensor&) { return false; })), kept([](std::int64_t) { return false; })},
        {"filter(block)", with(Filter{make_block_function([third](const Tensor& rows) {
           Tensor mask = Tensor::empty(boolean, {rows.shape()[0]});
           const Tensor packed = rows.copy();
           for (std::size_t i = 0; i < packed.values<std::int64_t>().size(); ++i)
             mask.mutable_values<bool>()[i] = third(packed.values<std::int64_t>()[i]);
           return mask;
         })}),
         kept(third)}};
  }
};

template <>
struct Cases<Map> {
  static std::vector<Case> make() {
    const auto mapped = [](std::int64_t add) {
      return [add](const Input& input) {
        std::vector<std::string> all;
        for (const auto& number : input) all.push_back(number ? show(*number + add) : "!");
        return all;
      };
    };
    const auto add_one = [](const Tensor& tensor) { return Tensor::scalar(tensor.item<std::int64_t>() + 1); };
    return {{"map(+1)", with(map(add_one)), mapped(1)},
            {"map(+1) twice", [add_one](const Dataset& upstream) { return upstream | map(add_one) | map(add_one); },
             mapped(2)},
            {"map(block)", with(Map{make_block_function([](const Tensor& rows) {
               Tensor result = rows.copy();
               for (auto& value : result.mutable_values<std::int64_t>()) value += 1;
               return result;
             })}),
             mapped(1)}};
  }
};

template <>
struct Cases<Prefetch> {
  static std::vector<Case> make() {
    return {{"prefetch(2)", with(Prefetch{2}), shown},
            {"prefetch()", with(Prefetch{}), shown},
            {"prefetch(0)", with(Prefetch{0}), shown}};
  }
};

template <>
struct Cases<Repeat> {
  static std::vector<Case> make() {
    return {{"repeat(3)", with(Repeat{3}), [](const Input& input) { return repeated(input, 3); }},
            {"repeat(0)", with(Repeat{0}), [](const Input& input) { return repeated(input, 0); }},
            {"repeat(2).batch(4)", [](const Dataset& upstream) { return upstream | Repeat{2} | Batch{4}; },
             [](const Input& input) {
               Input twice = input;
               twice.insert(twice.end(), input.begin(), input.end());
               return batches(twice, 4, false);
             }},
            {"repeat().take(25)", [](const Dataset& upstream) { return upstream | Repeat{} | Take{25}; },
             [](const Input& input) {
               std::vector<std::string> all;
               for (std::size_t i = 0; i < 25 && !input.empty(); ++i)
                 all.push_back(show_or_error(input[i % input.size()]));
               return all;
             }}};
  }
};

template <>
struct Cases<Shard> {
  static std::vector<Case> make() {
    return {{"shard(3, 1)", with(Shard{3, 1}), [](const Input& input) { return sliced(input, 1, 3, SIZE_MAX); }}};
  }
};

template <>
struct Cases<Shuffle> {
  static std::vector<Case> make() {
    return {{"shuffle(5, seed)", with(Shuffle{5, 7}), shown, true},
            {"shuffle(7, drawn seed)", with(Shuffle{7}), shown, true},
            {"shuffle(100, seed, fixed)", with(Shuffle{100, 7, false}), shown, true},
            {"shuffle(1)", with(Shuffle{1, 7}), shown},
            {"shuffle() of all",
             [](const Dataset& upstream) {
               return upstream | (upstream.random_access() ? Shuffle{std::nullopt, 3} : Shuffle{40, 3});
             },
             shown, true}};
  }
};

template <>
struct Cases<Skip> {
  static std::vector<Case> make() {
    return {{"skip(4)", with(Skip{4}), [](const Input& input) { return sliced(input, 4, 1, SIZE_MAX); }},
            {"skip(-1)", with(Skip{-1}), [](const Input& input) { return sliced(input, 0, 1, 0); }}};
  }
};

template <>
struct Cases<Take> {
  static std::vector<Case> make() {
    return {{"take(5)", with(Take{5}), [](const Input& input) { return sliced(input, 0, 1, 5); }},
            {"take(0)", with(Take{0}), [](const Input& input) { return sliced(input, 0, 1, 0); }},
            {"take(-1)", with(Take{-1}), shown}};
  }
};

template <>
struct Cases<Unbatch> {
  static std::vector<Case> make() {
    const auto through = [](const Input& input) {
      std::vector<std::string> all;
      for (std::size_t begin = 0; begin < input.size(); begin += 4) {
        const std::size_t end = std::min(begin + 4, input.size());
        const bool failed =
            std::any_of(input.begin() + static_cast<std::ptrdiff_t>(begin),
                        input.begin() + static_cast<std::ptrdiff_t>(end), [](const auto& number) { return !number; });
        if (failed) all.push_back("!");
        for (std::size_t i = begin; i < end && !failed; ++i) all.push_back(show(*input[i]));
      }
      return all;
    };
    // On random access each row of a failed batch is a position of its own, so errors are tested on streams only.
    const auto pieces = [](const Dataset& upstream) {
      return upstream | Batch{4} | filter([](const Tensor&) { return true; }) | Unbatch{};
    };
    return {{"batch(4).unbatch()", [](const Dataset& upstream) { return upstream | Batch{4} | Unbatch{}; }, through,
             false, false},
            {"batch(4).filter().unbatch()", pieces, through},
            {"unbatch in pieces, twice",
             [](const Dataset& upstream) {
               return upstream | Batch{2, true} | Batch{2, true} | filter([](const Tensor&) { return true; }) |
                      Unbatch{} | Unbatch{};
             },
             [](const Input& input) { return sliced(input, 0, 1, input.size() / 4 * 4); }, false, false}};
  }
};

template <>
struct Cases<WithOptions> {
  static std::vector<Case> make() {
    return {{"with_options(memory_limit=1)", with(WithOptions{.threads = 2, .memory_limit = 1}), shown}};
  }
};

template <>
struct Cases<FromTensorSlices> {
  static std::vector<Case> make() {
    // The upstream's numbers, gathered into an array first.
    return {{"from_tensor_slices",
             [](const Dataset& upstream) {
               std::vector<std::int64_t> numbers;
               Iterator iterator = upstream.iterate(0);
               while (const auto element = iterator.next()) numbers.push_back(element->tensor().item<std::int64_t>());
               return from_tensor_slices(Tensor::copy_of<std::int64_t>(numbers));
             },
             shown, false, false}};
  }
};

template <>
struct Cases<FromTensors> {
  static std::vector<Case> make() {
    return {{"from_tensors",
             [](const Dataset&) {
               return from_tensors(Tensor::of<std::int64_t>({1, 2}));
             },
             [](const Input&) { return std::vector<std::string>{"int64(2)[1 2]"}; }, false, false}};
  }
};

template <>
struct Cases<Range> {
  static std::vector<Case> make() {
    return {{"range(10, 1, -4)", [](const Dataset&) { return range(10, 1, -4); },
             [](const Input&) {
               return std::vector<std::string>{show(10), show(6), show(2)};
             },
             false, false}};
  }
};

template <>
struct Cases<Zip> {
  static std::vector<Case> make() {
    const auto pairs = [](const Input& input) {
      std::vector<std::string> all;
      for (std::size_t i = 0; i < std::min<std::size_t>(input.size(), 20); ++i) {
        all.push_back(input[i] ? "(" + show(*input[i]) + ", " + show(static_cast<std::int64_t>(i) + 100) + ")" : "!");
      }
      return all;
    };
    return {{"zip(x, range)",
             [](const Dataset& upstream) {
               return zip({upstream, range(100, 120)});
             },
             pairs},
            {"zip(x, stream)",
             [](const Dataset& upstream) {
               return zip({upstream, range(100, 120) | filter([](const Tensor&) { return true; })});
             },
             pairs}};
  }
};

}  // namespace headrace::contract
