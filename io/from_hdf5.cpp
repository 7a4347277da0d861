#include <headrace/io/from_hdf5.hpp>

#include <headrace/io/hdf5/leaves.hpp>
#include <headrace/io/hdf5/other_dtype.hpp>
#include <headrace/io/hdf5/ragged_column.hpp>
#include <headrace/io/hdf5/samples.hpp>
#include <headrace/io/hdf5/selection.hpp>
#include <headrace/io/hdf5/utf8.hpp>
#include <headrace/io/input_files.hpp>

namespace headrace {

namespace {

using Components = std::vector<std::unique_ptr<const hdf5::Component>>;
using Files = std::shared_ptr<const hdf5::FileSet>;

/// Rows that follow each other: of arrays with equally many in each file.
Components columns(const Files& files, const std::vector<std::string>& arrays, bool mmap) {
  Components columns;
  for (const std::string& array : arrays) {
    const hdf5::ArrayInfo info = files->array(0, array)->info();
    const DType dtype = hdf5::kept_dtype(files->stage(), *files->file(0), info);
    if (info.sequences)
      columns.push_back(std::make_unique<const hdf5::RaggedColumn>(files, array, mmap));
    else
      columns.push_back(hdf5::in_dtype(std::make_unique<const hdf5::Column>(files, array, mmap), dtype));
    const hdf5::Component &first = *columns.front(), &last = *columns.back();
    for (std::size_t file = 0; file < files->paths().size(); ++file) {
      const auto rows = [&](const hdf5::Component& column) {
        return column.starts()[file + 1] - column.starts()[file];
      };
      require(rows(first) == rows(last), files->stage(), "datasets must be of one first size, got ", rows(first),
              " of '", first.name(), "' and ", rows(last), " of '", last.name(), "' in '", files->paths()[file], "'");
    }
  }
  return columns;
}

Components samples_of(const std::shared_ptr<const hdf5::Samples>& samples, const std::vector<std::string>& arrays,
                      bool mmap) {
  const std::vector<TensorSpec> specs = samples->specs(arrays);
  const hdf5::FileSet& files = samples->files();
  Components components;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    auto component = std::make_unique<const hdf5::SampleComponent>(samples, arrays[i], specs[i], mmap);
    const auto file = files.file((*samples)[0].file);
    components.push_back(hdf5::in_dtype(std::move(component),
                                        hdf5::kept_dtype(files.stage(), *file, samples->array(0, arrays[i])->info())));
  }
  return components;
}

}  // namespace

Dataset FromHdf5::operator()() const {
  const auto set = std::make_shared<const hdf5::FileSet>(name, expanded_paths(name, files), trusted);
  hdf5::Selection chosen;
  Components components;
  if (groups) {
    const auto samples = std::make_shared<const hdf5::Samples>(set, *groups);
    const hdf5::Samples::Sample first = (*samples)[0];
    chosen = hdf5::select_in(name, *set->file(first.file), first.group, datasets);
    components = samples_of(samples, chosen.names, mmap);
  } else {
    chosen = hdf5::select(name, *set->file(0), datasets);
    components = columns(set, chosen.names, mmap);
  }
  return Dataset(
      hdf5::make_source_node(hdf5::leaves_of(std::move(chosen.structure), std::move(components), split_records)));
}

}  // namespace headrace
