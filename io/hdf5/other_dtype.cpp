#include <headrace/io/hdf5/other_dtype.hpp>

#include <headrace/io/hdf5/utf8.hpp>
#include <headrace/tensor/copy.hpp>

namespace headrace::hdf5 {

namespace {

class OtherDType final : public Component {
 public:
  OtherDType(std::unique_ptr<const Component> stored, DType dtype)
      : Component(stored->name()), stored_(std::move(stored)) {
    row_ = {dtype, stored_->row().shape};
    starts_ = stored_->starts();
  }

  std::string path() const override { return stored_->path(); }
  std::string where(std::int64_t position) const override { return stored_->where(position); }
  std::int64_t row_bytes() const override { return stored_->row_bytes(); }
  std::int64_t block_rows() const override { return stored_->block_rows(); }

  Tensor gather(const Reading& reading, const Positions& positions) const override {
    return in_dtype(reading.node.label(), name_, stored_->gather(reading, positions), row_.dtype);
  }
  void gather_into(const Reading& reading, const Positions& positions, const Tensor& column,
                   const Positions& to) const override {
    copy_rows(gather(reading, positions), Positions::range(0, positions.count), column, to);
  }
  std::vector<Tensor> list(const Reading& reading, const Positions& positions) const override {
    std::vector<Tensor> rows = stored_->list(reading, positions);
    for (Tensor& row : rows) row = in_dtype(reading.node.label(), name_, row, row_.dtype);
    return rows;
  }

 private:
  std::unique_ptr<const Component> stored_;
};

}  // namespace

std::unique_ptr<const Component> in_dtype(std::unique_ptr<const Component> stored, DType dtype) {
  if (!dtype) return stored;
  return std::make_unique<const OtherDType>(std::move(stored), dtype);
}

}  // namespace headrace::hdf5
