// How a command of the program is declared once: a struct whose fields are its options. From its table come the
// command line, --help, the man page and shell completion. See head.hpp for the pattern.
#pragma once

#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include <headrace/io/tool/console.hpp>
#include <headrace/pipeline/stage.hpp>

namespace headrace::tool {

struct Parameter {
  std::string name;   // "chunk-rows"; of an argument "FILE"
  char letter;        // 'n' for -n; or '\0'
  std::string takes;  // "N"; nothing for a flag
  bool positional;
  bool required;
  OptionType type;  // boolean, integer, string or strings
  Value default_value;
  std::string doc;
  std::vector<std::string> choices;  // for completion; nothing: files
};

struct Example {
  const char* line;
  const char* does;
};

/// A command as data.
struct CommandInfo {
  std::string name;
  std::string summary;  // one line
  std::string details;  // paragraphs
  std::vector<Example> examples;
  std::vector<Parameter> parameters;
  /// With as many values as parameters. What it returns is the exit code.
  std::function<int(const std::vector<Value>& values, Console& console)> run;
};

namespace detail {
template <class S, class T>
struct Entry {
  const char* name;
  T S::*member;
  const char* takes;
  const char* doc;
  char letter;
  bool positional, required;
};
}  // namespace detail

/// The entries of a command's parameters().
template <class S, class T>
constexpr auto argument(const char* name, T S::*member, const char* doc, bool required = true) {
  return detail::Entry<S, T>{name, member, name, doc, '\0', true, required};
}
template <class S, class T>
constexpr auto option(const char* name, char letter, const char* takes, T S::*member, const char* doc) {
  return detail::Entry<S, T>{name, member, takes, doc, letter, false, false};
}
template <class S, class T>
constexpr auto required_option(const char* name, char letter, const char* takes, T S::*member, const char* doc) {
  return detail::Entry<S, T>{name, member, takes, doc, letter, false, true};
}

/// What commands that read or write whole files have in common.
struct Work {
  std::int64_t jobs = 0;
  std::string memory = "256M";
  bool quiet = false;
  static constexpr auto parameters() {
    return std::tuple{
        option("jobs", 'j', "N", &Work::jobs, "threads that work; 0: one for each core"),
        option("memory", 'm', "BYTES", &Work::memory, "memory for data: 64M, 2G or plain bytes; at least a chunk fits"),
        option("quiet", 'q', "", &Work::quiet, "no progress")};
  }
};

template <class C>
const CommandInfo& command_info() {
  static const CommandInfo info = [] {
    CommandInfo made{C::name, C::summary, C::details, C::examples(), {}, {}};
    const C defaults{};
    const auto add = [&](const auto& entry) {
      using T = std::decay_t<decltype(defaults.*entry.member)>;
      made.parameters.push_back({entry.name,
                                 entry.letter,
                                 entry.takes,
                                 entry.positional,
                                 entry.required,
                                 headrace::detail::OptionTraits<typename headrace::detail::Nullable<T>::type>::type,
                                 headrace::detail::to_value(defaults.*entry.member),
                                 entry.doc,
                                 {}});
    };
    std::apply([&](const auto&... entry) { (add(entry), ...); }, C::parameters());
    if constexpr (requires { C::choices(); }) made.parameters.front().choices = C::choices();
    made.run = [](const std::vector<Value>& values, Console& console) {
      C command{};
      std::size_t next = 0;
      const auto set = [&](const auto& entry) {
        using T = std::decay_t<decltype(command.*entry.member)>;
        command.*entry.member = headrace::detail::from_value<T>(values[next++]);
      };
      std::apply([&](const auto&... entry) { (set(entry), ...); }, C::parameters());
      return command.run(console);
    };
    return made;
  }();
  return info;
}

/// The exit codes, documented in --help and the man page: 128 + a signal's number where one ended the work.
inline constexpr int kDone = 0, kFailed = 1, kWrongUsage = 2;

/// "64M" as bytes. ValueError naming the command.
std::int64_t parse_bytes(std::string_view command, const std::string& text);
/// "1.5 MB": decimal units.
std::string show_bytes(double bytes);

}  // namespace headrace::tool
