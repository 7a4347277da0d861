// The cases of the stages that make elements of several rows, besides batch.
#pragma once

#include <headrace/tensor/compound.hpp>

#include "cases.hpp"

namespace headrace::contract {

/// Number i as a row of i % 4 times i: [], [1], [2 2], [3 3 3], [], [5] ...
inline Dataset grown(const Dataset& upstream) {
  return upstream | map([](const Tensor& tensor) {
           const auto number = tensor.item<std::int64_t>();
           return Tensor::copy_of<std::int64_t>(
               std::vector<std::int64_t>(static_cast<std::size_t>(number % 4), number));
         });
}

inline std::string show_numbers(const std::vector<std::string>& sizes, const std::vector<std::int64_t>& numbers) {
  std::string text = "int64(";
  for (const auto& size : sizes) text += size + ",";
  text.back() = ')';
  text += "[";
  for (const auto number : numbers) text += std::to_string(number) + " ";
  if (!numbers.empty()) text.pop_back();
  return text + "]";
}

/// What a group of rows becomes; "!" where one of them is an error.
using Group = std::vector<std::int64_t>;
template <class F>
std::vector<std::string> groups(const Input& input, std::size_t size, bool drop, const F& show_group) {
  std::vector<std::string> all;
  for (std::size_t begin = 0; begin < input.size(); begin += size) {
    const std::size_t end = std::min(begin + size, input.size());
    if (drop && end - begin < size) break;
    Group group;
    for (std::size_t i = begin; i < end; ++i) {
      if (input[i]) group.push_back(*input[i]);
    }
    all.push_back(group.size() == end - begin ? show_group(group) : "!");
  }
  return all;
}

inline std::string padded(const Group& group, std::int64_t least, std::int64_t filling) {
  std::int64_t width = least;
  for (const auto number : group) width = std::max(width, number % 4);
  std::vector<std::int64_t> items;
  for (const auto number : group) {
    for (std::int64_t i = 0; i < width; ++i) items.push_back(i < number % 4 ? number : filling);
  }
  return show_numbers({std::to_string(group.size()), std::to_string(width)}, items);
}

inline std::string ragged(const Group& group) {
  std::vector<std::int64_t> items, splits{0};
  for (const auto number : group) {
    items.insert(items.end(), static_cast<std::size_t>(number % 4), number);
    splits.push_back(static_cast<std::int64_t>(items.size()));
  }
  return "('values': " + show_numbers({std::to_string(items.size())}, items) +
         ", 'row_splits': " + show_numbers({std::to_string(splits.size())}, splits) + ")";
}

inline std::string sparse(const Group& group, std::int64_t least) {
  std::vector<std::int64_t> indices, items;
  std::int64_t width = least;
  for (std::size_t row = 0; row < group.size(); ++row) {
    width = std::max(width, group[row] % 4);
    for (std::int64_t i = 0; i < group[row] % 4; ++i) {
      indices.insert(indices.end(), {static_cast<std::int64_t>(row), i});
      items.push_back(group[row]);
    }
  }
  const std::string n = std::to_string(items.size());
  return "('indices': " + show_numbers({n, "2"}, indices) + ", 'values': " + show_numbers({n}, items) +
         ", 'dense_shape': " + show_numbers({"2"}, {static_cast<std::int64_t>(group.size()), width}) + ")";
}

/// Rows as SparseTensors of four places, whose first items are given.
inline Dataset as_sparse(const Dataset& rows) {
  return rows | map([](const Element& element) -> Element {
           const Tensor& row = element.tensor();
           std::vector<std::int64_t> places(static_cast<std::size_t>(row.size()));
           for (std::size_t i = 0; i < places.size(); ++i) places[i] = static_cast<std::int64_t>(i);
           return SparseTensor(Tensor::copy_of<std::int64_t>(places).reshape({row.size(), 1}), row,
                               Tensor::of<std::int64_t>({4}));
         });
}

template <class S>
auto grown_with(S stage) {
  return [stage](const Dataset& upstream) { return grown(upstream) | stage; };
}

/// Rows of number % unequal + shortest times each number, in one RaggedTensor, read where they lie.
inline Dataset lying(const Dataset& upstream, std::int64_t unequal = 4, std::int64_t shortest = 0) {
  std::vector<std::int64_t> items, splits{0};
  Iterator iterator = upstream.iterate(0);
  while (const auto element = iterator.next()) {
    const auto number = element->tensor().item<std::int64_t>();
    items.insert(items.end(), static_cast<std::size_t>(number % unequal + shortest), number);
    splits.push_back(static_cast<std::int64_t>(items.size()));
  }
  return from_tensor_slices(RaggedTensor(Tensor::copy_of<std::int64_t>(items), Tensor::copy_of<std::int64_t>(splits)));
}

template <>
struct Cases<PaddedBatch> {
  static std::vector<Case> make() {
    const auto model = [](std::size_t size, bool drop, std::int64_t least, std::int64_t filling) {
      return [=](const Input& input) {
        return groups(input, size, drop, [&](const Group& group) { return padded(group, least, filling); });
      };
    };
    return {{"padded_batch(3)", grown_with(PaddedBatch{3}), model(3, false, 0, 0)},
            {"padded_batch(3, [5], -1, drop)",
             grown_with(PaddedBatch{3, Shapes(Shape{5}), Element(Tensor::scalar<std::int64_t>(-1)), true}),
             model(3, true, 5, -1)},
            {"padded_batch(100)", grown_with(PaddedBatch{100}), model(100, false, 0, 0)},
            {"padded_batch(4) of equal rows", with(PaddedBatch{4}),
             [](const Input& input) { return batches(input, 4, false); }},
            {"rows where they lie, padded_batch(3)",
             [](const Dataset& upstream) { return lying(upstream) | Skip{0} | PaddedBatch{3}; }, model(3, false, 0, 0),
             false, false}};
  }
};

template <>
struct Cases<RaggedBatch> {
  static std::vector<Case> make() {
    const auto model = [](std::size_t size, bool drop) {
      return [=](const Input& input) { return groups(input, size, drop, ragged); };
    };
    return {{"ragged_batch(3)", grown_with(RaggedBatch{3}), model(3, false)},
            {"ragged_batch(3, drop)", grown_with(RaggedBatch{3, true}), model(3, true)},
            {"rows where they lie, ragged_batch(3)",
             [](const Dataset& upstream) { return lying(upstream) | Skip{0} | RaggedBatch{3}; }, model(3, false), false,
             false},
            {"ragged_batch(4) of equal rows", with(RaggedBatch{4}),
             [](const Input& input) { return batches(input, 4, false); }}};
  }
};

template <>
struct Cases<SparseBatch> {
  static std::vector<Case> make() {
    const auto model = [](std::size_t size, std::int64_t least) {
      return [=](const Input& input) {
        return groups(input, size, false, [&](const Group& group) { return sparse(group, least); });
      };
    };
    return {{"sparse_batch(3, [4])", grown_with(SparseBatch{3, Shapes(Shape{4})}), model(3, 4)},
            {"sparse_batch(5, [None])", grown_with(SparseBatch{5, Shapes(Shape{-1})}), model(5, 0)},
            {"batch(3) of SparseTensors", [](const Dataset& upstream) { return as_sparse(grown(upstream)) | Batch{3}; },
             model(3, 4)},
            // On random access each row of a failed batch is a position of its own, so errors are left out.
            {"sparse_batch(5, [4]).unbatch().batch(3)",
             [](const Dataset& upstream) {
               return grown(upstream) | SparseBatch{5, Shapes(Shape{4})} | Unbatch{} | Batch{3};
             },
             model(3, 4), false, false},
            {"sparse_batch(5, [4]).rebatch(3)",
             [](const Dataset& upstream) {
               return grown(upstream) | SparseBatch{5, Shapes(Shape{4})} | Rebatch{3};
             },
             model(3, 4), false, false}};
  }
};

template <>
struct Cases<Rebatch> {
  static std::vector<Case> make() {
    // As batch(size), but where one of `inner` rows that came together fails, all of them do, or one in their place.
    const auto rebatched = [](std::size_t inner, std::size_t size, bool drop) {
      return [=](const Input& input) {
        Input rows;
        for (std::size_t begin = 0; begin < input.size(); begin += inner) {
          const auto first = input.begin() + static_cast<std::ptrdiff_t>(begin);
          const auto last = input.begin() + static_cast<std::ptrdiff_t>(std::min(begin + inner, input.size()));
          if (std::all_of(first, last, [](const auto& number) { return number.has_value(); }))
            rows.insert(rows.end(), first, last);
          else
            rows.push_back(std::nullopt);
        }
        return batches(rows, size, drop);
      };
    };
    const auto stage = [](std::int64_t inner, Rebatch rebatch) {
      return [=](const Dataset& upstream) { return upstream | Batch{inner} | rebatch; };
    };
    const auto streamed = [](std::int64_t inner, Rebatch rebatch) {
      return [=](const Dataset& upstream) {
        return upstream | Batch{inner} | filter([](const Tensor&) { return true; }) | rebatch;
      };
    };
    // On random access each row of a failed batch is a position of its own, so errors are tested on streams only.
    return {{"batch(4).rebatch(3)", stage(4, Rebatch{3}), rebatched(4, 3, false), false, false},
            {"batch(2).rebatch(5, drop)", stage(2, Rebatch{5, true}), rebatched(2, 5, true), false, false},
            {"batch(6).rebatch(2)", stage(6, Rebatch{2}), rebatched(6, 2, false), false, false},
            {"batch(4).filter().rebatch(3)", streamed(4, Rebatch{3}), rebatched(4, 3, false)},
            {"batch(2).filter().rebatch(5, drop)", streamed(2, Rebatch{5, true}), rebatched(2, 5, true)}};
  }
};

}  // namespace headrace::contract
