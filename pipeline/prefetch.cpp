#include <headrace/pipeline/prefetch.hpp>

#include <headrace/pipeline/passed.hpp>
#include <headrace/pipeline/read_ahead.hpp>

namespace headrace {

namespace {

class PrefetchNode final : public PassNode {
 public:
  PrefetchNode(NodePtr upstream, std::optional<std::int64_t> size) : PassNode(std::move(upstream)), size_(size) {}
  bool changes_elements() const override { return false; }
  std::string remark() const override {
    if (access() == Access::random && !up().reads_inline())
      return "nothing to do: built-in work on random access runs ahead by itself";
    return {};
  }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override {
    if (size_ == 0) return PassNode::open_stream(context);
    return std::make_unique<ReadAheadCursor>(open(up(), context), *this, context, size_.value_or(0));
  }

 private:
  std::optional<std::int64_t> size_;
};

}  // namespace

Dataset Prefetch::operator()(const Dataset& upstream) const {
  require(!buffer_size || *buffer_size >= 0, name, "buffer_size must be >= 0, got ", buffer_size.value_or(0),
          "; None or AUTOTUNE chooses");
  return Dataset(std::make_shared<PrefetchNode>(upstream.node_ptr(), buffer_size));
}

}  // namespace headrace
