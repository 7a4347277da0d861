#include <headrace/io/load.hpp>

#include <headrace/io/element_folder.hpp>
#include <headrace/pipeline/digest.hpp>
#include <headrace/pipeline/node.hpp>

namespace headrace {

namespace {

class LoadNode final : public Node {
 public:
  explicit LoadNode(std::shared_ptr<const ElementFolder> folder) : Node({}), folder_(std::move(folder)) {}

  Access access() const override { return Access::random; }
  std::int64_t cardinality() const override { return folder_->count(); }
  std::optional<Spec> spec() const override { return folder_->manifest().spec(); }
  bool gathers_views() const override { return folder_->gives_views(); }
  std::string identity() const override { return digest(folder_->manifest().to_json()); }

  void gather_into(const Context& context, const Positions& positions, std::span<Tensor> columns, const Positions& to,
                   std::vector<FailedRow>& failures) const override {
    if (!folder_->gives_views()) return Node::gather_into(context, positions, columns, to, failures);
    for (std::size_t leaf = 0; leaf < columns.size(); ++leaf)
      copy_rows(folder_->columns()[leaf], positions, columns[leaf], to);
  }

 protected:
  Element do_at(const Context&, std::int64_t position) const override { return folder_->element(position); }
  Rows do_gather(const Context&, const Positions& positions) const override { return folder_->gather(positions); }

 private:
  std::shared_ptr<const ElementFolder> folder_;
};

}  // namespace

Dataset Load::operator()() const { return Dataset(std::make_shared<LoadNode>(ElementFolder::open(name, path))); }

}  // namespace headrace
