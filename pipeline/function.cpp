#include <headrace/pipeline/function.hpp>

#include <headrace/pipeline/held_dataset.hpp>
#include <headrace/pipeline/node.hpp>
#include <headrace/pipeline/random.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

void Function::call_rows(const Call& call, const RowView& rows, RowsBuilder& out) const {
  for (std::int64_t row = 0; row < rows.count; ++row) {
    out.set_origin(row);
    if (const FailurePtr& failure = rows.failure(row)) {
      out.append_failure(failure);
      continue;
    }
    try {
      out.append((*this)(rows.element(row)));
    } catch (...) {
      out.append_failure(capture_failure(call.node, call.positions[row]));
    }
  }
}

std::vector<Tensor> Function::block(const std::vector<Tensor>&) const {
  throw StateError("[function] has no block form");
}

void Function::fill(const Element& element, std::span<const Tensor> to) const {
  const Element result = (*this)(element);
  for (std::size_t i = 0; i < to.size(); ++i) copy(result.components[i], to[i]);
}

std::optional<Spec> Function::result_spec(const Spec&) const { return std::nullopt; }

FunctionPtr Function::seeded(std::int64_t) const {
  throw TypeError(sentence("function", name(), " takes no randomness; wrap it in make_random_function"));
}

namespace {

class ElementFunction final : public Function {
 public:
  ElementFunction(std::function<Element(const Element&)> function, std::string name)
      : function_(std::move(function)), name_(std::move(name)) {}
  Element operator()(const Element& element) const override { return function_(element); }
  std::string name() const override { return name_; }

 private:
  std::function<Element(const Element&)> function_;
  std::string name_;
};

class LengthFunction final : public Function {
 public:
  bool is_length() const override { return true; }
  Element operator()(const Element& element) const override {
    const Shape& shape = element.tensor().shape();
    require<TypeError>(shape.size() > 0, "function", "length is of an array, got a scalar");
    return Tensor::scalar(shape[0]);
  }
  std::string name() const override { return "length"; }
};

/// Rows of one component are handed over as views that are moved along, not made anew.
class TensorFunction final : public Function {
 public:
  TensorFunction(std::function<Element(const Tensor&)> call, std::function<void(const Tensor&, RowsBuilder&)> append,
                 std::string name)
      : call_(std::move(call)), append_(std::move(append)), name_(std::move(name)) {}
  Element operator()(const Element& element) const override { return call_(element.tensor()); }
  std::string name() const override { return name_; }

  void call_rows(const Call& call, const RowView& rows, RowsBuilder& out) const override {
    if (!rows.rows->stacked || rows.has_failures() || rows.rows->columns.size() != 1 || rows.count == 0) {
      Function::call_rows(call, rows, out);
      return;
    }
    const Tensor column = rows.column(0);
    Tensor row = column.row(0);
    for (std::int64_t i = 0; i < rows.count; ++i) {
      row.set_data(column.mutable_data() + i * column.strides()[0]);
      out.set_origin(i);
      try {
        append_(row, out);
      } catch (...) {
        out.append_failure(capture_failure(call.node, call.positions[i]));
      }
    }
  }

 private:
  std::function<Element(const Tensor&)> call_;
  std::function<void(const Tensor&, RowsBuilder&)> append_;
  std::string name_;
};

class BlockFunction final : public Function {
 public:
  BlockFunction(std::function<Tensor(const Tensor&)> function, std::string name)
      : function_(std::move(function)), name_(std::move(name)) {}
  Element operator()(const Element& element) const override {
    return function_(element.tensor().with_leading_axis()).row(0);
  }
  std::string name() const override { return name_; }
  bool has_block() const override { return true; }
  std::vector<Tensor> block(const std::vector<Tensor>& columns) const override {
    require<TypeError>(columns.size() == 1, "function", "a block function takes elements of one component, got ",
                       columns.size());
    Tensor result = function_(columns.front());
    require(result.ndim() > 0 && result.shape()[0] == columns.front().shape()[0], "function",
            "a block function must return as many rows as it got, ", columns.front().shape()[0], ", got shape ",
            to_string(result.shape()));
    return {std::move(result)};
  }

 private:
  std::function<Tensor(const Tensor&)> function_;
  std::string name_;
};

}  // namespace

Element detail::dataset_element(Dataset dataset) { return {held_dataset(std::move(dataset)), {}}; }

namespace {

using KeyedFunction = std::function<Element(const Element&, std::uint64_t key)>;

class RandomFunction final : public Function {
 public:
  RandomFunction(KeyedFunction function, std::string name, std::optional<std::int64_t> seed)
      : function_(std::move(function)), name_(std::move(name)), seed_(seed) {}
  Element operator()(const Element&) const override {
    throw TypeError(sentence("function", name_, " takes a key; give map a seed"));
  }
  FunctionPtr seeded(std::int64_t seed) const override {
    return std::make_shared<RandomFunction>(function_, name_, seed);
  }
  std::string name() const override { return name_; }

  void call_rows(const Call& call, const RowView& rows, RowsBuilder& out) const override {
    if (!seed_) {
      Function::call_rows(call, rows, out);
      return;
    }
    const std::uint64_t key = random_key(*seed_, "map", call.epoch);
    for (std::int64_t row = 0; row < rows.count; ++row) {
      if (const FailurePtr& failure = rows.failure(row)) {
        out.append_failure(failure);
        continue;
      }
      try {
        Element pair = rows.element(row);
        const auto position = static_cast<std::uint64_t>(pair.components[0].item<std::int64_t>());
        pair.components.erase(pair.components.begin());
        out.append(function_(Element(pair.structure->children()[1], std::move(pair.components)), mix(key, position)));
      } catch (...) {
        out.append_failure(capture_failure(call.node, call.positions[row]));
      }
    }
  }

 private:
  KeyedFunction function_;
  std::string name_;
  std::optional<std::int64_t> seed_;
};

}  // namespace

FunctionPtr make_random_function(KeyedFunction function, std::string name) {
  return std::make_shared<RandomFunction>(std::move(function), std::move(name), std::nullopt);
}
FunctionPtr detail::make_element_function(std::function<Element(const Element&)> call, std::string name) {
  return std::make_shared<ElementFunction>(std::move(call), std::move(name));
}
FunctionPtr detail::make_tensor_function(std::function<Element(const Tensor&)> call,
                                         std::function<void(const Tensor&, RowsBuilder&)> append, std::string name) {
  return std::make_shared<TensorFunction>(std::move(call), std::move(append), std::move(name));
}
FunctionPtr make_length_function() { return std::make_shared<LengthFunction>(); }

FunctionPtr make_block_function(std::function<Tensor(const Tensor&)> function, std::string name) {
  return std::make_shared<BlockFunction>(std::move(function), std::move(name));
}

}  // namespace headrace
