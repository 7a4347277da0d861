#include <headrace/io/from_npy.hpp>

#include <algorithm>

#include <headrace/io/byte_stream.hpp>
#include <headrace/io/hdf5/leaves.hpp>
#include <headrace/io/npy/column.hpp>
#include <headrace/io/npy/stream.hpp>

namespace headrace {

Dataset FromNpy::operator()() const {
  std::vector<InputFile> found = input_files(name, files);
  if (std::any_of(found.begin(), found.end(), [](const auto& file) { return is_gzip(name, file.path); })) {
    require(!mmap, name, "mmap must be False for files compressed by gzip, got True; gunzip them");
    return Dataset(make_npy_stream(name, std::move(found)));
  }
  const auto set = std::make_shared<const StampedFiles>(name, expanded_paths(name, files));
  std::vector<NpyPart> parts;
  for (std::size_t file = 0; file < set->paths().size(); ++file) parts.push_back(npy_part(*set, file));
  std::vector<std::unique_ptr<const hdf5::Component>> columns;
  columns.push_back(std::make_unique<const NpyColumn>(set, set->paths().front(), std::move(parts), mmap,
                                                      std::make_shared<InflatedBytes>(0)));
  return Dataset(hdf5::make_source_node(hdf5::leaves_of(Structure::leaf(), std::move(columns), false)));
}

}  // namespace headrace
