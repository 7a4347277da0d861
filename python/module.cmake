# The Python module headrace._core, and the package as it can be imported from the build folder.
find_package(Python REQUIRED COMPONENTS Interpreter Development.Module NumPy)
execute_process(COMMAND ${Python_EXECUTABLE} -m pybind11 --cmakedir
                OUTPUT_VARIABLE pybind11_DIR OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
find_package(pybind11 CONFIG REQUIRED)
# The module, and links to the Python files.
set(package ${PROJECT_BINARY_DIR}/python/headrace)
file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/python/headrace
     python/headrace/*.py python/headrace/*.pyi python/headrace/py.typed)
foreach(file ${files})
  get_filename_component(folder ${package}/${file} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/python/headrace/${file} ${package}/${file} SYMBOLIC)
endforeach()
file(GLOB sources CONFIGURE_DEPENDS python/src/*.cpp)
pybind11_add_module(_core MODULE NO_EXTRAS ${sources})
target_link_libraries(_core PRIVATE headrace headrace_tool Python::NumPy)
target_link_options(_core PRIVATE LINKER:-z,pack-relative-relocs)  # a tenth of what the loader reads; glibc 2.36
target_compile_definitions(_core PRIVATE HEADRACE_VERSION="${PROJECT_VERSION}"
                           NPY_NO_DEPRECATED_API=NPY_1_7_API_VERSION)
set_target_properties(_core PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${package})
if(SKBUILD)  # the wheel takes this component and nothing else
  install(TARGETS _core DESTINATION headrace COMPONENT python)
endif()
