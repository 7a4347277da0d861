# The libraries behind the chunk filters. Sets headrace_codecs, those to link, and headrace_left_out: the sources that are
# not compiled, NAME.cpp where an optional library is missing, else no_NAME.cpp.
set(HEADRACE_CODECS lz4 zstd blosc CACHE STRING "compressors of HDF5 chunks that are built in where their library is there")
set(headrace_codecs)
set(headrace_left_out)

foreach(library z deflate ${HEADRACE_CODECS})
  string(REGEX MATCH "^(z|deflate)$" needed ${library})
  find_library(HEADRACE_${library}_LIBRARY ${library})
  find_path(HEADRACE_${library}_INCLUDE NAMES lib${library}.h ${library}lib.h ${library}.h)
  mark_as_advanced(HEADRACE_${library}_LIBRARY HEADRACE_${library}_INCLUDE)
  if(HEADRACE_${library}_LIBRARY AND HEADRACE_${library}_INCLUDE)
    list(APPEND headrace_codecs ${library})
  elseif(needed)
    string(REPLACE "libz-" "zlib1g-" package lib${library}-dev)
    message(FATAL_ERROR "[headrace] lib${library} and its header are needed; install them: sudo apt-get install ${package}")
  endif()
endforeach()

foreach(library lz4 zstd blosc)
  if(library IN_LIST headrace_codecs)
    list(APPEND headrace_left_out ${CMAKE_CURRENT_LIST_DIR}/no_${library}.cpp)
  else()
    message(STATUS "headrace: HDF5 chunks of ${library} are not read; sudo apt-get install lib${library}-dev changes that")
    list(APPEND headrace_left_out ${CMAKE_CURRENT_LIST_DIR}/${library}.cpp)
  endif()
endforeach()

# Links them to a target, by path here and by name once installed.
function(headrace_link_codecs target)
  foreach(library ${headrace_codecs})
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:${HEADRACE_${library}_LIBRARY}> $<INSTALL_INTERFACE:${library}>)
  endforeach()
endfunction()
