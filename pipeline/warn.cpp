#include <headrace/pipeline/warn.hpp>

#include <mutex>

namespace headrace {

namespace {

std::mutex mutex;

WarningHandler& handler_in_use() {
  static auto& handler = *new WarningHandler;  // never destroyed: a worker may warn while the process ends
  return handler;
}

}  // namespace

void set_warning_handler(WarningHandler handler) {
  const std::lock_guard lock(mutex);
  handler_in_use() = std::move(handler);
}

void warn(const std::string& text) {
  const std::lock_guard lock(mutex);
  if (const auto& handler = handler_in_use()) handler(text);
}

}  // namespace headrace
