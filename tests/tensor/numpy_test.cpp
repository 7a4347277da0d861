// What NumPy made of the same operations: tests/data/numpy_operations.txt, byte for byte where IEEE 754 says what the
// bytes are.
#include <headrace/tensor/elementwise.hpp>
#include <headrace/tensor/error.hpp>
#include <headrace/tensor/reduce.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <fstream>
#include <map>
#include <sstream>

namespace headrace {
namespace {

/// One line of the table, read.
struct Line {
  std::string name;
  std::deque<Tensor> tensors;  // what operands point at
  std::vector<std::optional<ops::Operand>> inputs;
  std::optional<ops::Over> over;
  std::string error;
  Tensor result;
};

Tensor read_tensor(std::istream& in) {
  std::string name, hex;
  int ndim = 0;
  in >> name >> ndim;
  Shape shape;
  for (int axis = 0; axis < ndim; ++axis) {
    std::int64_t size = 0;
    in >> size;
    shape = shape.with_back(size);
  }
  in >> hex;
  Tensor tensor = Tensor::empty(DType::from_name(name), shape);
  for (std::int64_t i = 0; i < tensor.nbytes(); ++i)
    tensor.mutable_data()[i] = std::byte(std::stoi(hex.substr(static_cast<std::size_t>(2 * i), 2), nullptr, 16));
  return tensor;
}

ops::Over read_over(std::istream& in) {
  ops::Over over;
  std::string word;
  int count = 0;
  in >> count;
  if (count >= 0) over.axes.emplace();
  for (int i = 0, axis = 0; i < count && in >> axis; ++i) over.axes->push_back(axis);
  in >> word >> over.keepdims;
  return over;
}

std::optional<ops::Operand> read_number(char kind, std::istream& in) {
  std::string word;
  if (kind == 'N') return std::nullopt;
  in >> word;
  if (kind == 'B') return ops::Operand(word == "1");
  if (kind == 'R') return ops::Operand(std::stod(word));
  if (word[0] == '-') return ops::Operand(static_cast<std::int64_t>(std::stoll(word)));
  return ops::Operand(static_cast<std::uint64_t>(std::stoull(word)));
}

Line read_line(const std::string& text) {
  std::istringstream in(text);
  Line line;
  std::string word;
  in >> line.name;
  while (in >> word && word != "=") {
    if (word == "axes") {
      line.over = read_over(in);
    } else if (word == "T") {
      line.tensors.push_back(read_tensor(in));
      line.inputs.emplace_back(line.tensors.back());
    } else {
      line.inputs.push_back(read_number(word[0], in));
    }
  }
  in >> word;
  if (word == "E") {
    in >> line.error;
  } else {
    line.result = read_tensor(in);
  }
  return line;
}

using Inputs = std::vector<std::optional<ops::Operand>>;
using Binary = Tensor (*)(const ops::Operand&, const ops::Operand&);
using Unary = Tensor (*)(const ops::Operand&);
using Reduction = Tensor (*)(const Tensor&, const ops::Over&);

const std::map<std::string, Binary> binaries = {
    {"add", ops::add},
    {"subtract", ops::subtract},
    {"multiply", ops::multiply},
    {"divide", ops::divide},
    {"minimum", ops::minimum},
    {"maximum", ops::maximum},
    {"equal", ops::equal},
    {"not_equal", ops::not_equal},
    {"less", ops::less},
    {"less_equal", ops::less_equal},
    {"greater", ops::greater},
    {"greater_equal", ops::greater_equal},
    {"logical_and", ops::logical_and},
    {"logical_or", ops::logical_or},
    {"logical_xor", ops::logical_xor},
    {"bitwise_and", ops::bitwise_and},
    {"bitwise_or", ops::bitwise_or},
    {"bitwise_xor", ops::bitwise_xor},
};
const std::map<std::string, Unary> unaries = {
    {"negative", ops::negative}, {"abs", ops::abs}, {"sqrt", ops::sqrt},
    {"exp", ops::exp},           {"log", ops::log}, {"logical_not", ops::logical_not},
    {"invert", ops::invert},
};
const std::map<std::string, Reduction> reductions = {
    {"sum", ops::sum}, {"mean", ops::mean}, {"min", ops::min}, {"max", ops::max}};

Tensor computed(const Line& line) {
  const Inputs& in = line.inputs;
  if (line.name == "clip") return ops::clip(*in[0], in[1], in[2]);
  if (line.name == "where") return ops::where(*in[0], *in[1], *in[2]);
  if (line.name == "cast") return ops::cast(*in[0]->tensor(), in[1]->tensor()->dtype());
  if (line.over) return reductions.at(line.name)(*in[0]->tensor(), *line.over);
  if (in.size() == 1) return unaries.at(line.name)(*in[0]);
  return binaries.at(line.name)(*in[0], *in[1]);
}

std::string error_of(const Line& line) {
  try {
    computed(line);
  } catch (const OverflowError&) {
    return "OverflowError";
  } catch (const ValueError&) {
    return "ValueError";
  } catch (const TypeError&) {
    return "TypeError";
  }
  return "";
}

/// Equal bytes; NaN like any other; exp and log within 4 units in the last place.
template <class T, class Bits>
bool same_floats(const Tensor& a, const Tensor& b, Bits units) {
  const auto left = a.values<T>(), right = b.values<T>();
  for (std::size_t i = 0; i < left.size(); ++i) {
    const auto x = std::bit_cast<Bits>(left[i]), y = std::bit_cast<Bits>(right[i]);
    const bool near = (x > y ? x - y : y - x) <= units;
    if (!near && !(std::isnan(left[i]) && std::isnan(right[i]))) return false;
  }
  return true;
}

bool same(const Line& line, const Tensor& got) {
  const Tensor& wanted = line.result;
  if (got.dtype() != wanted.dtype() || got.shape() != wanted.shape()) return false;
  const unsigned units = line.name == "exp" || line.name == "log" ? 4 : line.name == "mean" ? 1 : 0;
  if (got.dtype() == float32) return same_floats<float, std::uint32_t>(got, wanted, units);
  if (got.dtype() == float64) return same_floats<double, std::uint64_t>(got, wanted, units);
  return equal(got, wanted);
}

TEST(NumPy, AgreesOnEveryOperationOfTheTable) {
  std::ifstream file("tests/data/numpy_operations.txt");
  std::string text;
  ASSERT_TRUE(std::getline(file, text)) << "run from the root of the sources";
  int lines = 0;
  while (std::getline(file, text)) {
    const Line line = read_line(text);
    ++lines;
    if (!line.error.empty()) {
      EXPECT_EQ(error_of(line), line.error) << text;
      continue;
    }
    try {
      const Tensor got = computed(line);
      EXPECT_TRUE(same(line, got)) << text << "\ngot " << got.dtype().name() << to_string(got.shape()) << " "
                                   << ::testing::PrintToString(std::string(reinterpret_cast<const char*>(got.data()),
                                                                           static_cast<std::size_t>(got.nbytes())));
    } catch (const Error& error) {
      ADD_FAILURE() << text << "\n" << error.what();
    }
  }
  EXPECT_GT(lines, 4000);
}

}  // namespace
}  // namespace headrace
