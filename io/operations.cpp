#include <headrace/io/operations.hpp>

namespace headrace {

namespace {

template <class... O>
std::vector<OperationInfo> infos(std::tuple<O...>*) {
  return {operation_info<O>()...};
}

}  // namespace

const std::vector<OperationInfo>& all_operations() {
  static const auto all = infos(static_cast<Operations*>(nullptr));
  return all;
}

}  // namespace headrace
