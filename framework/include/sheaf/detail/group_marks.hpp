// Which groups of a partition reducers have died at: kept in files, which outlive them. Not for users.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <sheaf/detail/map_reduce_units.hpp>

namespace sheaf::detail {

/// One attempt's mark, in the run's directory, and what is left of those of attempts at the same partition that died on this host. An
/// attempt holds a lock on its mark while it lives. Groups are known by their number, since all attempts see them in one order.
class group_marks {
  public:
    /// Throws as file::write() does.
    explicit group_marks(const reduce_assignment& what);
    group_marks(const group_marks&) = delete;
    group_marks& operator=(const group_marks&) = delete;
    ~group_marks();

    /// Goes on to the next group. True when so many attempts have died at it that it must be to blame; otherwise it is marked.
    [[nodiscard]] bool enter();
    /// The number of the group, from 1.
    [[nodiscard]] std::uint64_t group() const noexcept { return group_; }

  private:
    void read_others(const std::string& directory, const std::string& prefix);

    std::string path_;
    int mark_ = -1;
    std::uint64_t group_ = 0;
    std::map<std::uint64_t, unsigned> deaths_;  // by group
};

/// Lists a group at which workers die. Throws unit_refused when none may be left out any more.
void add_deadly_group(const reduce_assignment& what, const std::string& key, std::uint64_t group,
                      std::vector<bad_record>& bad);

}  // namespace sheaf::detail
