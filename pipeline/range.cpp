#include <headrace/pipeline/range.hpp>

#include <headrace/pipeline/node.hpp>

namespace headrace {

namespace {

__extension__ typedef __int128 Wide;

class RangeNode final : public Node {
 public:
  RangeNode(std::int64_t start, std::int64_t step, std::int64_t n) : Node({}), start_(start), step_(step), n_(n) {}
  Access access() const override { return Access::random; }
  std::int64_t cardinality() const override { return n_; }
  std::optional<Spec> spec() const override { return Spec{Structure::leaf(), {{int64, {}}}}; }

 protected:
  Rows do_gather(const Context&, const Positions& positions) const override {
    Tensor column = Tensor::empty(int64, {positions.count});
    std::int64_t* const values = column.mutable_values<std::int64_t>().data();
    for (std::int64_t i = 0; i < positions.count; ++i) values[i] = start_ + positions[i] * step_;
    return Rows::of_columns(Structure::leaf(), {std::move(column)}, positions.count);
  }

 private:
  std::int64_t start_, step_, n_;
};

}  // namespace

Dataset Range::operator()() const {
  require(step != 0, name, "step must not be 0, got 0");
  const std::int64_t first = stop ? start : 0;
  const std::int64_t last = stop ? *stop : start;
  const Wide span = step > 0 ? static_cast<Wide>(last) - first : static_cast<Wide>(first) - last;
  const Wide pace = step > 0 ? static_cast<Wide>(step) : -static_cast<Wide>(step);
  const Wide n = span <= 0 ? 0 : (span + pace - 1) / pace;
  require(n <= INT64_MAX, name, "it must have at most 2**63 - 1 numbers, got more; take a larger step");
  return Dataset(std::make_shared<RangeNode>(first, step, static_cast<std::int64_t>(n)));
}

}  // namespace headrace
