// Plans as texts, "range 100 | shuffle seed=3 | batch 7", and the bytes of what they give: what
// tests/python/plan_texts.py says, in C++.
#pragma once

#include <set>

#include <headrace/pipeline/iterator.hpp>

#include "plan_stages.hpp"

namespace headrace::plan_texts {

/// The last `n` datasets, taken from the stack.
inline std::vector<Dataset> popped(std::vector<Dataset>& stack, std::int64_t n) {
  const auto first = stack.end() - static_cast<std::ptrdiff_t>(n);
  std::vector<Dataset> datasets(first, stack.end());
  stack.erase(first, stack.end());
  return datasets;
}

/// Sources of several datasets.
inline Dataset join(const Words& words, std::vector<Dataset>& stack) {
  const Dataset choice = words.name() == "choose_from_datasets" ? popped(stack, 1)[0] : Dataset();
  const std::vector<Dataset> parts = popped(stack, words.number(0, "datasets", 0));
  if (words.name() == "zip") return zip(parts);
  if (choice) return make_source(ChooseFromDatasets{parts, choice, words.flag(1, "stop_on_empty_dataset", true)});
  return make_source(SampleFromDatasets{parts, words.shares(1, "weights"), words.number(2, "seed"),
                                        words.flag(3, "stop_on_empty_dataset", false),
                                        words.choice(4, "rerandomize_each_iteration")});
}

inline Dataset build(const std::string& text) {
  std::vector<Dataset> stack;
  for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 3) {
    end = text.find(" | ", begin);
    const Words words(text.substr(begin, end == std::string::npos ? end : end - begin));
    const std::string& name = words.name();
    if (name == "zip" || name == "choose_from_datasets" || name == "sample_from_datasets") {
      stack.push_back(join(words, stack));
    } else if (name == "concatenate") {
      const auto two = popped(stack, 2);
      stack.push_back(two[0] | Concatenate{two[1]});
    } else {
      // Other sources read what was there, once it is written.
      static const std::set<std::string> sources{"range",
                                                 "counter",
                                                 "random",
                                                 "list_files",
                                                 "from_tensors",
                                                 "from_generator",
                                                 "from_image_folder",
                                                 "from_tensor_slices"};
      const bool source = sources.contains(name);
      stack.push_back(stages().at(name)(source ? Dataset() : popped(stack, 1)[0], words));
    }
  }
  return stack.at(0);
}

inline std::string bytes_of(const Tensor& tensor) {
  std::string text = tensor.dtype().name() + "(";
  for (int axis = 0; axis < tensor.ndim(); ++axis) text += (axis ? "," : "") + std::to_string(tensor.shape()[axis]);
  text += ")";
  const Tensor packed = tensor.copy();
  if (packed.dtype() != headrace::text)
    return text.append(reinterpret_cast<const char*>(packed.data()), static_cast<std::size_t>(packed.nbytes()));
  const Tensor items = packed.reshape({packed.size()});
  for (std::int64_t i = 0; i < items.size(); ++i) text.append(items.row(i).text()).push_back('\0');
  return text;
}

/// What two epochs give: elements end with ";", an error is "!", an epoch ends with a line.
inline std::string output(const Dataset& dataset) {
  std::string result;
  for (const std::int64_t epoch : {0, 1}) {
    Iterator iterator = dataset.iterate(epoch);
    for (bool more = true; more;) {
      try {
        const auto element = iterator.next();
        more = element.has_value();
        if (!more) break;
        for (const Tensor& component : element->components) result += bytes_of(component);
        result += ";";
      } catch (const Boom&) {
        result += "!";
      }
    }
    result += "\n";
  }
  return result;
}

/// FNV-1a, 64 bits.
inline std::string digest(const std::string& data) {
  std::uint64_t state = 0xcbf29ce484222325;
  for (const char byte : data) state = (state ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(state));
  return digits;
}

}  // namespace headrace::plan_texts
