// Plans as texts, "range 100 | shuffle seed=3 | batch 7", and the bytes of what they give: what
// tests/python/plan_texts.py says, in C++.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <headrace/io/save.hpp>
#include <headrace/io/stages.hpp>
#include <headrace/pipeline/held_dataset.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/tensor/compound.hpp>

namespace headrace::plan_texts {

struct Boom : std::runtime_error {
  Boom() : std::runtime_error("boom") {}
};

/// A path where nothing is; all of them go at the end.
inline std::string new_folder() {
  struct Root {
    std::filesystem::path path;
    int next = 0;
    Root() {
      std::string name = (std::filesystem::temp_directory_path() / "headrace-plans-XXXXXX").string();
      path = mkdtemp(name.data());
    }
    ~Root() { std::filesystem::remove_all(path); }
  };
  static Root root;
  return (root.path / std::to_string(root.next++)).string();
}

inline std::int64_t number_in(const Tensor& tensor) { return tensor.item<std::int64_t>(); }
inline Tensor number_of(std::int64_t number) { return Tensor::scalar(number); }
inline Tensor numbers_of(const std::vector<std::int64_t>& numbers) { return Tensor::copy_of<std::int64_t>(numbers); }

inline FunctionPtr function_named(const std::string& name) {
  static const std::map<std::string, FunctionPtr> functions{
      {"plus1", make_function([](const Tensor& numbers) {
         Tensor result = numbers.copy();
         for (auto& number : result.mutable_values<std::int64_t>()) ++number;
         return result;
       })},
      {"pair", make_function([](const Element& element) {
         const std::int64_t number = number_in(element.tensor());
         const Tensor halves = Tensor::of<float>({static_cast<float>(number) / 2, static_cast<float>(-number) / 2});
         const auto two = Structure::tuple({Structure::leaf(), Structure::leaf()});
         return Element(two, {element.tensor(), halves});
       })},
      {"first", make_function([](const Element& element) { return element.components.front(); })},
      {"word", make_function([](const Tensor& tensor) {
         std::string text;
         for (std::int64_t i = 0; i < number_in(tensor) % 3; ++i) text += "word ";
         return Tensor::text_scalar(text + std::to_string(number_in(tensor)));
       })},
      {"grow", make_function([](const Tensor& tensor) {
         const std::int64_t number = number_in(tensor);
         return numbers_of(std::vector<std::int64_t>(static_cast<std::size_t>(number % 4), number));
       })},
      {"odd", make_function([](const Tensor& tensor) { return number_in(tensor) % 2 == 1; })},
      {"present", make_function([](const Element&) { return true; })},
      {"below40", make_function([](const Tensor& tensor) { return number_in(tensor) < 40; })},
      {"mod3", make_function([](const Tensor& tensor) { return number_of(number_in(tensor) % 3); })},
      {"mod5", make_function([](const Tensor& tensor) { return number_of(number_in(tensor) % 5); })},
      {"length", make_function([](const Tensor& tensor) { return number_of(tensor.shape()[0]); })},
      {"fails", make_function([](const Tensor& tensor) {
         if (number_in(tensor) % 11 == 5) throw Boom();
         return tensor;
       })},
      {"spread", make_dataset_function([](const Tensor& tensor) {
         const std::int64_t number = number_in(tensor);
         return range(10 * number, 10 * number + number % 4);
       })},
      {"mixed", make_dataset_function([](const Tensor& tensor) {
         const std::int64_t number = number_in(tensor);
         return range(100 * number, 100 * number + number % 7) | Shuffle{std::nullopt, number};
       })},
      {"rows", make_dataset_function([](const Element& window) { return *dataset_in(window); })},
      {"batch2", make_dataset_function([](const Element& arguments) {
         return *dataset_in(*arguments.structure->children()[1]) | Batch{2};
       })}};
  return functions.at(name);
}

inline Element array_named(const std::string& word) {
  const std::size_t colon = word.find(':');
  const std::string name = word.substr(0, colon);
  const std::int64_t n = std::stoll(word.substr(colon + 1));
  std::vector<std::int64_t> numbers, values, splits{0};
  std::vector<float> quarters;
  for (std::int64_t i = 0; i < n; ++i) {
    numbers.push_back(i);
    quarters.insert(quarters.end(), {static_cast<float>(2 * i) / 4, static_cast<float>(2 * i + 1) / 4});
    values.insert(values.end(), static_cast<std::size_t>(i % 4), i);
    splits.push_back(static_cast<std::int64_t>(values.size()));
  }
  if (name == "ragged") return RaggedTensor(numbers_of(values), numbers_of(splits));
  const auto two = Structure::dict({"a", "b"}, {Structure::leaf(), Structure::leaf()});
  return Element(two, {numbers_of(numbers), Tensor::copy_of<float>(quarters, {n, 2})});
}

/// The words of one stage: the i-th, or "key=value".
class Words {
 public:
  explicit Words(const std::string& stage) {
    std::istringstream stream(stage);
    for (std::string word; stream >> word;) {
      const std::size_t equals = word.find('=');
      if (equals == std::string::npos)
        placed_.push_back(word);
      else
        named_[word.substr(0, equals)] = word.substr(equals + 1);
    }
  }
  const std::string& name() const { return placed_.front(); }
  std::optional<std::string> word(std::size_t place, const std::string& key) const {
    if (place + 1 < placed_.size()) return placed_[place + 1];
    const auto found = named_.find(key);
    if (found == named_.end() || found->second == "none") return std::nullopt;
    return found->second;
  }
  std::optional<std::int64_t> number(std::size_t place, const std::string& key) const {
    const auto text = word(place, key);
    return text ? std::optional(static_cast<std::int64_t>(std::stoll(*text))) : std::nullopt;
  }
  std::int64_t number(std::size_t place, const std::string& key, std::int64_t otherwise) const {
    return number(place, key).value_or(otherwise);
  }
  bool flag(std::size_t place, const std::string& key, bool otherwise) const {
    const auto text = word(place, key);
    return text ? *text == "true" : otherwise;
  }
  FunctionPtr function(std::size_t place, const std::string& key) const {
    const auto text = word(place, key);
    return text ? function_named(*text) : nullptr;
  }
  std::vector<std::int64_t> list(std::size_t place, const std::string& key) const {
    std::vector<std::int64_t> result;
    std::istringstream stream(word(place, key).value_or(""));
    for (std::string part; std::getline(stream, part, ',');) result.push_back(std::stoll(part));
    return result;
  }
  std::optional<Element> numbers(std::size_t place, const std::string& key) const {
    if (!word(place, key)) return std::nullopt;
    return numbers_of(list(place, key));
  }

