// Compound types: complex numbers as h5py writes them, and records.
#include <algorithm>
#include <vector>

#include <headrace/io/hdf5/types.hpp>
#include <headrace/io/hdf5/utf8.hpp>

namespace headrace::hdf5::detail {
namespace {

constexpr std::size_t kMostFixes = 256;

struct Member {
  std::string name;
  std::size_t offset = 0;  // as stored
  std::size_t size = 0;    // as stored
  Type type;
};

std::vector<Member> members_of(const Action& action, hid_t type, int depth) {
  std::vector<Member> members;
  const int count = checked(action, H5Tget_nmembers(type));
  for (unsigned place = 0; place < static_cast<unsigned>(count); ++place) {
    const LibraryText name(H5Tget_member_name(type, place));
    if (!name) fail(action);
    const Id member = owned(action, H5Tget_member_type(type, place));
    const std::size_t offset = H5Tget_member_offset(type, place);
    members.push_back({name.get(), offset, H5Tget_size(member.get()), describe(action, member.get(), depth)});
  }
  return members;
}

bool is_float(const Type& type) {
  return type.axes.empty() && (type.dtype == float16 || type.dtype == float32 || type.dtype == float64);
}

bool is_complex(const std::vector<Member>& members) {
  return members.size() == 2 && members[0].name == "r" && members[1].name == "i" && is_float(members[0].type) &&
         members[0].type.dtype == members[1].type.dtype;
}

Type complex_type(const Action& action, const std::vector<Member>& members, std::size_t stored) {
  const auto& [real, imaginary] = std::pair<const Member&, const Member&>(members[0], members[1]);
  const bool is_double = real.type.dtype == float64;
  const std::size_t half = is_double ? 8 : 4;
  const hid_t part = is_double ? H5T_NATIVE_DOUBLE : H5T_NATIVE_FLOAT;
  Type result;
  result.dtype = is_double ? complex128 : complex64;
  result.memory = owned(action, H5Tcreate(H5T_COMPOUND, 2 * half));
  checked(action, H5Tinsert(result.memory.get(), "r", 0, part));
  checked(action, H5Tinsert(result.memory.get(), "i", half, part));
  const bool reversed = !real.type.fixes.empty();
  if (reversed) result.fixes.push_back({0, static_cast<std::int64_t>(half), 2});
  const bool plain = real.type.slow.empty() && imaginary.type.slow.empty() &&
                     reversed == !imaginary.type.fixes.empty() && real.size == half && real.offset == 0 &&
                     imaginary.offset == half && stored == 2 * half;
  if (!plain) result.slow = "complex numbers in an unusual form";
  return result;
}

/// Where the members lie in a tensor: as stored where each is as large there, else one after the other.
std::size_t place_members(std::vector<Member>& members, std::size_t stored) {
  const auto size_of = [](const Member& member) { return H5Tget_size(member.type.memory.get()); };
  if (std::all_of(members.begin(), members.end(), [&](const Member& one) { return size_of(one) == one.size; }))
    return stored;
  std::size_t end = 0;
  for (Member& member : members) {
    member.offset = end;
    end += size_of(member);
  }
  return end;
}

/// What is to be done in a member, in each of its items, counted from the record's beginning.
void add_fixes(const Member& member, Type& record) {
  const std::int64_t size = member.type.dtype.itemsize(), items = element_count(member.type.axes);
  for (Fix fix : member.type.fixes) {
    const bool gapless = fix.width * fix.count == size;
    if (gapless) fix.count *= items;
    fix.offset += static_cast<std::int64_t>(member.offset);
    for (std::int64_t item = 0; item < (gapless ? 1 : items); ++item, fix.offset += size) {
      record.fixes.push_back(fix);
      if (record.fixes.size() <= kMostFixes) continue;
      record.slow = "records of many parts to be put right";
      return;
    }
  }
}

}  // namespace

Type compound_type(const Action& action, hid_t type, int depth) {
  const std::size_t stored = H5Tget_size(type);
  auto members = members_of(action, type, depth);
  for (const Member& member : members) {  // 1.10.8 does not look, and copies from there
    if (member.offset > stored || member.size > stored - member.offset)
      return no_dtype("field '" + member.name + "' lies outside of its record");
  }
  if (is_complex(members)) return complex_type(action, members, stored);
  for (const Member& member : members) {
    if (!is_utf8(member.name)) return no_dtype("field '" + escaped(member.name) + "', whose name is not UTF-8");
    if (!member.type.dtype) return no_dtype("field '" + member.name + "': " + member.type.why);
    if (member.type.dtype.variable_length())
      return no_dtype("field '" + member.name + "': records cannot hold text of variable length");
    if (member.type.sequence_of)
      return no_dtype("field '" + member.name + "': records cannot hold variable-length sequences");
  }
  Type result;
  const std::size_t size = place_members(members, stored);
  result.memory = owned(action, H5Tcreate(H5T_COMPOUND, size));
  std::vector<Field> fields;
  for (const Member& member : members) {
    const auto& part = member.type;
    checked(action, H5Tinsert(result.memory.get(), member.name.c_str(), member.offset, part.memory.get()));
    fields.push_back({member.name, part.dtype, static_cast<std::int64_t>(member.offset),
                      std::vector<std::int64_t>(part.axes.begin(), part.axes.end())});
    if (!part.slow.empty()) result.slow = "field '" + member.name + "': " + part.slow;
    if (result.slow.empty()) add_fixes(member, result);
  }
  result.dtype = DType::record(std::move(fields), static_cast<std::int64_t>(size));
  return result;
}

}  // namespace headrace::hdf5::detail
