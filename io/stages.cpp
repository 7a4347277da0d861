#include <headrace/io/stages.hpp>

namespace headrace {

const std::vector<const StageInfo*>& all_stages() {
  static const auto all = stage_infos<AllSources, AllStages>();
  return all;
}

}  // namespace headrace
