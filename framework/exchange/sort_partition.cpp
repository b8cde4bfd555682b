#include <algorithm>
#include <utility>

#include <sheaf/detail/attempt.hpp>
#include <sheaf/detail/record_pile.hpp>
#include <sheaf/detail/sort_partition.hpp>

namespace sheaf::detail {

namespace {

/// All in memory.
class piled_records final : public sorted_records {
  public:
    explicit piled_records(record_pile&& pile) : pile_(std::move(pile)) { set_record(now_); }

    [[nodiscard]] bool next() override {
        if (next_ >= pile_.size()) return false;
        pile_.prefetch(next_ + ahead);
        pile_.read(next_++, now_);
        return true;
    }
    [[nodiscard]] const std::string& path() const noexcept override { return pile_.path_of(position()); }
    [[nodiscard]] double share_done() const noexcept override {
        return static_cast<double>(next_) / static_cast<double>(std::max<std::size_t>(1, pile_.size()));
    }
    [[nodiscard]] const record_pile* pile() const noexcept override { return &pile_; }
    [[nodiscard]] std::size_t position() const noexcept override { return next_ - 1; }

  private:
    static constexpr std::size_t ahead = 12;

    record_pile pile_;
    std::size_t next_ = 0;
    record_view now_;
};

/// Runs on disk, merged as they are read.
class merged_records final : public sorted_records {
  public:
    merged_records(std::unique_ptr<segment_writer> spilled, std::unique_ptr<narrowed_sources> runs)
        : spilled_(std::move(spilled)), runs_(std::move(runs)), merge_(runs_->get()) {
        for (const extent_source& one : runs_->get()) total_ += one.extent.length;
    }

    [[nodiscard]] bool next() override {
        if (!merge_.next()) return false;
        set_record(merge_.record());
        return true;
    }
    [[nodiscard]] const std::string& path() const noexcept override { return merge_.path(); }
    [[nodiscard]] double share_done() const noexcept override {
        return static_cast<double>(merge_.bytes_read()) / static_cast<double>(std::max<std::uint64_t>(1, total_));
    }

  private:
    std::unique_ptr<segment_writer> spilled_;  ///< the file goes with it
    std::unique_ptr<narrowed_sources> runs_;
    record_merge merge_;
    std::uint64_t total_ = 0;
};

/// Reads sources into a pile, and spills it, sorted, whenever it is full.
class pile_loader {
  public:
    explicit pile_loader(const sort_plan& plan) : plan_(plan), pile_(plan.framing) {}

    void add(extent_blocks from) {
        std::uint64_t records = 0;
        while (const std::size_t length = from.next_size()) {
            check_stop(plan_.stop);
            // As many of the extent's records as it has of its bytes.
            const std::uint64_t likely =
                std::min(from.extent().records, length * from.extent().records / from.extent().length + 1);
            if (pile_.size() != 0 && pile_.bytes_with(length, likely) > plan_.memory_budget) spill();
            records += pile_.add_block(from);
            bytes_ += length;
            if (plan_.progress) plan_.progress(bytes_);
        }
        if (records != from.extent().records) from.malformed("it has other records than its index says");
    }

    [[nodiscard]] sorted_partition finish() && {
        if (spills_ == 0) {
            pile_.sort();
            return {std::make_unique<piled_records>(std::move(pile_)), 0};
        }
        if (pile_.size() != 0) spill();
        pile_ = record_pile(plan_.framing);
        auto runs = std::make_unique<narrowed_sources>(extents_of_partition({spilled_->seal()}, 0, 1, plan_.framing),
                                                       merge_ways(plan_.memory_budget), plan_.directory, plan_.framing,
                                                       plan_.stop, plan_.pack);
        spills_ += runs->passes();
        // What was merged to disk already is not needed any more.
        if (runs->passes() != 0) spilled_.reset();
        return {std::make_unique<merged_records>(std::move(spilled_), std::move(runs)), spills_};
    }

  private:
    void spill() {
        if (!spilled_) {
            spilled_ = std::make_unique<segment_writer>(plan_.directory, "spill-" + unique_suffix(), 1, plan_.framing,
                                                        plan_.pack);
        }
        pile_.sort();
        pile_.write_run(*spilled_);
        pile_.clear();
        ++spills_;
    }

    const sort_plan& plan_;
    record_pile pile_;
    std::unique_ptr<segment_writer> spilled_;
    std::uint64_t spills_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace

sorted_partition sort_partition(std::vector<extent_source> sources, const sort_plan& plan) {
    const bool are_sorted =
        std::all_of(sources.begin(), sources.end(), [](const extent_source& one) { return one.extent.sorted; });
    if (are_sorted && sources.size() > 1) {
        auto runs = std::make_unique<narrowed_sources>(std::move(sources), merge_ways(plan.memory_budget),
                                                       plan.directory, plan.framing, plan.stop, plan.pack);
        const std::uint64_t passes = runs->passes();
        return {std::make_unique<merged_records>(nullptr, std::move(runs)), passes};
    }
    pile_loader loader(plan);
    source_opener opener;
    for (const extent_source& one : sources) loader.add(opener.open_blocks(one));
    return std::move(loader).finish();
}

}  // namespace sheaf::detail
