// Elements of several datasets, as a dataset of numbers chooses.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct ChooseFromDatasets {
  std::vector<Dataset> datasets;
  Dataset choice_dataset;
  bool stop_on_empty_dataset = true;
  static constexpr auto name = "choose_from_datasets";
  static constexpr auto summary = "Gives the next element of one of several datasets, as another dataset says.";
  static constexpr auto details =
      "Shape: as each dataset's; one structure, dtype and rank.\n"
      "Order: element k is the next one of datasets[choice k]; a stream. Nothing is read of a dataset before it is "
      "chosen.\n"
      "    Ends with choice_dataset; with stop_on_empty_dataset also at the first choice that falls on a dataset "
      "without\n"
      "    more, else such choices are passed over until every dataset was found empty. Its state is the place in each "
      "dataset.\n"
      "Errors: TypeError where the datasets are known to differ, or choices to be no scalar integers; IndexError in "
      "the "
      "place of\n"
      "    an element whose choice is out of range.\n"
      "Example: choose_from_datasets([a, b], Dataset.range(2).repeat()) alternates.\n"
      "Source: tf.data.Dataset.choose_from_datasets.";
  static constexpr auto options() {
    return std::tuple{required("datasets", &ChooseFromDatasets::datasets, "a list or tuple of datasets, one or more"),
                      required("choice_dataset", &ChooseFromDatasets::choice_dataset,
                               "a dataset of scalar integers, each within [0, len(datasets))"),
                      optional("stop_on_empty_dataset", &ChooseFromDatasets::stop_on_empty_dataset,
                               "end at a choice that falls on a dataset without more; False: pass over such choices")};
  }
  Dataset operator()() const;
};

}  // namespace headrace
