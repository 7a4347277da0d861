#include <headrace/pipeline/run.hpp>

#include <algorithm>
#include <unordered_set>

#include <headrace/pipeline/random.hpp>

namespace headrace {

std::vector<const Node*> nodes_of(const Node& root) {
  std::vector<const Node*> nodes;
  std::unordered_set<const Node*> seen;
  const auto visit = [&](const auto& self, const Node& node) -> void {
    if (!seen.insert(&node).second) return;
    nodes.push_back(&node);
    for (const auto& upstream : node.upstream()) self(self, *upstream);
  };
  visit(visit, root);
  return nodes;
}

Seeds drawn_seeds(const Node& root) {
  Seeds seeds;
  for (const Node* node : nodes_of(root)) {
    if (node->seed() && node->seed()->drawn) seeds.push_back(node->seed()->value);
  }
  return seeds;
}

RunOptions options_of(const Node& root) {
  RunOptions options;
  for (const Node* node : nodes_of(root)) {
    const RunOptions* set = node->run_options();
    if (!set) continue;
    if (!options.threads) options.threads = set->threads;
    if (!options.memory_limit) options.memory_limit = set->memory_limit;
    if (!options.deterministic) options.deterministic = set->deterministic;
    if (!options.writable) options.writable = set->writable;
  }
  return options;
}

namespace {
thread_local const WorkingFor* working_for = nullptr;
}

WorkingFor::WorkingFor(const Run& run) : run_(run), outer_(working_for) { working_for = this; }
WorkingFor::~WorkingFor() { working_for = outer_; }

bool WorkingFor::here(const Run& run) {
  for (const WorkingFor* at = working_for; at; at = at->outer_) {
    for (const Run* works = &at->run_; works; works = works->outer()) {
      if (works == &run) return true;
    }
  }
  return false;
}

namespace {

int wanted_threads(const Node& root) {
  int wanted = 0;
  for (const Node* node : nodes_of(root)) wanted = std::max(wanted, node->wanted_threads());
  return wanted;
}

int threads_for(const Node& root) {
  if (const auto threads = options_of(root).threads) return static_cast<int>(*threads);
  return std::max(pool::default_threads(), wanted_threads(root));
}

}  // namespace

Run::Run(NodePtr root, std::int64_t epoch, const Seeds& seeds)
    : root_(std::move(root)),
      epoch_(epoch),
      threads_(threads_for(*root_)),
      memory_limit_(options_of(*root_).memory_limit.value_or(kDefaultMemoryLimit)),
      writable_(options_of(*root_).writable.value_or(false)),
      pool_threads_(
          std::in_place,
          threads_ + (wanted_threads(*root_) > 0 ? 1 : 0)) {  // where users' functions run at once, the consumer waits
  for (const Node* node : nodes_of(*root_)) ledger_.cell(*node);  // all there is: later look-ups change nothing
  if (seeds.empty()) return;
  std::size_t next = 0;
  for (const Node* node : nodes_of(*root_)) {
    if (!node->seed() || !node->seed()->drawn) continue;
    require(next < seeds.size(), "state", "it must hold a seed for each shuffle without one, got ", seeds.size(),
            "; the state is of another plan");
    seeds_[node] = seeds[next++];
  }
  require(next == seeds.size(), "state", "it must hold ", next, " drawn seeds, got ", seeds.size(),
          "; the state is of another plan");
}

Run::Run(NodePtr root, Run& outer, std::int64_t epoch, std::uint64_t key)
    : root_(std::move(root)),
      outer_(outer.shared_from_this()),
      epoch_(epoch),
      threads_(outer.threads()),
      memory_limit_(outer.memory_limit()),
      writable_(outer.writable()) {
  std::uint64_t next = 0;
  for (const Node* node : nodes_of(*root_)) {
    ledger_.cell(*node);
    if (node->seed() && node->seed()->drawn) seeds_[node] = static_cast<std::int64_t>(mix(key, next++) >> 1);
  }
}

std::int64_t Run::seed(const Node& node) const {
  if (seeds_.empty()) return node.seed()->value;
  const auto found = seeds_.find(&node);
  return found == seeds_.end() ? node.seed()->value : found->second;
}

}  // namespace headrace
