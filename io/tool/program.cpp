#include <headrace/io/tool/program.hpp>

#include <new>

#include <headrace/io/tool/command_line.hpp>
#include <headrace/io/tool/help.hpp>

namespace headrace::tool {
namespace {

int answer(const std::vector<std::string>& words, Console& console) {
  const Request request = parse(words);
  if (!request.wrong.empty()) {
    console.say(request.wrong);
    return kWrongUsage;
  }
  if (request.help || request.version) {
    console.print(request.version ? version() : request.command ? help(*request.command) : help());
    return words.empty() ? kWrongUsage : kDone;
  }
  const Signals signals;
  return request.command->run(request.values, console);
}

/// Of options' values, found when the command begins: wrong usage. Of data it is an IoError.
int failed(Console& console, const std::string& words, int code) {
  console.say(words);
  return code;
}

}  // namespace

int run_program(const std::vector<std::string>& words, std::FILE* out, std::FILE* err) {
  Console console(out, err);
  try {
    const int code = answer(words, console);
    console.flush();
    return code;
  } catch (const Interrupted& interrupted) {
    return failed(console, "interrupted", 128 + interrupted.signal);
  } catch (const ValueError& error) {
    return failed(console, error.what(), kWrongUsage);
  } catch (const std::bad_alloc&) {
    return failed(console, "there is not enough memory; lower --memory or --jobs", kFailed);
  } catch (const std::exception& error) {
    return failed(console, error.what(), kFailed);
  }
}

}  // namespace headrace::tool
