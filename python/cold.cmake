# What runs once a call of a method, a plan or an error, and where small code matters more than fast code.
set(headrace_cold
  src/binder.cpp src/components.cpp src/dlpack_in.cpp src/dlpack_out.cpp src/errors.cpp src/hdf5.cpp src/module.cpp
  src/operation_docs.cpp src/options.cpp src/pickling.cpp src/plan.cpp src/process.cpp src/random_generators.cpp
  src/specs.cpp src/structures.cpp src/tensor_proto.cpp src/warnings.cpp)
