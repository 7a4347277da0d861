// The cases of stages that make datasets of elements.
#pragma once

#include <map>

#include <headrace/pipeline/held_dataset.hpp>

#include "cases.hpp"
#include "grouping_cases.hpp"

namespace headrace::contract {

/// What a number becomes: number % 4 numbers from 10 * number on.
inline Dataset some_numbers(const Tensor& tensor) {
  const std::int64_t number = tensor.item<std::int64_t>();
  return range(10 * number, 10 * number + number % 4);
}

/// As tf.data's interleave goes: a slot whose dataset has ended is filled again when its turn comes next.
inline std::vector<std::string> interleaved(const Input& input, std::size_t cycle, std::size_t block) {
  std::vector<std::string> all;
  std::vector<std::optional<std::vector<std::int64_t>>> slots(cycle);
  std::size_t next = 0;
  const auto open = [](const auto& slot) { return slot.has_value(); };
  for (std::size_t turn = 0; next < input.size() || std::any_of(slots.begin(), slots.end(), open);
       turn = (turn + 1) % cycle) {
    auto& slot = slots[turn];
    if (!slot && next < input.size()) {
      const auto& number = input[next++];
      if (!number) {
        all.push_back("!");
        continue;
      }
      slot.emplace();
      for (std::int64_t i = 0; i < *number % 4; ++i) slot->push_back(10 * *number + i);
    }
    for (std::size_t row = 0; slot && row < block; ++row) {
      if (slot->empty()) {
        slot.reset();
        break;
      }
      all.push_back(show(slot->front()));
      slot->erase(slot->begin());
    }
  }
  return all;
}

template <>
struct Cases<FlatMap> {
  static std::vector<Case> make() {
    return {{"flat_map", with(flat_map(some_numbers)), [](const Input& input) { return interleaved(input, 1, 1000); }},
            {"flat_map, twice",
             [](const Dataset& upstream) {
               return upstream | flat_map([](const Tensor& number) {
                        return from_tensors(number) | flat_map([](const Tensor& inner) { return some_numbers(inner); });
                      });
             },
             [](const Input& input) { return interleaved(input, 1, 1000); }}};
  }
};

template <>
struct Cases<Interleave> {
  static std::vector<Case> make() {
    const auto tested = [](std::int64_t cycle, std::int64_t block, std::optional<std::int64_t> calls) {
      const std::string name = "interleave(" + std::to_string(cycle) + ", " + std::to_string(block) + ", " +
                               std::to_string(calls.value_or(0)) + ")";
      return Case{name, with(Interleave{make_dataset_function(some_numbers), cycle, block, calls, {}}),
                  [=](const Input& input) {
                    return interleaved(input, static_cast<std::size_t>(cycle), static_cast<std::size_t>(block));
                  }};
    };
    return {tested(1, 1, {}), tested(3, 1, {}), tested(3, 2, {}), tested(2, 7, {}),  tested(8, 1, {}),
            tested(3, 1, 2),  tested(3, 2, 3),  tested(8, 3, 4),  tested(2, 1000, 2)};
  }
};

template <>
struct Cases<GroupByWindow> {
  static std::vector<Case> make() {
    const auto key =
        make_function([](const Tensor& number) { return Tensor::scalar(number.item<std::int64_t>() % 3); });
    const auto batched = make_dataset_function(
        [](const Element& arguments) { return *dataset_in(*arguments.structure->children()[1]) | Batch{2}; });
    const auto sizes =
        make_function([](const Tensor& number) { return Tensor::scalar(number.item<std::int64_t>() + 2); });
    const auto model = [](std::size_t (*size_of)(std::int64_t key)) {
      return [size_of](const Input& input) {
        std::vector<std::string> all;
        std::map<std::int64_t, Input> groups;
        const auto give = [&](std::int64_t group) {
          for (auto& batch : batches(groups[group], 2, false)) all.push_back(batch);
          groups.erase(group);
        };
        for (const auto& number : input) {
          if (!number) {
            all.push_back("!");
            continue;
          }
          const std::int64_t group = *number % 3;
          groups[group].push_back(number);
          if (groups[group].size() == size_of(group)) give(group);
        }
        while (!groups.empty()) give(groups.begin()->first);
        return all;
      };
    };
    return {{"group_by_window(3)", with(GroupByWindow{key, batched, 3, nullptr}),
             model([](std::int64_t) -> std::size_t { return 3; })},
            {"group_by_window(size_func)", with(GroupByWindow{key, batched, {}, sizes}),
             model([](std::int64_t group) { return static_cast<std::size_t>(group) + 2; })}};
  }
};

template <>
struct Cases<BucketBySequenceLength> {
  static std::vector<Case> make() {
    // A number is a row of number % 5 + 1 times itself.
    const auto rows = map([](const Tensor& number) {
      const std::int64_t value = number.item<std::int64_t>();
      Tensor row = Tensor::empty(int64, {value % 5 + 1});
      std::fill_n(row.mutable_values<std::int64_t>().begin(), value % 5 + 1, value);
      return row;
    });
    const auto length = make_function([](const Tensor& row) { return Tensor::scalar(row.shape()[0]); });
    const auto padded = [](const Input& group, std::int64_t least) {
      for (const auto& number : group) least = std::max(least, *number % 5 + 1);
      std::string text = "int64(" + std::to_string(group.size()) + "," + std::to_string(least) + ")[";
      for (std::size_t row = 0; row < group.size(); ++row) {
        for (std::int64_t i = 0; i < least; ++i)
          text += (row + static_cast<std::size_t>(i) > 0 ? " " : "") +
                  std::to_string(i <= *group[row] % 5 ? *group[row] : 0);
      }
      return text + "]";
    };
    const auto model = [padded](bool drop, std::int64_t tokens, bool to_boundary) {
      return [=](const Input& input) {
        std::vector<std::string> all;
        std::map<int, Input> groups;
        const std::size_t sizes[] = {2, 3};
        for (const auto& number : input) {
          if (!number) {
            all.push_back("!");
            continue;
          }
          const std::int64_t here = *number % 5 + 1;
          const int bucket = here >= 3;
          Input& group = groups[bucket];
          std::int64_t longest = here;
          for (const auto& other : group) longest = std::max(longest, *other % 5 + 1);
          if (tokens && static_cast<std::int64_t>(group.size() + 1) * longest > tokens && !group.empty()) {
            all.push_back(padded(group, 0));
            group.clear();
          }
          group.push_back(number);
          if (!tokens && group.size() == sizes[bucket]) {
            all.push_back(padded(group, to_boundary ? (bucket ? 5 : 2) : 0));
            group.clear();
          }
        }
        for (const auto& [bucket, group] : groups) {
          if (!group.empty() && !drop) all.push_back(padded(group, to_boundary ? (bucket ? 5 : 2) : 0));
        }
        return all;
      };
    };
    const auto bucketed = [=](BucketBySequenceLength stage) {
      stage.element_length_func = length;
      return [=](const Dataset& upstream) { return upstream | rows | stage; };
    };
    const auto where_they_lie = [](BucketBySequenceLength stage) {
      stage.element_length_func = make_length_function();
      return [=](const Dataset& upstream) { return lying(upstream, 5, 1) | Skip{0} | stage; };
    };
    const Element sizes = Tensor::of<std::int64_t>({2, 3});
    return {
        {"rows where they lie, bucket_by_sequence_length",
         where_they_lie({.bucket_boundaries = Tensor::of<std::int64_t>({3}), .bucket_batch_sizes = sizes}),
         model(false, 0, false), false, false},
        {"rows where they lie, bucket_by_sequence_length(tokens)",
         where_they_lie({.bucket_boundaries = Tensor::of<std::int64_t>({3}), .tokens_per_batch = 8}),
         model(false, 8, false), false, false},
        {"bucket_by_sequence_length",
         bucketed({.bucket_boundaries = Tensor::of<std::int64_t>({3}), .bucket_batch_sizes = sizes}),
         model(false, 0, false)},
        {"bucket_by_sequence_length(drop)",
         bucketed(
             {.bucket_boundaries = Tensor::of<std::int64_t>({3}), .bucket_batch_sizes = sizes, .drop_remainder = true}),
         model(true, 0, false)},
        {"bucket_by_sequence_length(tokens)",
         bucketed({.bucket_boundaries = Tensor::of<std::int64_t>({3}), .tokens_per_batch = 8}), model(false, 8, false)},
        {"bucket_by_sequence_length(boundary)",
         bucketed({.bucket_boundaries = Tensor::of<std::int64_t>({3, 6}),
                   .bucket_batch_sizes = Element(Tensor::of<std::int64_t>({2, 3, 1})),
                   .padded_shapes = Shapes(Shape{-1}),
                   .pad_to_bucket_boundary = true}),
         model(false, 0, true)}};
  }
};

template <>
struct Cases<Window> {
  static std::vector<Case> make() {
    const auto tested = [](const Window& window) {
      const auto model = [window](const Input& input) {
        std::vector<std::string> all;
        const auto n = static_cast<std::int64_t>(input.size());
        for (std::int64_t start = 0; start < n; start += window.shift.value_or(window.size)) {
          std::string rows = "<";
          std::int64_t count = 0;
          for (std::int64_t i = start; i < n && count < window.size; i += window.stride, ++count)
            rows += show_or_error(input[static_cast<std::size_t>(i)]) + ";";
          if (count == window.size || !window.drop_remainder) all.push_back(rows + ">");
        }
        return all;
      };
      return Case{"window(" + std::to_string(window.size) + ", " + std::to_string(window.shift.value_or(0)) + ", " +
                      std::to_string(window.stride) + (window.drop_remainder ? ", drop)" : ")"),
                  with(window), model};
    };
    return {tested({.size = 3}),
            tested({.size = 3, .shift = 1}),
            tested({.size = 2, .shift = 5}),
            tested({.size = 3, .shift = 2, .stride = 2}),
            tested({.size = 3, .shift = 1, .stride = 2, .drop_remainder = true}),
            tested({.size = 100})};
  }
};

}  // namespace headrace::contract