 private:
  std::vector<std::string> placed_;
  std::map<std::string, std::string> named_;
};

/// What a stage makes of the dataset before it; for sources that is empty.
using Attach = std::function<Dataset(const Dataset& ds, const Words& words)>;

inline const std::map<std::string, Attach>& stages() {
  using D = const Dataset&;
  using W = const Words&;
  static const std::map<std::string, Attach> all{
      {"range",
       [](D, W w) {
         if (!w.number(1, "stop")) return range(w.number(0, "start", 0));
         return range(w.number(0, "start", 0), w.number(1, "stop", 0), w.number(2, "step", 1));
       }},
      {"from_tensor_slices", [](D, W w) { return from_tensor_slices(array_named(*w.word(0, "tensors"))); }},
      {"from_tensors", [](D, W w) { return from_tensors(array_named(*w.word(0, "tensors"))); }},
      {"load",
       [](D ds, W) {
         const std::string path = new_folder();
         Dataset saved = ds;
         save(saved, path);
         return load(path);
       }},
      {"batch",
       [](D ds, W w) {
         return ds | Batch{w.number(0, "batch_size", 0), w.flag(1, "drop_remainder", false)};
       }},
      {"bucket_by_sequence_length",
       [](D ds, W w) {
         return ds | BucketBySequenceLength{.element_length_func = w.function(0, "element_length_func"),
                                            .bucket_boundaries = *w.numbers(1, "bucket_boundaries"),
                                            .bucket_batch_sizes = w.numbers(2, "bucket_batch_sizes"),
                                            .tokens_per_batch = w.number(8, "tokens_per_batch")};
       }},
      {"cache", [](D ds, W w) { return ds | Cache{w.word(0, "filename") ? new_folder() : ""}; }},
      {"enumerate", [](D ds, W w) { return ds | Enumerate{w.number(0, "start", 0)}; }},
      {"filter", [](D ds, W w) { return ds | Filter{w.function(0, "predicate")}; }},
      {"flat_map", [](D ds, W w) { return ds | FlatMap{w.function(0, "map_func")}; }},
      {"group_by_window",
       [](D ds, W w) {
         return ds | GroupByWindow{w.function(0, "key_func"), w.function(1, "reduce_func"), w.number(2, "window_size"),
                                   w.function(3, "window_size_func")};
       }},
      {"interleave",
       [](D ds, W w) {
         return ds | Interleave{.map_func = w.function(0, "map_func"),
                                .cycle_length = w.number(1, "cycle_length", 8),
                                .block_length = w.number(2, "block_length", 1),
                                .num_parallel_calls = w.number(3, "num_parallel_calls")};
       }},
      {"map",
       [](D ds, W w) {
         return ds | Map{w.function(0, "map_func"), w.number(1, "num_parallel_calls"), {}};
       }},
      {"padded_batch",
       [](D ds, W w) {
         return ds | PaddedBatch{.batch_size = w.number(0, "batch_size", 0),
                                 .drop_remainder = w.flag(3, "drop_remainder", false)};
       }},
      {"prefetch", [](D ds, W w) { return ds | Prefetch{w.number(0, "buffer_size")}; }},
      {"ragged_batch",
       [](D ds, W w) {
         return ds | RaggedBatch{w.number(0, "batch_size", 0), w.flag(1, "drop_remainder", false)};
       }},
      {"rebatch",
       [](D ds, W w) {
         return ds | Rebatch{w.number(0, "batch_size", 0), w.flag(1, "drop_remainder", false)};
       }},
      {"repeat", [](D ds, W w) { return ds | Repeat{w.number(0, "count")}; }},
      {"shard",
       [](D ds, W w) {
         return ds | Shard{w.number(0, "num_shards", 0), w.number(1, "index", 0)};
       }},
      {"shuffle",
       [](D ds, W w) {
         return ds |
                Shuffle{w.number(0, "buffer_size"), w.number(1, "seed"), w.flag(2, "reshuffle_each_iteration", true)};
       }},
      {"skip", [](D ds, W w) { return ds | Skip{w.number(0, "count", 0)}; }},
      {"snapshot", [](D ds, W) { return ds | Snapshot{new_folder()}; }},
      {"sparse_batch",
       [](D ds, W w) {
         return ds | SparseBatch{w.number(0, "batch_size", 0), Shapes(Shape(w.list(1, "row_shape")))};
       }},
      {"take", [](D ds, W w) { return ds | Take{w.number(0, "count", 0)}; }},
      {"unbatch", [](D ds, W) { return ds | Unbatch{}; }},
      {"window",
       [](D ds, W w) {
         return ds | Window{w.number(0, "size", 0), w.number(1, "shift"), w.number(2, "stride", 1),
                            w.flag(3, "drop_remainder", false)};
       }},
      {"with_options", [](D ds, W w) { return ds | WithOptions{.memory_limit = w.number(1, "memory_limit")}; }},
  };
  return all;
}

/// The last `n` datasets, taken from the stack.
inline std::vector<Dataset> popped(std::vector<Dataset>& stack, std::int64_t n) {
  const auto first = stack.end() - static_cast<std::ptrdiff_t>(n);
  std::vector<Dataset> datasets(first, stack.end());
  stack.erase(first, stack.end());
  return datasets;
}

inline Dataset build(const std::string& text) {
  std::vector<Dataset> stack;
  for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 3) {
    end = text.find(" | ", begin);
    const Words words(text.substr(begin, end == std::string::npos ? end : end - begin));
    const std::string& name = words.name();
    const bool source = name == "range" || name.starts_with("from_");
    if (name == "zip") {
      const auto parts = popped(stack, words.number(0, "datasets", 0));
      stack.push_back(zip(parts));
    } else if (name == "concatenate") {
      const auto two = popped(stack, 2);
      stack.push_back(two[0] | Concatenate{two[1]});
    } else {
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
