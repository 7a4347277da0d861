// Private to this folder: the one implementation of File. What takes an Action needs the Library.
#pragma once

#include <sys/stat.h>

#include <headrace/io/hdf5/file.hpp>
#include <headrace/io/hdf5/library.hpp>

namespace headrace::hdf5 {

class GlobalHeap;

class OpenFile final : public File, public std::enable_shared_from_this<OpenFile> {
 public:
  OpenFile(std::string_view stage, std::string path, bool trusted);
  ~OpenFile() override;
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  const std::string& path() const override { return path_; }
  bool trusted() const override { return trusted_; }
  bool unchanged() const override;
  std::string stamp() const override;
  std::vector<Member> members(std::string_view stage, const std::string& group, bool deep) const override;
  std::vector<std::string> groups(std::string_view stage, const std::string& group,
                                  const std::string& pattern) const override;
  std::vector<Member> look_up(std::string_view stage, const std::string& group,
                              std::span<const std::string> names) const override;
  std::shared_ptr<const Array> array(std::string_view stage, const std::string& name, bool as_stored) const override;
  Facts facts(std::string_view stage, const std::string& name) const override;
  std::optional<std::int64_t> chunk_place(std::string_view stage, const std::string& name,
                                          const Shape& start) const override;
  bool is_group(std::string_view stage, const std::string& name) const override;
  Member member(std::string_view stage, const std::string& name) const override;
  std::vector<Attribute> attributes(std::string_view stage, const std::string& object) const override;

  /// Of this process: a child of fork() opens the file anew, or throws IoError where it has changed.
  hid_t id(const Action& action) const;
  /// path() from the root, wherever the process goes meanwhile.
  const std::string& location() const { return location_; }
  int descriptor() const { return descriptor_; }
  std::int64_t size() const { return opened_.st_size; }
  /// An object of any kind by its full name. IoError for a name that is not there, naming what is.
  Id open_object(const Action& action) const;
  /// False where an external link led to an object: its places are those of another file.
  bool holds(const Action& action, hid_t object) const;
  /// Where its values of variable length are.
  const GlobalHeap& heap(const Action& action) const;
  /// libhdf5 gives zeros for what a file has lost since it was opened: after each read, an IoError there.
  void require_whole(const Action& action) const;
  /// Before handles of it are used: IoError once libhdf5 had to close it, as another opening found it changed.
  void require_current(const Action& action) const;

 private:
  void retire_before(const struct stat& now);
  Id open_id(const Action& action) const;

  std::string path_, location_;
  bool trusted_;
  int descriptor_ = -1;
  struct stat opened_ {};
  mutable int generation_ = 0;  // under the Library, as is id_
  mutable Id id_;
  mutable std::unique_ptr<const GlobalHeap> heap_;
  bool retired_ = false;
};

/// "/train/images" of "train/images" and "/train//images/".
std::string full_name(std::string_view name);
/// How links are followed: external ones are refused unless `trusted`, and then `refused` says which.
Id link_access(const Action& action, bool trusted, std::string& refused);

/// Whether a name is of a soft link, or leads through one, whose target is not there. Links that go in circles lead
/// nowhere, too.
bool leads_nowhere(const Action& action, const OpenFile& file);

struct Link {
  std::string name;
  H5L_type_t type;
};
/// The links of a group, in the order of their names; at most `limit`, then whichever.
std::vector<Link> links_of(const Action& action, hid_t group, std::size_t limit);

}  // namespace headrace::hdf5
