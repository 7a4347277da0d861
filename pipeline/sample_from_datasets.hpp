// Elements of several datasets, as chance chooses.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct SampleFromDatasets {
  std::vector<Dataset> datasets;
  std::optional<Element> weights;
  std::optional<std::int64_t> seed;
  bool stop_on_empty_dataset = false;
  std::optional<bool> rerandomize_each_iteration;
  static constexpr auto name = "sample_from_datasets";
  static constexpr auto summary = "Gives the next element of one of several datasets, drawn by weight.";
  static constexpr auto details =
      "Shape: as each dataset's; one structure, dtype and rank.\n"
      "Order: random between the datasets, kept within each; a stream. Nothing is read of a dataset before it is "
      "drawn. "
      "A draw\n"
      "    that falls on a dataset without more ends the run with stop_on_empty_dataset; else that dataset's weight "
      "counts no\n"
      "    longer, and the run ends where no weight is left. Draw k follows from (seed, epoch, k); its state is the "
      "place in each\n"
      "    dataset. Every epoch repeats the draws unless rerandomize_each_iteration=True.\n"
      "Errors: TypeError where the datasets are known to differ; ValueError for weights that are not as many finite "
      "numbers >= 0,\n"
      "    one of them > 0, as there are datasets; in the place of an element where a dataset gives them.\n"
      "Example: sample_from_datasets([a, b], [0.9, 0.1], seed=1) takes nine in ten from a.\n"
      "Source: tf.data.Dataset.sample_from_datasets.";
  static constexpr auto options() {
    return std::tuple{
        required("datasets", &SampleFromDatasets::datasets, "a list or tuple of datasets, one or more"),
        optional("weights", &SampleFromDatasets::weights,
                 "a number for each dataset, >= 0, of any sum, or a dataset that gives such a vector for each element; "
                 "None: equal"),
        optional("seed", &SampleFromDatasets::seed, "any integer; None draws one"),
        optional("stop_on_empty_dataset", &SampleFromDatasets::stop_on_empty_dataset,
                 "end at a draw that falls on a dataset without more"),
        optional("rerandomize_each_iteration", &SampleFromDatasets::rerandomize_each_iteration,
                 "other draws each epoch; None: False")};
  }
  Dataset operator()() const;
};

}  // namespace headrace
