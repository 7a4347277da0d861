#include <headrace/tensor/elementwise.hpp>

#include <headrace/tensor/broadcast.hpp>
#include <headrace/tensor/error.hpp>

#include <cstring>

namespace headrace::ops {
namespace {

using detail::Argument;
using detail::broadcast;
using detail::LoopTable;
using detail::Versions;

constexpr int kHeavy = 8;  // an item's work, where arithmetic limits and not memory

/// The loop for `dtype`, or TypeError with the operation's own reason.
detail::Loop loop_of(std::string_view stage, const LoopTable& table, DType dtype, std::string_view way_out) {
  const detail::Loop loop = table[detail::column(dtype)].pick();
  require<TypeError>(loop != nullptr, stage, "is not defined for ", dtype.name(), "; ", way_out);
  return loop;
}

Tensor unary(std::string_view stage, detail::Loop loop, const Operand& a, DType dtype, DType result, int weight = 1) {
  const Argument x(stage, a, dtype);
  const Argument* const arguments[] = {&x};
  return broadcast(stage, loop, result, arguments, weight);
}

Tensor binary(std::string_view stage, detail::Loop loop, const Operand& a, const Operand& b, DType dtype,
              DType result) {
  const Argument x(stage, a, dtype), y(stage, b, dtype);
  const Argument* const arguments[] = {&x, &y};
  return broadcast(stage, loop, result, arguments);
}

Tensor ternary(std::string_view stage, detail::Loop loop, const Argument& x, const Argument& y, const Argument& z,
               DType result) {
  const Argument* const arguments[] = {&x, &y, &z};
  return broadcast(stage, loop, result, arguments);
}

/// Where operands and result have one dtype.
Tensor arithmetic(std::string_view stage, const LoopTable& table, const Operand& a, const Operand& b,
                  std::string_view way_out = "cast it") {
  const DType dtype = result_type(stage, {&a, &b});
  return binary(stage, loop_of(stage, table, dtype, way_out), a, b, dtype, dtype);
}

/// A plain number as true or false: it need not fit the other side's dtype.
Operand truth(const Operand& a) { return a.tensor() ? a : Operand(a.number().truth()); }

Tensor logical(std::string_view stage, const LoopTable& table, const Operand& left, const Operand& right) {
  const Operand a = truth(left), b = truth(right);
  const DType dtype = result_type(stage, {&a, &b});
  return binary(stage, table[detail::column(dtype)].pick(), a, b, dtype, boolean);
}

/// sqrt, exp, log: the float that a's values are taken to.
Tensor transcendental(std::string_view stage, const LoopTable& table, const Operand& a, int weight) {
  DType dtype = result_type(stage, {&a});
  if (dtype != float32 && dtype != float64) dtype = dtype.itemsize() <= 2 ? float32 : float64;
  return unary(stage, table[detail::column(dtype)].pick(), a, dtype, dtype, weight);
}

struct Comparison {
  std::string_view name;
  const LoopTable& same;
  bool swapped;              // `same` takes b first
  const Versions& mixed;     // int64 and uint64
  const Versions& mirrored;  // the mixed loop when the sides change places
  bool below, above;         // the answer where a is less, or more, than anything b's dtype has
};

bool is_signed(DType dtype) { return dtype.kind() >= Kind::int8 && dtype.kind() <= Kind::int64; }

/// The answer for a plain int that its partner's dtype cannot hold.
Tensor all_of(std::string_view stage, const Operand& operand, bool answer) {
  Tensor result = Tensor::empty(boolean, operand.tensor() ? operand.tensor()->shape() : Shape());
  require(result.ndim() <= 64, stage, "at most 64 axes, got ", result.ndim());
  std::memset(result.mutable_data(), answer, static_cast<std::size_t>(result.nbytes()));
  return result;
}

Tensor compare(const Comparison& how, const Operand& a, const Operand& b) {
  const DType dtype = result_type(how.name, {&a, &b});
  if (!a.tensor() && !a.number().fits(dtype)) return all_of(how.name, b, a.number().negative() ? how.below : how.above);
  if (!b.tensor() && !b.number().fits(dtype)) return all_of(how.name, a, b.number().negative() ? how.above : how.below);
  const auto mixed = [&](const Versions& versions, const Operand& left, const Operand& right) {
    const Argument x(how.name, left, int64), y(how.name, right, uint64);
    const Argument* const arguments[] = {&x, &y};
    return broadcast(how.name, versions.pick(), boolean, arguments);
  };
  if (dtype == float64 && a.dtype() == uint64 && is_signed(b.dtype())) return mixed(how.mirrored, b, a);
  if (dtype == float64 && b.dtype() == uint64 && is_signed(a.dtype())) return mixed(how.mixed, a, b);
  const detail::Loop loop = how.same[detail::column(dtype)].pick();
  return how.swapped ? binary(how.name, loop, b, a, dtype, boolean) : binary(how.name, loop, a, b, dtype, boolean);
}

/// A bound that is none: absent, or a plain int that no item of the tensor's dtype passes.
bool idle(const std::optional<Operand>& bound, bool lower, const Operand& a) {
  if (!bound) return true;
  const DType dtype = a.dtype();
  const bool plain = bound->weak() && bound->number().kind() == Number::Kind::integer && a.tensor();
  return plain && !bound->number().fits(dtype) && bound->number().negative() == lower;
}

}  // namespace

Tensor add(const Operand& a, const Operand& b) { return arithmetic("add", detail::add_loops, a, b); }
Tensor subtract(const Operand& a, const Operand& b) {
  return arithmetic("subtract", detail::subtract_loops, a, b, "use not_equal, or cast it");
}
Tensor multiply(const Operand& a, const Operand& b) { return arithmetic("multiply", detail::multiply_loops, a, b); }
Tensor divide(const Operand& a, const Operand& b) {
  DType dtype = result_type("divide", {&a, &b});
  if (dtype != float32) dtype = float64;
  return binary("divide", detail::divide_loops[detail::column(dtype)].pick(), a, b, dtype, dtype);
}
Tensor minimum(const Operand& a, const Operand& b) { return arithmetic("minimum", detail::minimum_loops, a, b); }
Tensor maximum(const Operand& a, const Operand& b) { return arithmetic("maximum", detail::maximum_loops, a, b); }

Tensor negative(const Operand& a) {
  const DType dtype = result_type("negative", {&a});
  return unary("negative", loop_of("negative", detail::negative_loops, dtype, "use invert, or cast it"), a, dtype,
               dtype);
}
Tensor abs(const Operand& a) {
  const DType dtype = result_type("abs", {&a});
  return unary("abs", detail::abs_loops[detail::column(dtype)].pick(), a, dtype, dtype);
}
Tensor sqrt(const Operand& a) { return transcendental("sqrt", detail::sqrt_loops, a, 2); }
Tensor exp(const Operand& a) { return transcendental("exp", detail::exp_loops, a, kHeavy); }
Tensor log(const Operand& a) { return transcendental("log", detail::log_loops, a, kHeavy); }

Tensor clip(const Operand& a, const std::optional<Operand>& least, const std::optional<Operand>& most) {
  const bool no_least = idle(least, true, a), no_most = idle(most, false, a);
  if (no_least && no_most) {
    const DType dtype = result_type("clip", {&a});
    return unary("clip", detail::cast_loops[detail::column(dtype)][detail::column(dtype)].pick(), a, dtype, dtype);
  }
  if (no_least) return arithmetic("clip", detail::minimum_loops, a, *most);
  if (no_most) return arithmetic("clip", detail::maximum_loops, a, *least);
  const DType dtype = result_type("clip", {&a, &*least, &*most});
  return ternary("clip", detail::clip_loops[detail::column(dtype)].pick(), {"clip", a, dtype}, {"clip", *least, dtype},
                 {"clip", *most, dtype}, dtype);
}

Tensor where(const Operand& choice, const Operand& yes, const Operand& no) {
  result_type("where", {&choice});  // for its TypeError
  const DType dtype = result_type("where", {&yes, &no});
  return ternary("where", detail::where_loops[detail::column(dtype)].pick(), {"where", choice, boolean},
                 {"where", yes, dtype}, {"where", no, dtype}, dtype);
}

Tensor cast(const Tensor& tensor, DType dtype) {
  const Operand a(tensor);
  const DType from = result_type("cast", {&a});
  require<TypeError>(computes(dtype), "cast", "makes bool, integers, float32 and float64, got ",
                     dtype ? dtype.name() : "no dtype", "; use NumPy on the tensor's memory");
  return unary("cast", detail::cast_loops[detail::column(dtype)][detail::column(from)].pick(), a, from, dtype);
}

Tensor equal(const Operand& a, const Operand& b) {
  return compare(
      {"equal", detail::equal_loops, false, detail::mixed_equal_loop, detail::mixed_equal_loop, false, false}, a, b);
}
Tensor not_equal(const Operand& a, const Operand& b) {
  return compare({"not_equal", detail::not_equal_loops, false, detail::mixed_not_equal_loop,
                  detail::mixed_not_equal_loop, true, true},
                 a, b);
}
Tensor less(const Operand& a, const Operand& b) {
  return compare({"less", detail::less_loops, false, detail::mixed_less_loop, detail::mixed_greater_loop, true, false},
                 a, b);
}
Tensor less_equal(const Operand& a, const Operand& b) {
  return compare({"less_equal", detail::less_equal_loops, false, detail::mixed_less_equal_loop,
                  detail::mixed_greater_equal_loop, true, false},
                 a, b);
}
Tensor greater(const Operand& a, const Operand& b) {
  return compare(
      {"greater", detail::less_loops, true, detail::mixed_greater_loop, detail::mixed_less_loop, false, true}, a, b);
}
Tensor greater_equal(const Operand& a, const Operand& b) {
  return compare({"greater_equal", detail::less_equal_loops, true, detail::mixed_greater_equal_loop,
                  detail::mixed_less_equal_loop, false, true},
                 a, b);
}

Tensor logical_and(const Operand& a, const Operand& b) { return logical("logical_and", detail::and_loops, a, b); }
Tensor logical_or(const Operand& a, const Operand& b) { return logical("logical_or", detail::or_loops, a, b); }
Tensor logical_xor(const Operand& a, const Operand& b) { return logical("logical_xor", detail::xor_loops, a, b); }
Tensor logical_not(const Operand& operand) {
  const Operand a = truth(operand);
  const DType dtype = result_type("logical_not", {&a});
  return unary("logical_not", detail::not_loops[detail::column(dtype)].pick(), a, dtype, boolean);
}

Tensor bitwise_and(const Operand& a, const Operand& b) {
  return arithmetic("bitwise_and", detail::bit_and_loops, a, b);
}
Tensor bitwise_or(const Operand& a, const Operand& b) { return arithmetic("bitwise_or", detail::bit_or_loops, a, b); }
Tensor bitwise_xor(const Operand& a, const Operand& b) {
  return arithmetic("bitwise_xor", detail::bit_xor_loops, a, b);
}
Tensor invert(const Operand& a) {
  const DType dtype = result_type("invert", {&a});
  return unary("invert", loop_of("invert", detail::invert_loops, dtype, "cast it"), a, dtype, dtype);
}

}  // namespace headrace::ops
