#include <headrace/io/hdf5/file_set.hpp>

#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {

FileSet::Opened& FileSet::opened(std::size_t i) const {
  const auto place = opened_.find(i);
  if (place != opened_.end()) {
    uses_.splice(uses_.begin(), uses_, place->second.used);
    return place->second;
  }
  if (opened_.size() == kMostOpen) {
    opened_.erase(uses_.back());
    uses_.pop_back();
  }
  auto file = File::open(stage_, paths_[i], trusted_);
  stamps_.resize(paths_.size());
  require<IoError>(stamps_[i].empty() || stamps_[i] == file->stamp(), stage_, "'", paths_[i],
                   "' must stay as it is while it is read, but it was replaced or written to; make the dataset anew");
  stamps_[i] = file->stamp();
  uses_.push_front(i);
  return opened_[i] = {std::move(file), {}, uses_.begin()};
}

std::shared_ptr<File> FileSet::file(std::size_t i) const {
  const std::lock_guard lock(mutex_);
  return opened(i).file;
}

std::shared_ptr<const Array> FileSet::array(std::size_t i, const std::string& name) const {
  const std::lock_guard lock(mutex_);
  Opened& here = opened(i);
  auto& array = here.arrays[name];
  if (!array) array = here.file->array(stage_, name);
  return array;
}

}  // namespace headrace::hdf5
