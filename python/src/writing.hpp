// What the writers of io/ share here: an epoch counted as one, and progress told to a function.
#pragma once

#include "callable.hpp"
#include "gil.hpp"
#include "plan.hpp"

namespace headrace::python {

/// write(dataset, epoch, seeds, progress) of the plan's next epoch, without the GIL; `progress` is empty for None.
template <class Write>
void write_next_epoch(const char* stage, const py::object& object, const py::object& progress, const Write& write) {
  PlanObject& plan = plan_of(object);
  require<TypeError>(progress.is_none() || PyCallable_Check(progress.ptr()), stage,
                     "progress must be a function or None, got ", shown(progress.ptr()));
  std::function<void(std::int64_t)> told;
  if (!progress.is_none()) {
    told = [&progress](std::int64_t rows) {
      const WithGil gil;
      in_python([&] { return progress(rows); });
    };
  }
  const Inside inside;
  const std::int64_t epoch = plan.dataset.next_epoch();
  plan.dataset.set_next_epoch(epoch + 1);
  write(plan.dataset, epoch, plan.seeds, told);
}

}  // namespace headrace::python
