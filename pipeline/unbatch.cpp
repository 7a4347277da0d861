#include <headrace/pipeline/unbatch.hpp>

#include <algorithm>

#include <headrace/pipeline/account.hpp>
#include <headrace/pipeline/transform.hpp>

namespace headrace {

namespace {

class UnbatchNode final : public TransformNode {
 public:
  explicit UnbatchNode(NodePtr upstream)
      : TransformNode(std::move(upstream)), batches_(up().access() == Access::random ? up().batches() : Batches{}) {}

  bool one_to_one() const override { return false; }
  bool expanding() const override { return true; }
  Access access() const override { return computed() ? Access::random : TransformNode::access(); }
  std::int64_t cardinality() const override { return computed() ? batches_.total : TransformNode::cardinality(); }

  std::optional<Spec> spec() const override {
    const auto batch = up().spec();
    if (!batch) return std::nullopt;
    for (const auto& component : batch->components) {
      if (component.shape.empty()) return std::nullopt;
    }
    return row_spec(*batch);
  }

  void apply(const Context&, const RowView& rows, const Positions& positions, RowsBuilder& out) const override {
    for (std::int64_t row = 0; row < rows.count; ++row) {
      out.set_origin(row);
      if (const FailurePtr& failure = rows.failure(row)) {
        append_failures(failure, positions[row], out);
        continue;
      }
      try {
        Element batch = rows.element(row);
        const std::int64_t n = rows_of(batch);
        if (n > 0) out.append_block(batch.structure, std::move(batch.components), n);
      } catch (...) {
        append_failures(capture_failure(*this, positions[row]), positions[row], out);
      }
    }
  }

  void tally(const Context& context, const Positions& outputs, Tally& tally) const override {
    Account account;
    account.outputs = outputs.count;
    const auto known = spec();
    account.bytes = outputs.count * (known ? std::max<std::int64_t>(known->nbytes(), 0) : 0);
    std::int64_t last = -1;
    for (std::int64_t i = 0; i < outputs.count; ++i) {
      const std::int64_t batch = outputs[i] / batches_.rows_per_element;
      if (batch == last) continue;
      last = batch;
      ++account.in;
      up().tally(context, Positions::range(batch, 1), tally);
    }
    account.used = account.in;
    tally.add(*this, account);
  }
  bool tallies_by_count() const override { return false; }

 protected:
  Rows do_gather(const Context& context, const Positions& positions) const override {
    RowsBuilder out(positions.count);
    const std::int64_t size = batches_.rows_per_element;
    for (std::int64_t i = 0; i < positions.count;) {
      const std::int64_t batch = positions[i] / size;
      std::vector<std::int64_t> wanted;
      for (; i < positions.count && positions[i] / size == batch; ++i) wanted.push_back(positions[i] % size);
      append_rows_of(context, batch, wanted, out);
    }
    return out.finish();
  }

  Element do_at(const Context& context, std::int64_t position) const override {
    return do_gather(context, Positions::range(position, 1)).element(0);
  }

 private:
  bool computed() const { return batches_.rows_per_element > 0; }

  std::int64_t rows_of(const Element& batch) const {
    require(!batch.components.empty(), label(), "an element must hold arrays to split, got ",
            batch.structure->to_string());
    for (const auto& component : batch.components) {
      require(component.ndim() > 0, label(), "every component must have a first axis, got a scalar");
      require(component.shape()[0] == batch.components[0].shape()[0], label(),
              "all components of an element must have the same first size, got ", batch.components[0].shape()[0],
              " and ", component.shape()[0]);
    }
    return batch.components[0].shape()[0];
  }

  void append_rows_of(const Context& context, std::int64_t batch, const std::vector<std::int64_t>& wanted,
                      RowsBuilder& out) const {
    try {
      Element element = up().at(context, batch);
      const std::int64_t n = rows_of(element);
      require(wanted.back() < n && wanted.front() < n, label(), "element ", batch, " must have ", wanted.back() + 1,
              " rows by the plan, got ", n);
      const Positions rows = consecutive(wanted)
                                 ? Positions::range(wanted.front(), static_cast<std::int64_t>(wanted.size()))
                                 : Positions::of(wanted.data(), static_cast<std::int64_t>(wanted.size()));
      for (auto& component : element.components) component = headrace::gather(component, rows);
      out.append_block(element.structure, std::move(element.components), rows.count);
    } catch (...) {
      const FailurePtr failure = capture_failure(*this, batch);
      for (const std::int64_t row : wanted) out.append_failure(row == 0 ? failure : without_adjustments(*failure));
    }
  }

  /// A batch that fails: where positions are computed, each of its rows fails, for all keep their places.
  void append_failures(const FailurePtr& failure, std::int64_t batch, RowsBuilder& out) const {
    out.append_failure(failure);
    if (!computed()) return;
    const std::int64_t rows = std::min(batches_.rows_per_element, batches_.total - batch * batches_.rows_per_element);
    for (std::int64_t row = 1; row < rows; ++row) out.append_failure(without_adjustments(*failure));
  }

  /// The same error in the place of a further row: what it means for the stages is counted with the first.
  FailurePtr without_adjustments(const Failure& failure) const {
    return std::make_shared<const Failure>(Failure{failure.error, failure.notes, {{this, 0, 0}}});
  }

  static bool consecutive(const std::vector<std::int64_t>& list) {
    for (std::size_t i = 1; i < list.size(); ++i) {
      if (list[i] != list[i - 1] + 1) return false;
    }
    return true;
  }

  Batches batches_;
};

}  // namespace

Dataset Unbatch::operator()(const Dataset& upstream) const {
  if (const auto spec = upstream.node().spec()) {
    require(!spec->components.empty(), name, "an element must hold arrays to split, got ", spec->to_string());
    for (const auto& component : spec->components) {
      require(!component.shape.empty(), name, "every component must have a first axis, got ", spec->to_string(),
              "; batch first");
      const std::int64_t a = component.shape[0], b = spec->components[0].shape[0];
      require(a == b || a < 0 || b < 0, name, "all components must have the same first size, got ", spec->to_string());
    }
  }
  return Dataset(std::make_shared<UnbatchNode>(upstream.node_ptr()));
}

}  // namespace headrace
