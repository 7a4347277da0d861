// TensorFlow's TensorProto: one tensor as bytes, in Protocol Buffers' wire format. Named as in TensorFlow.
#pragma once

#include <string>
#include <string_view>

#include <headrace/tensor/tensor.hpp>

namespace headrace {

/// What make_ndarray takes for values that a message claims without holding them.
inline constexpr std::int64_t kClaimedBytes = std::int64_t{1} << 30;

/// A serialised TensorProto: the bytes that TensorFlow's make_tensor_proto gives, the same for equal tensors. Texts
/// become UTF-8. Throws TypeError for a dtype that TensorFlow has not (times, records), ValueError from 2 GiB on, which
/// no message may have, and for fixed-width text that is no Unicode.
std::string make_tensor_proto(const Tensor& tensor);

/// The tensor that a serialised TensorProto holds, in its tensor_content or its lists; texts come as `bytes`. Of a list
/// that is shorter than the shape the last value repeats, an empty one means zeros; that may take `max_bytes` beyond
/// what the message holds. Throws ValueError for what is cut short or contradicts itself, before memory is taken for
/// it.
Tensor make_ndarray(std::string_view bytes, std::int64_t max_bytes = kClaimedBytes);

}  // namespace headrace
