#include <headrace/pipeline/interleave_inputs.hpp>

#include <algorithm>

#include <headrace/pipeline/run.hpp>

namespace headrace {

InterleaveOpener::InterleaveOpener(const StageNode& node, const Function& map_func, const Context& context)
    : node_(node), map_func_(map_func), run_(context.run.shared_from_this()), epoch_(context.epoch) {}

FailurePtr InterleaveOpener::open(const InterleaveInput& input, InterleaveSlot& slot) const {
  if (input.failure) return input.failure;
  try {
    const Dataset dataset = call_for_dataset(map_func_, input.element, node_, "map_func");
    slot.inner = std::make_unique<InnerCursor>(dataset, node_, Context{*run_, epoch_}, input.input);
    return nullptr;
  } catch (...) {
    return capture_failure(node_, input.input);
  }
}

InterleaveInputs::InterleaveInputs(const StageNode& node, const Function& map_func, const Context& context)
    : node_(node), opener_(node, map_func, context), upstream_(headrace::open(node.up(), context)) {}

std::optional<InterleaveInput> InterleaveInputs::read(InterleaveSlot& slot) {
  if (ended_) return std::nullopt;
  slot.before.clear();
  upstream_->mark(slot.before);
  const RowView row = upstream_->peek(1);
  if (row.empty()) {
    ended_ = true;
    return std::nullopt;
  }
  InterleaveInput next{read_, {}, row.failure(0)};
  if (next.failure)
    next.failure = with_adjustment(*next.failure, {&node_, 1, 0});
  else
    next.element = row.element(0);
  upstream_->take(1);
  ++read_;
  ++counted_;
  slot.input = next.input;
  return next;
}

void mark_slots(Mark& out, std::vector<OpenSlotMark> open, const Mark& upstream, std::int64_t inputs) {
  std::sort(open.begin(), open.end(), [](const OpenSlotMark& a, const OpenSlotMark& b) { return a.input < b.input; });
  out.append(open.empty() ? upstream : *open.front().before);
  out.put("anchor", open.empty() ? inputs : open.front().input);
  out.put("inputs", inputs);
  out.put("open", static_cast<std::int64_t>(open.size()));
  for (const OpenSlotMark& slot : open) {
    out.put("slot", slot.slot);
    out.put("input", slot.input);
    slot.mark_inner(out);
  }
}

void InterleaveInputs::mark(Mark& out, const std::vector<InterleaveSlot>& slots) const {
  std::vector<OpenSlotMark> open;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const InterleaveSlot& slot = slots[i];
    if (!slot.open()) continue;
    open.push_back(
        {static_cast<std::int64_t>(i), slot.input, &slot.before, [&](Mark& inner) { slot.inner->mark(inner); }});
  }
  Mark upstream;
  if (open.empty()) upstream_->mark(upstream);
  mark_slots(out, std::move(open), upstream, read_);
}

void InterleaveInputs::skip_to(std::int64_t input) {
  require(input >= read_ && upstream_->skip(input - read_) == input - read_, "state",
          "it stands further than this plan goes; the state is damaged or the data has changed");
  read_ = input;
}

void InterleaveInputs::restore(MarkReader& in, std::vector<InterleaveSlot>& slots) {
  upstream_->restore(in);
  read_ = in.get_count("anchor");
  const std::int64_t inputs = in.get_count("inputs");
  const std::int64_t open = in.get("open", 0, static_cast<std::int64_t>(slots.size()));
  for (std::int64_t i = 0; i < open; ++i) {
    InterleaveSlot& slot =
        slots[static_cast<std::size_t>(in.get("slot", 0, static_cast<std::int64_t>(slots.size()) - 1))];
    skip_to(in.get_count("input"));
    const auto next = read(slot);
    require(next.has_value() && !slot.open(), "state",
            "it stands further than this plan goes; the state is damaged or the data has changed");
    if (const FailurePtr failure = opener_.open(*next, slot)) std::rethrow_exception(failure->error);
    slot.inner->restore(in);
  }
  skip_to(inputs);
  counted_ = 0;
}

}  // namespace headrace
