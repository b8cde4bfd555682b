// The records of a partition in the order of their keys, wherever they are. Not for users.
#pragma once

#include <cstdint>
#include <string>

#include <sheaf/detail/record.hpp>

namespace sheaf::detail {

class record_pile;

/// Equal keys come in the order in which they were emitted.
class sorted_records {
  public:
    sorted_records() = default;
    sorted_records(const sorted_records&) = delete;
    sorted_records& operator=(const sorted_records&) = delete;
    virtual ~sorted_records() = default;

    /// Goes to the next record, first the first one; false at the end. Throws bad_segment.
    [[nodiscard]] virtual bool next() = 0;
    /// The record that next() went to. Valid until next() is called again, and as long as all of them when pile() is there.
    [[nodiscard]] const record_view& record() const noexcept { return *record_; }
    /// The file that it is in.
    [[nodiscard]] virtual const std::string& path() const noexcept = 0;
    /// How much of them all has been passed: 0 to 1.
    [[nodiscard]] virtual double share_done() const noexcept = 0;
    /// All records, when they are in memory at the same time.
    [[nodiscard]] virtual const record_pile* pile() const noexcept { return nullptr; }
    /// The number, in the pile, of the record that next() went to.
    [[nodiscard]] virtual std::size_t position() const noexcept { return 0; }

  protected:
    void set_record(const record_view& where) noexcept { record_ = &where; }

  private:
    const record_view* record_ = nullptr;
};

}  // namespace sheaf::detail
