#include "map_reduce/left_files.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "output/part_content.hpp"
#include <sheaf/detail/reduce_partitions.hpp>
#include <sheaf/detail/segment.hpp>

namespace sheaf::detail {
namespace {

/// What has to be made again, for a person.
struct losses {
    std::uint32_t reduced = 0;
    std::uint32_t others = 0;

    [[nodiscard]] std::string text() const {
        if (reduced + others == 0) return {};
        return "of what an unfinished run had done, " + std::to_string(reduced) + " units of the output and " +
               std::to_string(others) + " of what leads to it are gone or damaged, and are made again";
    }
};

// There is nothing to reduce: what was mapped is the output.
bool is_map_only(const run_account& account) { return account.header().partitions == 0; }

void read_partition(const std::shared_ptr<const segment_file>& file, std::uint32_t partition) {
    std::vector<char> block;
    for (const segment_extent& extent : file->extents_around(partition)) {
        if (extent.partition != partition) continue;
        extent_blocks blocks(file, extent);
        while (const std::size_t size = blocks.next_size()) {
            block.resize(size + extent_blocks::read_slack);
            blocks.read(block.data());
        }
    }
}

class looker {
  public:
    explicit looker(run_state& state) : state_(state), account_(state.account) {}

    void look() {
        look_at_reduced();
        if (is_map_only(account_)) {
            look_at_outputs_of_maps();
        } else if (!account_.all_reduced()) {
            look_at_segments();
        } else {
            count_what_led_to_it();
        }
        if (state_.note.empty()) state_.note = lost_.text();
    }

  private:
    void look_at_reduced() {
        for (std::uint32_t unit = 0; unit < account_.reduce_units(); ++unit) {
            const reduce_output* const made = account_.reduced(unit);
            if (made == nullptr) continue;
            if (!is_whole(unit, *made)) {
                for (std::uint32_t i = 0; i < account_.partitions_of(unit); ++i)
                    reduced_again_.push_back(account_.first_partition(unit) + i);
                state_.add(output_gone{unit});
                ++lost_.reduced;
                continue;
            }
            std::uint32_t partition = account_.first_partition(unit);
            for (const output_part& one : parts_of(*made)) state_.output.restore(partition++, one.range);
            ++state_.units_resumed;
        }
    }

    // An output that has its name was on the disk before it got it.
    [[nodiscard]] bool is_whole(std::uint32_t unit, const reduce_output& made) const {
        const auto parts = parts_of(made);
        if (parts.size() != account_.partitions_of(unit)) return false;
        if (state_.output.is_published()) return true;
        part_content all;
        for (std::uint32_t i = 0; i < parts.size(); ++i) {
            const auto one = state_.output.content_of(account_.first_partition(unit) + i, parts[i].range);
            if (!one) return false;
            all.bytes += one->bytes;
            all.checksum = add_checksum(all.checksum, one->checksum);
        }
        return all == part_content{made.output_bytes, made.checksum};
    }

    void look_at_outputs_of_maps() {
        const auto& order = account_.order();
        const bool all_mapped =
            std::ranges::all_of(order, [this](std::uint32_t index) { return account_.mapped(index) != nullptr; });
        // Before anything is noted: that would change who has which place.
        for (std::uint32_t i = 0; all_mapped && i < order.size() && !state_.output.is_published(); ++i)
            state_.output.take_back(i, account_.mapped(order[i])->file);
        for (std::uint32_t i = 0; i < order.size(); ++i) {
            const map_output* const made = account_.mapped(order[i]);
            if (made == nullptr) continue;
            if (state_.output.is_published()) {
                state_.output.restore(i);
            } else if (content_of_file(state_.output.staging() / made->file) !=
                       part_content{made->segment_bytes, made->checksum}) {
                state_.add(segment_gone{order[i]});
                ++lost_.reduced;
                continue;
            }
            ++state_.units_resumed;
        }
    }

    // Its files may be gone, since nobody needs them any more.
    void count_what_led_to_it() {
        for (const std::uint32_t index : account_.order()) state_.units_resumed += account_.mapped(index) != nullptr;
        for (std::uint32_t group = 0; group < account_.header().groups; ++group)
            state_.units_resumed += account_.merged(group) != nullptr;
    }

    void look_at_segments() {
        for (std::uint32_t group = 0; group < account_.header().groups; ++group) {
            const reduce_output* const made = account_.merged(group);
            if (made == nullptr) continue;
            if (is_readable(made->file)) {
                ++state_.units_resumed;
            } else {
                state_.add(merge_gone{group});
                ++lost_.others;
            }
        }
        if (account_.header().groups == 0) return look_at_maps(account_.order(), false);
        for (std::uint32_t group = 0; group < account_.header().groups; ++group)
            look_at_maps(account_.order_of_group(group), account_.merged(group) != nullptr);
    }

    // What is merged already may be gone: should it be needed after all, whoever reads it finds that out.
    void look_at_maps(std::span<const std::uint32_t> units, bool merged) {
        for (const std::uint32_t index : units) {
            const map_output* const made = account_.mapped(index);
            if (made == nullptr) continue;
            if (merged || is_readable(made->file)) {
                ++state_.units_resumed;
            } else {
                state_.add(segment_gone{index});
                ++lost_.others;
            }
        }
    }

    [[nodiscard]] bool is_readable(const std::string& segment) const {
        if (segment.find('/') != std::string::npos) return false;  // on another host
        try {
            const auto file = std::make_shared<const segment_file>((state_.work.path() / segment).string());
            for (const std::uint32_t partition : reduced_again_) read_partition(file, partition);
            return true;
        } catch (const std::exception&) {
            return false;
        }
    }

    run_state& state_;
    const run_account& account_;
    std::vector<std::uint32_t> reduced_again_;  // partitions
    losses lost_;
};

}  // namespace

void look_after_files(run_state& state) { looker(state).look(); }

}  // namespace sheaf::detail
