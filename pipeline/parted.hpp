// Random access to plans made of parts, one after the other: concatenate, repeat.
#pragma once

#include <headrace/pipeline/node.hpp>

namespace headrace {

class PartedNode : public Node {
 public:
  struct Place {
    std::int64_t part;
    std::int64_t index;  // in the part
    std::int64_t left;   // positions of the part from here on
  };
  void gather_into(const Context& context, const Positions& positions, std::span<Tensor> columns, const Positions& to,
                   std::vector<FailedRow>& failures) const override;
  void tally(const Context& context, const Positions& outputs, Tally& tally) const override;

 protected:
  using Node::Node;
  virtual Place place(std::int64_t position) const = 0;
  virtual const Node& part_node(std::int64_t part) const = 0;
  virtual Context part_context(const Context& context, std::int64_t part) const = 0;

  Element do_at(const Context& context, std::int64_t position) const override;
  Rows do_gather(const Context& context, const Positions& positions) const override;

 private:
  struct Piece {
    std::int64_t part;
    std::vector<std::int64_t> indices, places;  // in the part; in the result
    Positions from, to;
  };
  std::vector<Piece> split(const Positions& positions) const;
};

}  // namespace headrace
