// Warnings: silent unless the user's language takes them.
#pragma once

#include <functional>
#include <string>

namespace headrace {

/// Called with each warning, on any thread, one at a time; it must not throw. Empty: they go nowhere.
using WarningHandler = std::function<void(const std::string&)>;
void set_warning_handler(WarningHandler handler);
void warn(const std::string& text);

}  // namespace headrace
