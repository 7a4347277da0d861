#include <headrace/pipeline/failure.hpp>

#include <cxxabi.h>

#include <cstdlib>
#include <new>
#include <typeinfo>

#include <headrace/pipeline/node.hpp>
#include <headrace/pipeline/stage.hpp>

namespace headrace {

FailurePtr capture_failure(const Node& node, std::int64_t position) {
  return capture_failure(node, "element " + std::to_string(position));
}

FailurePtr capture_failure(const Node& node, const std::string& place) {
  try {
    throw;
  } catch (const Interrupt&) {
    throw;
  } catch (const Failed& failed) {
    return failed.failure;
  } catch (...) {
    std::string note = "[" + node.label() + "] " + place;
    if (!node.call().place.empty()) note += ", attached at " + node.call().place;
    return std::make_shared<const Failure>(Failure{std::current_exception(), {std::move(note)}, {{&node, 1, 0}}});
  }
}

namespace {

/// The name of a C++ exception type; of ours, Python's for the same.
std::string type_of(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) || dynamic_cast<const MemoryLimitError*>(&error))
    return "MemoryError";
  if (dynamic_cast<const IoError*>(&error)) return "OSError";
  if (dynamic_cast<const StateError*>(&error)) return "RuntimeError";
  int status = 0;
  char* const name = abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status);
  std::string text = name ? name : "std::exception";
  std::free(name);
  constexpr std::string_view kOurs = "headrace::";
  if (dynamic_cast<const Error*>(&error) && text.compare(0, kOurs.size(), kOurs) == 0) text.erase(0, kOurs.size());
  return text;
}

/// Calls `use` with the type and a function that gives the message.
template <class F>
std::string described(const Failure& failure, F&& use) {
  try {
    std::rethrow_exception(failure.error);
  } catch (const ForeignError& error) {
    return use(error.type(), [&] { return error.message(); });
  } catch (const std::exception& error) {
    return use(type_of(error), [&] { return std::string(error.what()); });
  } catch (...) {
    return use(std::string("exception"), [] { return std::string("of unknown type"); });
  }
}

}  // namespace

std::string cause_of(const Failure& failure) {
  return described(failure, [](std::string type, auto&&) { return type; });
}

std::string text_of(const Failure& failure) {
  return described(failure, [](const std::string& type, auto&& message) { return type + ": " + message(); });
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
