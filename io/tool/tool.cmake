# The program `headrace`, and the same in the Python module. Its objects are no part of the library; its headers are not
# installed.
if(PROJECT_IS_TOP_LEVEL AND NOT SKBUILD)
  set(default ON)
else()
  set(default OFF)
endif()
option(HEADRACE_BUILD_TOOL "the program headrace" ${default})
file(GLOB_RECURSE headrace_tool_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/io/tool/*.cpp)
list(APPEND headrace_left_out ${headrace_tool_sources})  # of the room's own objects
if(NOT HEADRACE_BUILD_TOOL AND NOT HEADRACE_BUILD_PYTHON)
  return()
endif()

find_path(HEADRACE_CLI11_INCLUDE CLI/CLI.hpp)
mark_as_advanced(HEADRACE_CLI11_INCLUDE)
if(NOT HEADRACE_CLI11_INCLUDE)
  message(FATAL_ERROR "[headrace] CLI11's headers are needed for the program; install them: sudo apt-get install "
                      "libcli11-dev (or leave it out: -DHEADRACE_BUILD_TOOL=OFF, without the Python module)")
endif()
list(REMOVE_ITEM headrace_tool_sources ${PROJECT_SOURCE_DIR}/io/tool/main.cpp)
add_library(headrace_tool OBJECT ${headrace_tool_sources})
target_include_directories(headrace_tool PRIVATE ${headrace_includes})
target_include_directories(headrace_tool SYSTEM PRIVATE ${HEADRACE_CLI11_INCLUDE})
target_link_libraries(headrace_tool PRIVATE nlohmann_json::nlohmann_json)
target_compile_options(headrace_tool PRIVATE $<$<NOT:$<CONFIG:Debug>>:-Os>)  # what is fast is in the library
set_source_files_properties(io/tool/help.cpp PROPERTIES COMPILE_DEFINITIONS HEADRACE_VERSION="${PROJECT_VERSION}")
if(NOT HEADRACE_BUILD_TOOL)
  return()
endif()

add_executable(headrace_program io/tool/main.cpp)
target_include_directories(headrace_program PRIVATE ${headrace_includes})
target_link_libraries(headrace_program PRIVATE headrace_tool headrace)
set_target_properties(headrace_program PROPERTIES OUTPUT_NAME headrace RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
install(TARGETS headrace_program)
# The man page and completion in shells, as the program itself prints them.
function(headrace_printed file folder)  # then the words that print it
  add_custom_command(OUTPUT ${file} COMMAND headrace_program ${ARGN} > ${file} DEPENDS headrace_program VERBATIM)
  add_custom_target(headrace_printed_${file} ALL DEPENDS ${file})
  install(FILES ${PROJECT_BINARY_DIR}/${file} DESTINATION ${folder})
endfunction()
if(NOT CMAKE_CROSSCOMPILING)
  headrace_printed(headrace.1 ${CMAKE_INSTALL_MANDIR}/man1 man)
  headrace_printed(headrace.bash ${CMAKE_INSTALL_DATADIR}/bash-completion/completions completion bash)
  headrace_printed(_headrace ${CMAKE_INSTALL_DATADIR}/zsh/site-functions completion zsh)
  headrace_printed(headrace.fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d completion fish)
endif()
