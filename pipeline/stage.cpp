#include <headrace/pipeline/stage.hpp>

#include <headrace/pipeline/node.hpp>

namespace headrace {

/// The stages that a composite is planned as: errors that come from them say where the user attached it.
void Attach::name_planned(const Node& composite, const StageCall& call) {
  const NodePtr end = composite.attached_to();
  if (composite.upstream().empty() || composite.upstream().front() == end) return;
  for (NodePtr at = composite.upstream().front(); at && at != end;) {
    Node& inner = const_cast<Node&>(*at);  // made for this composite and not yet seen by anybody
    if (inner.call_->place.empty()) inner.call_->place = call.place;
    if (inner.call_->info == call.info && !call.label.empty()) inner.label_ = call.info->name + " '" + call.label + "'";
    at = at->upstream().empty() ? nullptr : at->upstream().front();
  }
}

void Attach::name(Dataset& dataset, StageCall call) {
  Node& node = *dataset.node_;
  name_planned(node, call);
  node.label_ = call.info->name;
  if (!call.label.empty()) node.label_ += " '" + call.label + "'";
  *node.call_ = std::move(call);
}

void Attach::set_drawn_seed(Dataset& dataset, std::int64_t seed) {
  require<StateError>(dataset.node_->seed_ && dataset.node_->seed_->drawn, dataset.node_->label(),
                      "has no drawn seed to replace");
  dataset.node_->seed_->value = seed;
}

namespace {

struct ValueText {
  std::string operator()(std::monostate) const { return "None"; }
  std::string operator()(bool value) const { return value ? "True" : "False"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const {
    std::ostringstream text;
    text << value;
    return text.str();
  }
  std::string operator()(const std::string& value) const { return "'" + value + "'"; }
  std::string operator()(const FunctionPtr& value) const { return value ? value->name() : "?"; }
  std::string operator()(const GeneratorPtr& value) const { return value ? value->name() : "?"; }
  std::string operator()(const Dataset&) const { return "..."; }
  std::string operator()(const DatasetTree& value) const { return value.structure->to_string(); }
  std::string operator()(const std::vector<Dataset>& value) const {
    if (value.size() > 4) return "[" + std::to_string(value.size()) + " datasets]";
    std::string text = "[";
    for (std::size_t i = 0; i < value.size(); ++i) text += i ? ", ..." : "...";
    return text + "]";
  }
  std::string operator()(const Element& value) const { return spec_of(value).to_string(); }
  std::string operator()(const Spec& value) const { return value.to_string(); }
  std::string operator()(const Shapes& value) const { return value.to_string(); }
  std::string operator()(const std::vector<std::string>& value) const {
    std::string text;
    for (const std::string& item : value) text += (text.empty() ? "'" : ", '") + item + "'";
    return value.size() == 1 ? text : "[" + text + "]";
  }
  std::string operator()(DType value) const { return value ? "'" + value.name() + "'" : "None"; }
};

/// As a user wrote it, where it is a few names; else its spec.
std::string shown(const Value& value) {
  constexpr std::int64_t kFew = 12;
  const Element* const element = std::get_if<Element>(&value);
  if (!element || element->components.empty()) return to_string(value);
  std::int64_t texts = 0;
  for (const Tensor& names : element->components) {
    if (names.dtype() != text || names.ndim() > 1) return to_string(value);
    texts += names.size();
  }
  if (texts > kFew) return to_string(value);
  return element->structure->to_string([&](int leaf) {
    const Tensor& names = element->components[static_cast<std::size_t>(leaf)];
    std::string listed;
    for (std::int64_t i = 0; i < names.size(); ++i)
      listed += (i ? ", '" : "'") + std::string((names.ndim() == 0 ? names : names.row(i)).text()) + "'";
    return names.ndim() == 0 ? listed : "[" + listed + "]";
  });
}

bool same_text(const Value& a, const Value& b) { return a.index() == b.index() && to_string(a) == to_string(b); }

}  // namespace

std::string to_string(const Value& value) { return std::visit(ValueText{}, value); }

std::string to_string(const StageCall& call) {
  if (!call.info) return "?";
  std::string text = call.info->name + "(";
  const char* separator = "";
  for (std::size_t i = 0; i < call.values.size(); ++i) {
    const OptionInfo& option = call.info->options[i];
    if (!option.required && same_text(call.values[i], option.default_value)) continue;
    text += separator;
    if (!option.required) text += option.name + "=";
    text += shown(call.values[i]);
    separator = ", ";
  }
  return text + ")";
}

}  // namespace headrace
