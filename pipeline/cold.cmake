# What runs once a plan, a run or a state, and where small code matters more than fast code.
set(headrace_cold
  alike.cpp base64.cpp composite.cpp dataset.cpp element_text.cpp ends.cpp failure.cpp host.cpp numbers.cpp shapes.cpp
  signature.cpp stage.cpp state.cpp warn.cpp with_options.cpp)
