#include <headrace/pipeline/dataset.hpp>

#include <headrace/pipeline/digest.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/run.hpp>
#include <headrace/pipeline/stage.hpp>

namespace headrace {

namespace {

/// The plain exception of a failed element.
template <class F>
Element without_notes(F&& read) {
  try {
    return read();
  } catch (const Failed& failed) {
    std::rethrow_exception(failed.failure->error);
  }
}

void require_random_access(const Node& node, const char* what) {
  require<TypeError>(node.access() == Access::random, node.label(), what,
                     " needs random access; this dataset is a stream because of ", stream_cause(node),
                     "; iterate over it, or cache() it first");
}

std::int64_t checked_position(const Node& node, std::int64_t position) {
  const std::int64_t n = node.cardinality();
  const std::int64_t place = position < 0 && n >= 0 ? position + n : position;
  require<IndexError>(place >= 0 && (n == kInfinite || place < n), node.label(), "a position must be below ", n,
                      ", got ", position);
  return place;
}

std::string cardinality_text(std::int64_t n) {
  if (n == kInfinite) return "infinite";
  return n == kUnknown ? "?" : std::to_string(n);
}

void explain_node(const Node& node, int depth, std::string& text) {
  const auto spec = node.spec();
  text += std::string(static_cast<std::size_t>(2 * depth), ' ') + to_string(node.call());
  if (!node.call().label.empty()) text += " '" + node.call().label + "'";
  text += "  -> " + (spec ? spec->to_string() : "?") + " x " + cardinality_text(node.cardinality());
  text += node.access() == Access::random ? ", random access" : ", stream";
  if (node.runs_inline()) text += ", on the consumer's thread";
  if (const std::string remark = node.remark(); !remark.empty()) text += ", " + remark;
  text += "\n";
  const int step = node.upstream().size() > 1 ? 1 : 0;
  for (const auto& upstream : node.upstream()) explain_node(*upstream, depth + step, text);
}

void identify(const Node& node, std::string& text) {
  if (!node.changes_elements()) {
    identify(*node.upstream().front(), text);
    return;
  }
  const StageCall& call = node.call();
  text += call.info->name + "(";
  for (std::size_t i = 0; i < call.values.size(); ++i) {
    if (call.info->options[i].identifies) text += call.info->options[i].name + "=" + to_string(call.values[i]) + ",";
  }
  text += node.identity() + ")[";
  for (const auto& upstream : node.upstream()) {
    identify(*upstream, text);
    text += ";";
  }
  text += "]";
}

/// One element of a throw-away run; its sizes may differ in the next, so they count as unknown.
Spec computed_spec(std::shared_ptr<const Node> node) {
  const auto run = std::make_shared<Run>(node, 0);
  run->set_quiet(true);
  const auto cursor = open(*node, run->context());
  const RowView row = cursor->peek(1);
  run->cancel();
  require(!row.empty(), node->label(),
          "element_spec of an empty dataset cannot be found by computing an element; give map an output_signature");
  if (const FailurePtr& failure = row.failure(0)) std::rethrow_exception(failure->error);
  Spec spec = spec_of(row.element(0));
  for (auto& component : spec.components) std::fill(component.shape.begin(), component.shape.end(), -1);
  return spec;
}

}  // namespace

std::string stream_cause(const Node& node) {
  for (const Node* at = &node; at->access() != Access::random;) {
    const Node* next = nullptr;
    for (const auto& upstream : at->upstream()) {
      if (upstream->access() != Access::random) next = upstream.get();
    }
    if (!next) return at->label() + "()";
    at = next;
  }
  return node.label() + "()";
}

std::int64_t Dataset::cardinality() const { return node_->cardinality(); }

bool Dataset::random_access() const { return node_->access() == Access::random; }

Spec Dataset::element_spec() const {
  if (auto known = node_->spec()) return *known;
  return computed_spec(node_);
}

Iterator Dataset::iterate() { return Iterator(node_, next_epoch_++); }

Iterator Dataset::iterate(std::int64_t epoch) const { return Iterator(node_, epoch); }

Element Dataset::read(std::int64_t position) const {
  require_random_access(*node_, "an index");
  const std::int64_t place = checked_position(*node_, position);
  const auto run = std::make_shared<Run>(node_, 0);
  return node_->at(run->context(), place);
}

Element Dataset::read(std::span<const std::int64_t> positions) const {
  require_random_access(*node_, "gather()");
  require(!positions.empty(), node_->label(), "gather() needs at least one position, got none");
  std::vector<std::int64_t> places;
  for (const std::int64_t position : positions) places.push_back(checked_position(*node_, position));
  const auto run = std::make_shared<Run>(node_, 0);
  const Rows rows =
      node_->gather(run->context(), Positions::of(places.data(), static_cast<std::int64_t>(places.size())));
  return stack_rows(*node_, {&rows, 1}, 0);
}

Element Dataset::operator[](std::int64_t position) const {
  return without_notes([&] { return read(position); });
}

Element Dataset::gather(std::span<const std::int64_t> positions) const {
  return without_notes([&] { return read(positions); });
}

std::string Dataset::explain() const {
  std::string text;
  explain_node(*node_, 0, text);
  return text;
}

std::string Dataset::fingerprint() const { return fingerprint_of(*node_); }

std::string fingerprint_of(const Node& node) {
  std::string text;
  identify(node, text);
  return digest(text);
}

}  // namespace headrace
