#include <headrace/io/hdf5/values_copy.hpp>

#include <cstring>

namespace headrace::hdf5 {
namespace {

constexpr std::int64_t kEntry = 128;  // about what a value of variable length takes besides its bytes

bool refers_to_objects(hid_t type) { return H5Tequal(type, H5T_STD_REF_OBJ) > 0; }

}  // namespace

Place place_of(const Action& action, hid_t object) {
  H5O_info_t info{};
  checked(action, H5Oget_info2(object, &info, H5O_INFO_BASIC));
  return {info.fileno, info.addr};
}

bool holds_regions(const Action& action, hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_REFERENCE:
      return !refers_to_objects(type);
    case H5T_VLEN:
    case H5T_ARRAY:
      return holds_regions(action, owned(action, H5Tget_super(type)).get());
    case H5T_COMPOUND:
      for (unsigned i = 0; i < static_cast<unsigned>(checked(action, H5Tget_nmembers(type))); ++i)
        if (holds_regions(action, owned(action, H5Tget_member_type(type, i)).get())) return true;
      return false;
    default:
      return false;
  }
}

Values::Values(const Action& action, hid_t type, std::int64_t count)
    : type_(owned(action, H5Tcopy(type))),
      size_(H5Tget_size(type_.get())),
      count_(static_cast<hsize_t>(count)),
      bytes_(size_ * static_cast<std::size_t>(count)) {}

Values::~Values() {
  if (count_ == 0) return;
  const Id space(H5Screate_simple(1, &count_, nullptr));
  H5Dvlen_reclaim(type_.get(), space.get(), H5P_DEFAULT, bytes_.data());
}

bool Values::carry(const Action& action, const Passage& passage) {
  bool all = true;
  for (hsize_t i = 0; i < count_; ++i) all = carry(action, passage, type_.get(), bytes_.data() + i * size_) && all;
  stored_bytes_ += static_cast<std::int64_t>(bytes_.size());
  return all;
}

bool Values::carry(const Action& action, const Passage& passage, hid_t type, std::byte* item) {
  switch (H5Tget_class(type)) {
    case H5T_REFERENCE: {
      hobj_ref_t reference = 0;
      std::memcpy(&reference, item, sizeof reference);
      if (reference == 0) return true;
      std::memset(item, 0, sizeof reference);
      const Id object(H5Rdereference2(passage.from, H5P_DEFAULT, H5R_OBJECT, &reference));
      if (!object) return false;
      const auto name = passage.names->find(place_of(action, object.get()));
      if (name == passage.names->end()) return false;
      checked(action, H5Rcreate(item, passage.to, name->second.c_str(), H5R_OBJECT, -1));
      return true;
    }
    case H5T_STRING:
      if (H5Tis_variable_str(type) > 0) {
        const char* text = nullptr;
        std::memcpy(&text, item, sizeof text);
        stored_bytes_ += kEntry + static_cast<std::int64_t>(text ? std::strlen(text) : 0);
      }
      return true;
    case H5T_COMPOUND: {
      bool all = true;
      for (unsigned i = 0; i < static_cast<unsigned>(checked(action, H5Tget_nmembers(type))); ++i)
        all = carry(action, passage, owned(action, H5Tget_member_type(type, i)).get(),
                    item + H5Tget_member_offset(type, i)) &&
              all;
      return all;
    }
    case H5T_ARRAY:
    case H5T_VLEN: {
      const Id base = owned(action, H5Tget_super(type));
      const std::size_t size = H5Tget_size(base.get());
      hvl_t sequence{H5Tget_size(type) / size, item};
      if (H5Tget_class(type) == H5T_VLEN) {
        std::memcpy(&sequence, item, sizeof sequence);
        stored_bytes_ += kEntry + static_cast<std::int64_t>(sequence.len * size);
      }
      if (H5Tdetect_class(base.get(), H5T_REFERENCE) <= 0 && H5Tdetect_class(base.get(), H5T_VLEN) <= 0 &&
          H5Tdetect_class(base.get(), H5T_STRING) <= 0)
        return true;
      bool all = true;
      for (std::size_t i = 0; i < sequence.len; ++i)
        all = carry(action, passage, base.get(), static_cast<std::byte*>(sequence.p) + i * size) && all;
      return all;
    }
    default:
      return true;
  }
}

}  // namespace headrace::hdf5
