#include <headrace/pipeline/with_options.hpp>

#include <headrace/pipeline/passed.hpp>

namespace headrace {

namespace {

class OptionsNode final : public PassNode {
 public:
  OptionsNode(NodePtr upstream, RunOptions options) : PassNode(std::move(upstream)), options_(options) {}
  bool changes_elements() const override { return false; }
  const RunOptions* run_options() const override { return &options_; }

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
