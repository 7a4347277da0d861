// THE list of sources and stages: those of pipeline/ and those of this room. The Python methods, the reference and the
// contract tests read it; a new stage of io/ is one line here and one include.
#pragma once

#include <headrace/io/cache.hpp>
#include <headrace/io/from_csv.hpp>
#include <headrace/io/from_fixed_records.hpp>
#include <headrace/io/from_hdf5.hpp>
#include <headrace/io/from_image_folder.hpp>
#include <headrace/io/from_npy.hpp>
#include <headrace/io/from_npz.hpp>
#include <headrace/io/from_text.hpp>
#include <headrace/io/list_files.hpp>
#include <headrace/io/load.hpp>
#include <headrace/io/snapshot.hpp>
#include <headrace/pipeline/stages.hpp>

namespace headrace {

using IoSources =
    std::tuple<FromCsv, FromFixedRecords, FromHdf5, FromImageFolder, FromNpy, FromNpz, FromText, ListFiles, Load>;
using IoStages = std::tuple<Cache, Snapshot>;

using AllSources = decltype(std::tuple_cat(Sources(), IoSources()));
using AllStages = decltype(std::tuple_cat(Stages(), IoStages()));

/// The same as data, sources first.
const std::vector<const StageInfo*>& all_stages();

}  // namespace headrace
