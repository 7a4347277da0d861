#include "warnings.hpp"

#include <headrace/pipeline/warn.hpp>

#include <atomic>
#include <deque>
#include <mutex>

namespace headrace::python {
namespace {

std::mutex mutex;
std::atomic<bool> any{false};

std::deque<std::string>& collected() {
  static auto& texts = *new std::deque<std::string>;
  return texts;
}

/// Empty if there is none.
std::string next_warning() {
  const std::lock_guard lock(mutex);
  std::string text;
  if (!collected().empty()) {
    text = std::move(collected().front());
    collected().pop_front();
  }
  any.store(!collected().empty(), std::memory_order_relaxed);
  return text;
}

}  // namespace

void collect_warnings() {
  set_warning_handler([](const std::string& text) {
    const std::lock_guard lock(mutex);
    collected().push_back(text);
    any.store(true, std::memory_order_relaxed);
  });
}

void give_warnings() {
  while (any.load(std::memory_order_relaxed)) {
    const std::string text = next_warning();
    if (text.empty()) return;
    const py::object category = py::module_::import("headrace").attr("HeadraceWarning");
    check(PyErr_WarnEx(category.ptr(), text.c_str(), 1));
  }
}

}  // namespace headrace::python
