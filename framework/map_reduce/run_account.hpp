// What a run has come to so far. Pure: notes go in, live as they are made or again from a journal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "map_reduce/run_notes.hpp"

namespace sheaf::detail {

class run_account {
  public:
    explicit run_account(run_header header);

    /// Takes a note in. False when it contradicts what is known, and so cannot be of this run; nothing has changed then.
    [[nodiscard]] bool apply(const run_note& note);

    [[nodiscard]] const run_header& header() const noexcept { return header_; }
    /// The pieces of each map unit, those that came by division among them.
    [[nodiscard]] const std::vector<std::vector<input_piece>>& splits() const noexcept { return header_.splits; }
    /// The map units that are not divided, in the order of the input.
    [[nodiscard]] const std::vector<std::uint32_t>& order() const noexcept { return order_; }
    /// Those of them that the merge unit merges: what came of some splits of the plan, however they were divided.
    [[nodiscard]] std::span<const std::uint32_t> order_of_group(std::uint32_t group) const;
    [[nodiscard]] const std::vector<std::string>& boundaries() const noexcept { return boundaries_; }
    /// Whether these are known; there may be none.
    [[nodiscard]] bool has_boundaries() const noexcept { return has_boundaries_; }
    /// The output of a map unit, if it has one.
    [[nodiscard]] const map_output* mapped(std::uint32_t index) const;
    [[nodiscard]] const reduce_output* merged(std::uint32_t index) const;
    [[nodiscard]] const reduce_output* reduced(std::uint32_t index) const;
    [[nodiscard]] std::uint32_t reduce_units() const noexcept { return static_cast<std::uint32_t>(reduced_.size()); }
    [[nodiscard]] bool all_reduced() const noexcept { return reduced_count_ == reduced_.size(); }
    [[nodiscard]] const std::optional<output_publishing>& publishing() const noexcept { return publishing_; }

    /// The partitions of a reduce unit: how many, beginning with which.
    [[nodiscard]] std::uint32_t first_partition(std::uint32_t unit) const noexcept {
        return unit * header_.partitions_per_unit;
    }
    [[nodiscard]] std::uint32_t partitions_of(std::uint32_t unit) const noexcept;

    [[nodiscard]] std::uint64_t bytes_mapped() const noexcept { return bytes_mapped_; }
    [[nodiscard]] std::uint64_t bad_records() const noexcept { return bad_records_; }

  private:
    bool take(const run_header& again);
    bool take(const boundaries_chosen& chosen);
    bool take(const unit_mapped& unit);
    bool take(const segment_gone& unit);
    bool take(const unit_divided& unit);
    bool take(const unit_reduced& unit);
    bool take(const output_publishing& output);
    bool take(const output_gone& unit);
    bool take(const unit_merged& unit);
    bool take(const merge_gone& unit);

    run_header header_;
    std::uint32_t splits_planned_;
    std::vector<std::uint32_t> order_;
    std::vector<std::uint32_t> origins_;  // of each unit: the split of the plan that it is, or has come from
    std::vector<std::string> boundaries_;
    bool has_boundaries_ = false;
    std::vector<std::optional<map_output>> mapped_;
    std::vector<std::optional<reduce_output>> merged_;
    std::vector<std::optional<reduce_output>> reduced_;
    std::optional<output_publishing> publishing_;
    std::size_t reduced_count_ = 0;
    std::uint64_t bytes_mapped_ = 0;
    std::uint64_t bad_records_ = 0;
};

/// The output of one partition: a file in the output directory, or a stretch of the common one.
struct output_part {
    std::string file{};
    std::optional<file_range> range{};
};
/// Those of all partitions of an attempt, in order; none when it contradicts itself.
[[nodiscard]] std::vector<output_part> parts_of(const reduce_output& made);

/// The bytes of input in these pieces.
[[nodiscard]] std::uint64_t bytes_of(const std::vector<input_piece>& pieces) noexcept;

}  // namespace sheaf::detail
