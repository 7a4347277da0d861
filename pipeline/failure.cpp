#include <headrace/pipeline/failure.hpp>

#include <headrace/pipeline/node.hpp>
#include <headrace/pipeline/stage.hpp>

namespace headrace {

FailurePtr capture_failure(const Node& node, std::int64_t position) {
  try {
    throw;
  } catch (const Interrupt&) {
    throw;
  } catch (const Failed& failed) {
    return failed.failure;
  } catch (...) {
    std::string note = "[" + node.label() + "] element " + std::to_string(position);
    if (!node.call().place.empty()) note += ", attached at " + node.call().place;
    return std::make_shared<const Failure>(Failure{std::current_exception(), {std::move(note)}, {{&node, 1, 0}}});
  }
}

FailurePtr with_note(const Failure& failure, std::string note) {
  auto copy = std::make_shared<Failure>(failure);
  copy->notes.push_back(std::move(note));
  return copy;
}

FailurePtr with_adjustment(const Failure& failure, Adjustment adjustment) {
  auto copy = std::make_shared<Failure>(failure);
  copy->adjustments.push_back(adjustment);
  return copy;
}

}  // namespace headrace
