#include <headrace/io/tensor_proto_message.hpp>

#include <protozero/pbf_reader.hpp>

#include <algorithm>

namespace headrace::tensor_proto {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

constexpr int kMostAxes = 64;  // NumPy's

std::uint64_t varint(pbf_reader& reader) {
  rule(reader.wire_type() == pbf_wire_type::varint, "field ", reader.tag(), " must be a number");
  return reader.get_uint64();
}

std::string_view view(pbf_reader& reader) {
  rule(reader.wire_type() == pbf_wire_type::length_delimited, "field ", reader.tag(), " must be bytes");
  const protozero::data_view bytes = reader.get_view();
  return {bytes.data(), bytes.size()};
}

bool is_one_value(pbf_wire_type got, Wire wire) {
  return (got == pbf_wire_type::varint && wire == Wire::varint) ||
         (got == pbf_wire_type::fixed32 && wire == Wire::fixed32) ||
         (got == pbf_wire_type::fixed64 && wire == Wire::fixed64);
}

/// The bytes of one value, or of several that are packed.
std::string_view run_of_values(pbf_reader& reader) {
  if (reader.wire_type() == pbf_wire_type::length_delimited) return view(reader);
  rule(is_one_value(reader.wire_type(), wire_of(reader.tag())), list_name(reader.tag()),
       " must hold its own kind of values");
  const char* const begin = reader.data().data();
  reader.skip();
  return {begin, static_cast<std::size_t>(reader.data().data() - begin)};
}

std::int64_t values_in(std::string_view run, Wire wire) {
  if (wire == Wire::bytes) return 1;
  if (wire != Wire::varint) {
    const std::size_t size = wire == Wire::fixed32 ? 4 : 8;
    rule(run.size() % size == 0, "packed values must be whole, got ", run.size(), " bytes of values of ", size);
    return static_cast<std::int64_t>(run.size() / size);
  }
  const auto ends = [](char byte) { return (static_cast<unsigned char>(byte) & 0x80) == 0; };
  rule(run.empty() || ends(run.back()), "packed values must be whole, got a number without its end");
  return std::count_if(run.begin(), run.end(), ends);
}

std::int64_t read_size(std::string_view dim) {
  std::int64_t size = 0;
  for (pbf_reader reader(dim.data(), dim.size()); reader.next();) {
    if (reader.tag() == kSize) {
      size = static_cast<std::int64_t>(varint(reader));
    } else {
      reader.skip();
    }
  }
  rule(size >= 0, "sizes must be >= 0, got ", size);
  return size;
}

}  // namespace

Wire wire_of(std::uint32_t list) {
  if (list == kFloatVal || list == kScomplexVal) return Wire::fixed32;
  if (list == kDoubleVal || list == kDcomplexVal) return Wire::fixed64;
  return list == kStringVal ? Wire::bytes : Wire::varint;
}

Message::Message(std::string_view bytes) : bytes_(bytes) {
  for (pbf_reader reader(bytes.data(), bytes.size()); reader.next();) {
    const std::uint32_t field = reader.tag();
    if (field == kDtype) {
      number_ = varint(reader);
    } else if (field == kShape) {
      read_shape(view(reader));
    } else if (field == kVersion) {
      const std::uint64_t version = varint(reader);
      require(version == 0, kReading, "version_number must be 0, the only one there is, got ", version);
    } else if (field == kContent) {
      content_ = view(reader);
    } else if (list_name(field)) {
      count_values(field, run_of_values(reader));
    } else {
      reader.skip();
    }
  }
  check();
}

void Message::read_shape(std::string_view bytes) {
  has_shape_ = true;
  for (pbf_reader reader(bytes.data(), bytes.size()); reader.next();) {
    if (reader.tag() == kUnknownRank) {
      rule(varint(reader) == 0, "the shape must be known, got unknown_rank");
    } else if (reader.tag() == kDim) {
      rule(static_cast<int>(sizes_.size()) < kMostAxes, "a tensor must have at most ", kMostAxes, " axes");
      sizes_.push_back(read_size(view(reader)));
    } else {
      reader.skip();
    }
  }
}

void Message::count_values(std::uint32_t field, std::string_view run) {
  const std::int64_t values = values_in(run, wire_of(field));
  if (values == 0) return;
  rule(list_.field == 0 || list_.field == field, "one list must hold all values, got ", list_name(field), " beside ",
       list_name(list_.field));
  list_.field = field;
  list_.values += values;
  list_.bytes += static_cast<std::int64_t>(run.size());
  list_.last_size = static_cast<std::int64_t>(run.size());
}

void Message::check() {
  for (const Type& type : kTypes) {
    if (static_cast<std::uint64_t>(type.number) == number_) type_ = &type;
  }
  require(type_, kReading, "the dtype must be one of numbers, bools or strings, got number ", number_,
          " of TensorFlow's DataType");
  rule(list_.field == 0 || list_.field == type_->list, type_->dtype.name(), " has its values in ",
       list_name(type_->list), ", got some in ", list_.field ? list_name(list_.field) : "none");
  rule(list_.field == 0 || content_.empty(), "values must be in tensor_content or in a list, got both");
  rule(has_shape_ || list_.field != 0 || !content_.empty(), "there must be a shape or a value, got neither");
  shape_ = Shape(sizes_);
  std::int64_t bytes = type_->dtype.itemsize();
  for (const std::int64_t size : sizes_) {
    const bool fits = size == 0 || !__builtin_mul_overflow(bytes, size, &bytes);
    rule(fits, "a tensor's bytes must fit 63 bits, got the shape ", to_string(shape_));
  }
  count_ = element_count(shape_);
}

void Message::each_run(const std::function<void(std::string_view)>& run) const {
  for (pbf_reader reader(bytes_.data(), bytes_.size()); reader.next();) {
    if (reader.tag() == type_->list) {
      const std::string_view values = run_of_values(reader);
      if (!values.empty() || wire_of(type_->list) == Wire::bytes) run(values);
    } else {
      reader.skip();
    }
  }
}

}  // namespace headrace::tensor_proto
