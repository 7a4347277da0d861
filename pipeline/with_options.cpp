#include <headrace/pipeline/with_options.hpp>

#include <headrace/pipeline/passed.hpp>

namespace headrace {

namespace {

class OptionsNode final : public ReindexNode {
 public:
  OptionsNode(NodePtr upstream, RunOptions options) : ReindexNode(std::move(upstream)), options_(options) {}
  bool changes_elements() const override { return false; }
  Batches batches() const override { return up().batches(); }
  const RunOptions* run_options() const override { return &options_; }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override {
    return std::make_unique<PassingCursor>(open(up(), context), PassedRows(*this, context.run));
  }

 protected:
  Positions translate(const Context&, const Positions& positions, std::vector<std::int64_t>&) const override {
    return positions;
  }

 private:
  RunOptions options_;
};

}  // namespace

Dataset WithOptions::operator()(const Dataset& upstream) const {
  require(!threads || (*threads >= 1 && *threads <= 4096), name, "threads must be within [1, 4096], got ",
          threads.value_or(0));
  require(!memory_limit || *memory_limit >= 1, name, "memory_limit must be >= 1 byte, got ", memory_limit.value_or(0));
  return Dataset(
      std::make_shared<OptionsNode>(upstream.node_ptr(), RunOptions{threads, memory_limit, deterministic, writable}));
}

}  // namespace headrace
