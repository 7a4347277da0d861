#include <gtest/gtest.h>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/stages.hpp>

namespace headrace {
namespace {

template <class E>
std::string message(const std::function<void()>& call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  }
  return "nothing was thrown";
}

Dataset stream(std::int64_t n) {
  return range(n) | filter([](const Tensor&) { return true; });
}

TEST(Errors, ComeAtTheLineThatAttachesTheStage) {
  EXPECT_EQ(message<ValueError>([] { range(3) | Batch{0}; }), "[batch] batch_size must be >= 1, got 0");
  EXPECT_EQ(message<ValueError>([] { range(3) | Shard{3, 3}; }), "[shard] index must be within [0, 3), got 3");
  EXPECT_EQ(message<ValueError>([] { range(0, 3, 0); }), "[range] step must not be 0, got 0");
  EXPECT_EQ(message<ValueError>([] { from_tensor_slices(Tensor::scalar(1.0)); }),
            "[from_tensor_slices] every array must have a first axis to slice, got the array of shape (); use "
            "from_tensors for whole values");
  EXPECT_EQ(message<ValueError>([] {
              from_tensor_slices(Element(Structure::tuple({Structure::leaf(), Structure::leaf()}),
                                         {Tensor::zeros(int64, {3}), Tensor::zeros(int64, {4, 2})}));
            }),
            "[from_tensor_slices] all arrays must have the same first size, got component [0] of shape (3,) and "
            "component [1] of shape (4, 2)");
  EXPECT_EQ(message<TypeError>([] { range(3) | Concatenate{from_tensors(Tensor::scalar(1.0))}; }),
            "[concatenate] both datasets must have elements of one structure, dtype and rank, got int64() and "
            "float64(); make them equal with map");
  EXPECT_NE(message<ValueError>([] {
              range(3) | Shuffle{} | Shard{2, 0};
            }).find("num_shards must be 1 downstream of shuffle() without a seed"),
            std::string::npos);
  EXPECT_NE(message<ValueError>([] { range(3) | Unbatch{}; }).find("every component must have a first axis"),
            std::string::npos);
}

TEST(Errors, OfUnequalShapesNameTheElement) {
  const auto uneven = [](const Tensor& tensor) {
    return Tensor::zeros(float32, {28, tensor.item<std::int64_t>() == 17 ? 27 : 28});
  };
  for (const Dataset& upstream : {range(32), stream(32)}) {
    Iterator iterator = (upstream | map(uneven) | Batch{32}).iterate(0);
    EXPECT_EQ(message<ValueError>([&] { iterator.next(); }),
              "[batch] element 17 has shape (28, 27), the batch began with (28, 28); make them equal in map, or use "
              "padded_batch or ragged_batch");
  }
}

TEST(Errors, OfAFunctionComeInPlaceOnceAndTheRestFollows) {
  const auto fails_at_5 = [](const Tensor& tensor) {
    if (tensor.item<std::int64_t>() == 5) throw std::out_of_range("five");
    return tensor;
  };
  for (const std::int64_t threads : {1, 2, 8}) {
    Iterator iterator = (range(10) | map(fails_at_5) | WithOptions{.threads = threads}).iterate(0);
    for (std::int64_t i = 0; i < 5; ++i) EXPECT_EQ(iterator.next()->tensor().item<std::int64_t>(), i);
    EXPECT_EQ(message<std::out_of_range>([&] { iterator.next(); }), "five");
    ASSERT_EQ(iterator.last_notes().size(), 1u);
    EXPECT_EQ(iterator.last_notes()[0], "[map] element 5");
    const std::string state = iterator.state();
    EXPECT_EQ(iterator.next()->tensor().item<std::int64_t>(), 6);
    iterator.load_state(state);
    EXPECT_EQ(iterator.next()->tensor().item<std::int64_t>(), 6);
  }
}

TEST(Errors, InOneRowFailItsBatchAloneAndAreAccountedFor) {
  const auto fails_at_5 = [](const Tensor& tensor) {
    if (tensor.item<std::int64_t>() == 5) throw std::out_of_range("five");
    return tensor;
  };
  for (const Dataset& upstream : {range(12), stream(12)}) {
    Iterator iterator = (upstream | map(fails_at_5) | Batch{4}).iterate(0);
    EXPECT_EQ(iterator.next()->tensor().values<std::int64_t>()[0], 0);
    EXPECT_THROW(iterator.next(), std::out_of_range);
    EXPECT_EQ(iterator.next()->tensor().values<std::int64_t>()[0], 8);
    const auto stats = iterator.stats();
    const Account& batch = stats[0].account;
    const Account& map = stats[1].account;
    EXPECT_EQ(batch.in, 12);
    EXPECT_EQ(batch.used, 8);
    EXPECT_EQ(batch.failed, 1);
    EXPECT_EQ(batch.dropped, 3);
    EXPECT_EQ(batch.outputs, 2);
    EXPECT_EQ(map.in, 12);
    EXPECT_EQ(map.failed, 1);
    EXPECT_EQ(map.outputs, 11);
  }
}

TEST(Errors, OfAPredicateThatGivesNoBoolSayWhatItGave) {
  Iterator iterator = (range(2) | Filter{make_function([](const Tensor& tensor) { return tensor; })}).iterate(0);
  EXPECT_EQ(message<TypeError>([&] { iterator.next(); }), "[filter] the predicate must return a bool, got int64()");
}

TEST(Errors, OfAnIndexPastTheEndAndOfAStream) {
  EXPECT_THROW(range(3)[3], IndexError);
  EXPECT_THROW(range(3)[-4], IndexError);
  EXPECT_EQ(message<TypeError>([] { stream(3)[0]; }),
            "[filter] an index needs random access; this dataset is a stream because of filter(); iterate over it, or "
            "cache() it first");
}

}  // namespace
}  // namespace headrace
