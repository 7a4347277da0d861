# libhdf5, serial: the pipeline never writes in parallel. Debian's has its own name, so that several can be installed.
find_library(HEADRACE_HDF5_LIBRARY NAMES hdf5_serial hdf5)
find_path(HEADRACE_HDF5_INCLUDE hdf5.h PATH_SUFFIXES hdf5/serial)
mark_as_advanced(HEADRACE_HDF5_LIBRARY HEADRACE_HDF5_INCLUDE)
if(NOT HEADRACE_HDF5_LIBRARY OR NOT HEADRACE_HDF5_INCLUDE)
  message(FATAL_ERROR "[headrace] libhdf5 and its headers are needed; install them: sudo apt-get install libhdf5-dev")
endif()
file(STRINGS ${HEADRACE_HDF5_INCLUDE}/H5public.h headrace_hdf5_version REGEX "define H5_VERS_(MAJOR|MINOR|RELEASE)[ \t]")
string(REGEX REPLACE "[^0-9;]*H5_VERS_[A-Z]+[ \t]+([0-9]+)[^;]*" "\\1" headrace_hdf5_version "${headrace_hdf5_version}")
string(REPLACE ";" "." headrace_hdf5_version "${headrace_hdf5_version}")
if(headrace_hdf5_version VERSION_LESS 1.10.7)
  message(FATAL_ERROR "[headrace] libhdf5 must be 1.10.7 or newer, got ${headrace_hdf5_version} "
                      "(${HEADRACE_HDF5_INCLUDE}); give another folder by CMAKE_PREFIX_PATH")
endif()

# Links it to a target, by path here and by name once installed.
function(headrace_link_hdf5 target)
  cmake_path(GET HEADRACE_HDF5_LIBRARY STEM name)
  string(REGEX REPLACE "^lib" "" name ${name})
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:${HEADRACE_HDF5_LIBRARY}> $<INSTALL_INTERFACE:${name}>)
endfunction()
