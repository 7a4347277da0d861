#include <headrace/io/tool/commands.hpp>

#include <headrace/io/tool/completion.hpp>
#include <headrace/io/tool/head.hpp>
#include <headrace/io/tool/ingest.hpp>
#include <headrace/io/tool/inspect.hpp>
#include <headrace/io/tool/man.hpp>
#include <headrace/io/tool/repack.hpp>
#include <headrace/io/tool/stats.hpp>
#include <headrace/io/tool/verify.hpp>

namespace headrace::tool {

std::span<const CommandInfo* const> commands() {
  static const CommandInfo* const all[] = {
      &command_info<Ingest>(), &command_info<Inspect>(), &command_info<Head>(),       &command_info<Stats>(),
      &command_info<Verify>(), &command_info<Repack>(),  &command_info<Completion>(), &command_info<Man>()};
  return all;
}

const CommandInfo* find_command(std::string_view name) {
  for (const CommandInfo* command : commands())
    if (command->name == name) return command;
  return nullptr;
}

}  // namespace headrace::tool
