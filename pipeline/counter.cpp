#include <headrace/pipeline/counter.hpp>

#include <utility>

#include <headrace/pipeline/node.hpp>

namespace headrace {

namespace {

template <class T>
class CounterNode final : public Node {
 public:
  CounterNode(std::int64_t start, std::int64_t step) : Node({}), start_(start), step_(step) {}
  Access access() const override { return Access::random; }
  std::int64_t cardinality() const override { return kInfinite; }
  std::optional<Spec> spec() const override { return Spec{Structure::leaf(), {{dtype_of<T>(), {}}}}; }

 protected:
  Rows do_gather(const Context&, const Positions& positions) const override {
    Tensor column = Tensor::empty(dtype_of<T>(), {positions.count});
    T* const values = column.mutable_values<T>().data();
    for (std::int64_t i = 0; i < positions.count; ++i) values[i] = number(positions[i]);
    return Rows::of_columns(Structure::leaf(), {std::move(column)}, positions.count);
  }

 private:
  T number(std::int64_t position) const {
    if constexpr (std::is_floating_point_v<T>) {
      return static_cast<T>(static_cast<double>(start_) + static_cast<double>(position) * static_cast<double>(step_));
    } else {  // modulo 2**64, and so modulo what T holds
      const auto start = static_cast<std::uint64_t>(start_), step = static_cast<std::uint64_t>(step_);
      return static_cast<T>(start + static_cast<std::uint64_t>(position) * step);
    }
  }

  std::int64_t start_, step_;
};

template <class T>
void require_fit(const char* option, std::int64_t value) {
  if constexpr (!std::is_floating_point_v<T>) {
    require(std::in_range<T>(value), Counter::name, option, " must fit ", dtype_of<T>().name(), ", got ", value);
  }
}

template <class T>
std::shared_ptr<Node> make(const Counter& counter) {
  require_fit<T>("start", counter.start);
  if constexpr (std::is_signed_v<T>) require_fit<T>("step", counter.step);  // backwards in unsigned ones wraps around
  return std::make_shared<CounterNode<T>>(counter.start, counter.step);
}

template <class... T>
std::shared_ptr<Node> make_any(const Counter& counter) {
  std::shared_ptr<Node> made;
  ((counter.dtype == dtype_of<T>() && (made = make<T>(counter))), ...);
  return made;
}

}  // namespace

Dataset Counter::operator()() const {
  auto node = make_any<std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t,
                       std::uint32_t, std::uint64_t, float, double>(*this);
  require<TypeError>(node != nullptr, name, "dtype must be int8 to uint64, float32 or float64, got ",
                     dtype ? dtype.name() : "none", "; map() converts to others");
  return Dataset(std::move(node));
}

}  // namespace headrace
