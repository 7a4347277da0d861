#include <headrace/io/operation.hpp>

#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

/// The tensor itself, or the first of a plain tuple: only there is "the others" clear.
bool takes(const Structure& structure) {
  if (structure.kind() == Structure::Kind::leaf) return true;
  return structure.kind() == Structure::Kind::tuple && !structure.children().empty() &&
         structure.children().front()->kind() == Structure::Kind::leaf;
}

class OperationFunction final : public Function {
 public:
  OperationFunction(std::function<Tensor(const Tensor&)> call, std::function<void(const Tensor&, const Tensor&)> fill,
                    std::function<std::optional<TensorSpec>(const TensorSpec&)> spec, std::string_view name,
                    std::string text)
      : call_(std::move(call)),
        fill_(std::move(fill)),
        spec_(std::move(spec)),
        operation_(name),
        name_(std::move(text)) {}

  Element operator()(const Element& element) const override {
    check(element);
    Element result(element.structure, element.components);
    result.components.front() = call_(element.components.front());
    return result;
  }

  bool fills() const override { return true; }
  void fill(const Element& element, std::span<const Tensor> to) const override {
    check(element);
    fill_(element.components.front(), to.front());
    for (std::size_t i = 1; i < to.size(); ++i) copy(element.components[i], to[i]);
  }

  std::optional<Spec> result_spec(const Spec& argument) const override {
    if (!takes(*argument.structure)) return std::nullopt;
    const auto first = spec_(argument.components.front());
    if (!first) return std::nullopt;
    Spec result = argument;
    result.components.front() = *first;
    return result;
  }

  std::string name() const override { return name_; }

 private:
  void check(const Element& element) const {
    require<TypeError>(takes(*element.structure), operation_,
                       "an element must be a tensor or a tuple that begins with one, got ",
                       element.structure->to_string(), "; call it in a function of the element");
  }

  std::function<Tensor(const Tensor&)> call_;
  std::function<void(const Tensor&, const Tensor&)> fill_;
  std::function<std::optional<TensorSpec>(const TensorSpec&)> spec_;
  std::string operation_, name_;
};

}  // namespace

FunctionPtr detail::make_operation(std::function<Tensor(const Tensor&)> call,
                                   std::function<void(const Tensor&, const Tensor&)> fill,
                                   std::function<std::optional<TensorSpec>(const TensorSpec&)> spec,
                                   std::string_view name, std::string text) {
  return std::make_shared<OperationFunction>(std::move(call), std::move(fill), std::move(spec), name, std::move(text));
}

}  // namespace headrace
