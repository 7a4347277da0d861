#include <headrace/tensor/broadcast.hpp>

#include <headrace/tensor/copy_kernels.hpp>
#include <headrace/tensor/error.hpp>
#include <headrace/tensor/pool.hpp>
#include <headrace/tensor/walk.hpp>

namespace headrace::detail {
namespace {

constexpr int kMostInputs = 3;
constexpr std::int64_t kBlock = 1024;  // items that are cast at a time

using Inputs = std::array<const std::byte*, kMostInputs>;
using InputAxes = Axes<kMostInputs>;

/// One call, ready to run on any part of its items.
struct Job {
  Loop loop;
  std::int64_t itemsize;  // of the result
  std::byte* out;
  Inputs bases{};
  InputAxes axes;
  std::array<Loop, kMostInputs> casts{};
  std::array<std::int64_t, kMostInputs> itemsizes{};
  bool direct = true;  // nothing is cast

  void run(std::int64_t begin, std::int64_t end) const;

 private:
  void run_cast(std::byte* to, const Inputs& from, const InputAxes::Steps& steps, std::int64_t count) const;
};

void Job::run(std::int64_t begin, std::int64_t end) const {
  if (direct && begin == 0 && end == axes.run()) return loop(out, bases.data(), axes.steps().data(), end);
  Walk<kMostInputs> walk(axes, bases, begin);
  const InputAxes::Steps steps = axes.steps();
  while (begin < end) {
    const std::int64_t count = std::min(walk.left(), end - begin);
    if (direct) {
      loop(out + begin * itemsize, walk.places().data(), steps.data(), count);
    } else {
      run_cast(out + begin * itemsize, walk.places(), steps, count);
    }
    begin += count;
    if (begin < end) walk.advance(count);
  }
}

void Job::run_cast(std::byte* to, const Inputs& from, const InputAxes::Steps& steps, std::int64_t count) const {
  alignas(64) std::byte blocks[kMostInputs][kBlock * 8];
  for (std::int64_t done = 0; done < count; done += kBlock) {
    const std::int64_t size = std::min(kBlock, count - done);
    Inputs places{};
    InputAxes::Steps block_steps = steps;
    for (int i = 0; i < kMostInputs; ++i) {
      places[i] = from[i] + done * steps[i];
      if (!casts[i]) continue;
      const bool stands = steps[i] == 0;
      casts[i](blocks[i], &places[i], &steps[i], stands ? 1 : size);
      places[i] = blocks[i];
      block_steps[i] = stands ? 0 : itemsizes[i];
    }
    loop(to + done * itemsize, places.data(), block_steps.data(), size);
  }
}

}  // namespace

Argument::Argument(std::string_view stage, const ops::Operand& operand, DType wanted)
    : tensor_(operand.tensor()), itemsize_(wanted.itemsize()) {
  if (!tensor_) {
    operand.number().store(stage, wanted, item_);
  } else if (tensor_->dtype() != wanted) {
    cast_ = cast_loops[column(wanted)][column(tensor_->dtype())].pick();
  }
}

const Shape& Argument::shape() const {
  static const Shape scalar;
  return tensor_ ? tensor_->shape() : scalar;
}

std::int64_t Argument::step(int back) const {
  const int axis = shape().size() - 1 - back;
  return axis < 0 || tensor_->shape()[axis] == 1 ? 0 : tensor_->strides()[axis];
}

Shape broadcast_shape(std::string_view stage, std::span<const Argument* const> arguments) {
  const Argument* longest = arguments[0];
  for (const Argument* argument : arguments)
    if (argument->shape().size() > longest->shape().size()) longest = argument;
  Shape result = longest->shape();
  bool fits = result.size() <= kMostAxes;
  for (const Argument* argument : arguments) {
    const Shape& shape = argument->shape();
    const int missing = result.size() - shape.size();
    for (int axis = 0; axis < shape.size(); ++axis) {
      std::int64_t& size = result[missing + axis];
      if (size == 1) size = shape[axis];
      fits &= shape[axis] == size || shape[axis] == 1;
    }
  }
  if (fits) return result;
  std::string shapes;
  for (const Argument* argument : arguments) shapes += (shapes.empty() ? "" : " and ") + to_string(argument->shape());
  throw ValueError(sentence(stage, "shapes must agree from the last axis on, or have size 1 there (at most ", kMostAxes,
                            " axes), got ", shapes));
}

Tensor broadcast(std::string_view stage, Loop loop, DType result, std::span<const Argument* const> arguments,
                 int weight) {
  Job job;
  const Shape shape = broadcast_shape(stage, arguments);
  Tensor tensor = Tensor::empty(result, shape);
  job.loop = loop;
  job.out = tensor.mutable_data();
  job.itemsize = result.itemsize();
  std::int64_t bytes = job.itemsize;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    job.bases[i] = arguments[i]->data();
    job.casts[i] = arguments[i]->cast();
    job.itemsizes[i] = arguments[i]->itemsize();
    job.direct &= !job.casts[i];
    bytes += job.itemsizes[i];
  }
  for (int back = 0; back < shape.size(); ++back) {
    InputAxes::Steps steps{};
    for (std::size_t i = 0; i < arguments.size(); ++i) steps[i] = arguments[i]->step(back);
    job.axes.add(shape[shape.size() - 1 - back], steps);
  }
  const std::int64_t size = job.axes.size();
  if (size == 0) return tensor;
  bytes *= weight;
  if (size < kParallelBytes / bytes) {
    job.run(0, size);
  } else {
    pool::parallel_for(size, kPieceBytes / bytes,
                       [&job](std::int64_t begin, std::int64_t end) { job.run(begin, end); });
  }
  return tensor;
}

}  // namespace headrace::detail
