// The cases of sources that mix datasets: choose_from_datasets, sample_from_datasets.
#pragma once

#include "cases.hpp"

namespace headrace::contract {

template <>
struct Cases<ChooseFromDatasets> {
  /// Choices i * i % 3 over the upstream, 5 numbers from 100 on, and 3 from 200 on.
  static Dataset choose(const Dataset& upstream, bool stop) {
    const Dataset choices = range(50) | map([](const Tensor& tensor) {
                              const auto i = tensor.item<std::int64_t>();
                              return Tensor::scalar(i / 2 % 3);
                            });
    return make_source(
        ChooseFromDatasets{{upstream, range(100, 105), range(200, 203) | Batch{1} | Unbatch{}}, choices, stop});
  }
  static std::vector<std::string> chosen(const Input& input, bool stop) {
    std::vector<std::vector<std::string>> parts{shown(input), {}, {}};
    for (int i = 0; i < 5; ++i) parts[1].push_back(show(100 + i));
    for (int i = 0; i < 3; ++i) parts[2].push_back(show(200 + i));
    std::size_t next[3]{};
    std::vector<std::string> all;
    for (std::size_t i = 0; i < 50; ++i) {
      const std::size_t part = i / 2 % 3;
      if (next[part] < parts[part].size())
        all.push_back(parts[part][next[part]++]);
      else if (stop)
        break;
    }
    return all;
  }
  static std::vector<Case> make() {
    return {{"choose_from_datasets", [](const Dataset& upstream) { return choose(upstream, true); },
             [](const Input& input) { return chosen(input, true); }},
            {"choose_from_datasets(stop=false)", [](const Dataset& upstream) { return choose(upstream, false); },
             [](const Input& input) { return chosen(input, false); }},
            {"choices with errors",
             [](const Dataset& upstream) {
               return make_source(ChooseFromDatasets{{range(0, 1), range(1, 2)}, upstream | Take{2}, false});
             },
             [](const Input& input) { return sliced(input, 0, 1, 2); }}};
  }
};

template <>
struct Cases<SampleFromDatasets> {
  static std::vector<Case> make() {
    const auto both = [](const Input& input) {
      auto all = shown(input);
      for (int i = 0; i < 9; ++i) all.push_back(show(100 + i));
      return all;
    };
    return {
        {"sample_from_datasets, seed",
         [](const Dataset& upstream) {
           return make_source(SampleFromDatasets{.datasets = {upstream, range(100, 109)}, .seed = 3});
         },
         both, true},
        {"sample_from_datasets, drawn seed, weights",
         [](const Dataset& upstream) {
           return make_source(SampleFromDatasets{.datasets = {range(100, 109), upstream, range(1000)},
                                                 .weights = Tensor::of<double>({0.3, 0.1, 0})});
         },
         both, true},
        {"sample_from_datasets, one weight",
         [](const Dataset& upstream) {
           return make_source(SampleFromDatasets{
               .datasets = {range(9), upstream}, .weights = Tensor::of<float>({0, 2}), .stop_on_empty_dataset = true});
         },
         shown}};
  }
};

}  // namespace headrace::contract
