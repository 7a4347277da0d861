#include <headrace/pipeline/parted.hpp>

#include <algorithm>
#include <map>

#include <headrace/pipeline/account.hpp>
#include <headrace/pipeline/run.hpp>

namespace headrace {

/// Which rows each part gives, and where they go. A range stays ranges; a list is sorted by part, kept in order within.
std::vector<PartedNode::Piece> PartedNode::split(const Positions& positions) const {
  std::vector<Piece> pieces;
  if (!positions.list && positions.step == 1) {
    for (std::int64_t done = 0; done < positions.count;) {
      const Place first = place(positions[done]);
      const std::int64_t n = std::min(first.left, positions.count - done);
      pieces.push_back({first.part, {}, {}, Positions::range(first.index, n), Positions::range(done, n)});
      done += n;
    }
    return pieces;
  }
  std::map<std::int64_t, std::size_t> known;
  for (std::int64_t i = 0; i < positions.count; ++i) {
    const Place here = place(positions[i]);
    const auto [entry, fresh] = known.try_emplace(here.part, pieces.size());
    if (fresh) pieces.push_back({here.part, {}, {}, {}, {}});
    pieces[entry->second].indices.push_back(here.index);
    pieces[entry->second].places.push_back(i);
  }
  for (auto& piece : pieces) {
    const auto n = static_cast<std::int64_t>(piece.indices.size());
    piece.from = Positions::of(piece.indices.data(), n);
    piece.to = Positions::of(piece.places.data(), n);
  }
  return pieces;
}

Element PartedNode::do_at(const Context& context, std::int64_t position) const {
  const Place here = place(position);
  return part_node(here.part).at(part_context(context, here.part), here.index);
}

Rows PartedNode::do_gather(const Context& context, const Positions& positions) const {
  const auto pieces = split(positions);
  if (pieces.size() == 1 && pieces[0].from.count == positions.count) {
    return part_node(pieces[0].part).gather(part_context(context, pieces[0].part), pieces[0].from);
  }
  const auto known = spec();
  const bool fixed = known && known->fully_known() && !known->structure->holds_values() && positions.count > 0 &&
                     std::none_of(known->components.begin(), known->components.end(),
                                  [](const TensorSpec& c) { return c.dtype.variable_length(); });
  if (fixed) {
    Rows rows = Rows::of_columns(known->structure, {}, positions.count);
    for (const auto& component : known->components)
      rows.columns.push_back(Tensor::empty(component.dtype, component.shape.with_front(positions.count)));
    gather_into(context, positions, rows.columns, Positions::range(0, positions.count), rows.failures);
    std::sort(rows.failures.begin(), rows.failures.end(),
              [](const FailedRow& a, const FailedRow& b) { return a.row < b.row; });
    return rows;
  }
  std::vector<Rows> parts;
  std::vector<Positions> places;
  for (const auto& piece : pieces) {
    parts.push_back(part_node(piece.part).gather(part_context(context, piece.part), piece.from));
    places.push_back(piece.to);
  }
  return scatter_rows(parts, places, positions.count);
}

void PartedNode::gather_into(const Context& context, const Positions& positions, std::span<Tensor> columns,
                             const Positions& to, std::vector<FailedRow>& failures) const {
  for (const auto& piece : split(positions)) {
    const bool in_order = !piece.to.list && !to.list;
    std::vector<std::int64_t> places;
    for (std::int64_t i = 0; i < piece.to.count && !in_order; ++i) places.push_back(to[piece.to[i]]);
    const Positions destination =
        in_order ? to.slice(piece.to.start, piece.to.count) : Positions::of(places.data(), piece.to.count);
    part_node(piece.part).gather_into(part_context(context, piece.part), piece.from, columns, destination, failures);
  }
}

void PartedNode::tally(const Context& context, const Positions& outputs, Tally& tally) const {
  const auto known = spec();
  Account account;
  account.in = account.used = account.outputs = outputs.count;
  account.bytes = outputs.count * (known ? std::max<std::int64_t>(known->nbytes(), 0) : 0);
  tally.add(*this, account);
  for (const auto& piece : split(outputs))
    part_node(piece.part).tally(part_context(context, piece.part), piece.from, tally);
}

}  // namespace headrace
