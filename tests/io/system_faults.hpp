// Every k-th call into the system fails or does a part: hdf5_system_test.cpp replaces those of the whole program.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace headrace::system_faults {

struct Fault {
  int error = 0;  // errno; 0: only half of what was asked for
  bool lasting = false;
};

/// Call number `call` of those that can fail is struck, counted from here; a lasting fault strikes those after it, too.
void arm(const Fault& fault, std::int64_t call);
/// No more. Whether one was struck.
bool disarm();

/// `use` with a fault at call 1, 2, 3 ... until none is struck any more, and `after` each.
template <class Use, class After>
void with_faults(const std::vector<Fault>& faults, Use&& use, After&& after) {
  for (const Fault& fault : faults) {
    bool struck = true;
    for (std::int64_t k = 1; struck; ++k) {
      SCOPED_TRACE("call " + std::to_string(k) + ", errno " + std::to_string(fault.error));
      arm(fault, k);
      use(fault);
      struck = disarm();
      after();
      if (testing::Test::HasFailure() || k > 5000) return;
    }
  }
}

}  // namespace headrace::system_faults
