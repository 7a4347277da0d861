#include <headrace/pipeline/random_source.hpp>

#include <headrace/pipeline/node.hpp>
#include <headrace/pipeline/random.hpp>
#include <headrace/pipeline/run.hpp>

namespace headrace {

namespace {

class RandomNode final : public Node {
 public:
  RandomNode(std::optional<std::int64_t> seed, bool rerandomize) : Node({}), rerandomize_(rerandomize) {
    use_seed(seed);
  }
  Access access() const override { return Access::random; }
  std::int64_t cardinality() const override { return kInfinite; }
  std::optional<Spec> spec() const override { return Spec{Structure::leaf(), {{int64, {}}}}; }

 protected:
  Rows do_gather(const Context& context, const Positions& positions) const override {
    const std::uint64_t key = random_key(context.run.seed(*this), Random::name, rerandomize_ ? context.epoch : 0);
    Tensor column = Tensor::empty(int64, {positions.count});
    std::int64_t* const values = column.mutable_values<std::int64_t>().data();
    for (std::int64_t i = 0; i < positions.count; ++i)
      values[i] = static_cast<std::int64_t>(mix(key, static_cast<std::uint64_t>(positions[i])) >> 32);
    return Rows::of_columns(Structure::leaf(), {std::move(column)}, positions.count);
  }

 private:
  bool rerandomize_;
};

}  // namespace

Dataset Random::operator()() const {
  return Dataset(std::make_shared<RandomNode>(seed, rerandomize_each_iteration.value_or(false)));
}

}  // namespace headrace
