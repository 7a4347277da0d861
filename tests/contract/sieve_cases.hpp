// The cases of stages that look at elements one after the other: take_while, unique, ignore_errors ...
#pragma once

#include <headrace/pipeline/random.hpp>

#include "cases.hpp"

namespace headrace::contract {

template <>
struct Cases<TakeWhile> {
  static std::vector<Case> make() {
    const auto below = [](std::int64_t end) {
      return [end](const Input& input) {
        std::vector<std::string> all;
        for (const auto& number : input) {
          if (number && *number >= end) break;
          all.push_back(show_or_error(number));
        }
        return all;
      };
    };
    const auto is_below = [](std::int64_t end) {
      return [end](const Tensor& tensor) { return tensor.item<std::int64_t>() < end; };
    };
    return {{"take_while(< 6)", with(take_while(is_below(6))), below(6)},
            {"take_while(< 100)", with(take_while(is_below(100))), below(100)},
            {"take_while(< 0)", with(take_while(is_below(0))), below(0)},
            {"take_while(block)", with(TakeWhile{make_block_function([](const Tensor& rows) {
               Tensor mask = Tensor::empty(boolean, {rows.shape()[0]});
               const Tensor packed = rows.copy();
               for (std::size_t i = 0; i < packed.values<std::int64_t>().size(); ++i)
                 mask.mutable_values<bool>()[i] = packed.values<std::int64_t>()[i] < 9;
               return mask;
             })}),
             below(9)}};
  }
};

template <>
struct Cases<IgnoreErrors> {
  static std::vector<Case> make() {
    const auto good = [](const Input& input) {
      std::vector<std::string> all;
      for (const auto& number : input) {
        if (number) all.push_back(show(*number));
      }
      return all;
    };
    return {{"ignore_errors", with(IgnoreErrors{}), good},
            {"ignore_errors(max_fraction=1)", with(IgnoreErrors{.max_fraction = 1}), good},
            {"ignore_errors of ends",
             [](const Dataset& upstream) {
               return upstream | map([](const Tensor& tensor) {
                        require(tensor.item<std::int64_t>() % 5 == 2, "test", "not this one");
                        return tensor;
                      }) |
                      IgnoreErrors{};
             },
             [](const Input& input) {
               std::vector<std::string> all;
               for (const auto& number : input) {
                 if (number && *number % 5 == 2) all.push_back(show(*number));
               }
               return all;
             }}};
  }
};

template <>
struct Cases<RejectionResample> {
  static std::vector<Case> make() {
    const std::vector<double> target{0.2, 0.3, 0.5};
    const auto third = [](const Tensor& tensor) { return Tensor::scalar(tensor.item<std::int64_t>() % 3); };
    const auto stage = [=](std::optional<Element> initial) {
      return RejectionResample{make_function(third), Tensor::copy_of<double>(target), std::move(initial), 9};
    };
    // r[c] / max(r) with r = target / initial; without an initial one that is counted, from 10 of each on.
    const auto model = [=](std::vector<double> initial) {
      return [=](const Input& input) {
        std::vector<double> counts = initial.empty() ? std::vector<double>(3, 10) : initial;
        std::vector<std::string> all;
        for (std::size_t i = 0; i < input.size(); ++i) {
          if (!input[i]) {
            all.push_back("!");
            continue;
          }
          const auto c = static_cast<std::size_t>(*input[i] % 3);
          if (initial.empty()) ++counts[c];
          double most = 0;
          for (std::size_t k = 0; k < 3; ++k) most = std::max(most, target[k] / counts[k]);
          const std::uint64_t bits = mix(random_key(9, "rejection_resample", 0) + i * 0x9e3779b97f4a7c15u);
          if (static_cast<double>(bits >> 11) * 0x1p-53 < target[c] / counts[c] / most)
            all.push_back("(" + show(static_cast<std::int64_t>(c)) + ", " + show(*input[i]) + ")");
        }
        return all;
      };
    };
    return {{"rejection_resample(initial)", with(stage(Element(Tensor::of<double>({0.5, 0.3, 0.2})))),
             model({0.5, 0.3, 0.2}), false, true, true},
            {"rejection_resample(counted)", with(stage(std::nullopt)), model({}), false, true, true}};
  }
};

template <>
struct Cases<Unique> {
  static Dataset remainders(const Dataset& upstream, std::int64_t n) {
    return upstream | map([n](const Tensor& tensor) { return Tensor::scalar(tensor.item<std::int64_t>() % n); });
  }
  /// The first of each remainder; errors pass.
  static std::vector<std::string> firsts(const Input& input, std::int64_t n, const std::string& tail) {
    std::vector<std::string> all;
    for (const auto& number : input) {
      const std::string text = number ? show(*number % n) + tail : "!";
      if (!number || std::find(all.begin(), all.end(), text) == all.end()) all.push_back(text);
    }
    return all;
  }
  static std::vector<Case> make() {
    return {{"unique", [](const Dataset& upstream) { return remainders(upstream, 6) | Unique{}; },
             [](const Input& input) { return firsts(input, 6, ""); }},
            {"unique of all", with(Unique{}), shown},
            {"unique of pairs, one by one",
             [](const Dataset& upstream) {
               const auto pair = [](const Element& element) {
                 return Element(Structure::tuple({Structure::leaf(), Structure::leaf()}),
                                {element.tensor(), Tensor::zeros(float64, {200})});
               };
               const auto first = [](const Element& element) { return element.components[0]; };
               return remainders(upstream, 4) | map(pair) | Unique{} | map(first);
             },
             [](const Input& input) { return firsts(input, 4, ""); }},
            {"unique of one", [](const Dataset& upstream) { return remainders(upstream, 1) | Unique{}; },
             [](const Input& input) { return firsts(input, 1, ""); }}};
  }
};

}  // namespace headrace::contract
