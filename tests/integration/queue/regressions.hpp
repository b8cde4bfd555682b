// The ways in which gearmand's queues are known to lose, invent and spoil jobs, RT1 to RT14: each as a scenario that runs against
// any job server, and counts.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "integration/queue/rivals.hpp"

namespace sheaf::test {

/// What a scenario has found out.
struct finding {
    std::size_t acknowledged = 0;
    std::size_t lost = 0;            ///< acknowledged and never executed, or at the wrong function
    std::size_t ghosts = 0;          ///< executed and refused, or submitted by nobody, or before their time
    std::size_t corrupted = 0;       ///< executed with another payload
    std::size_t refused = 0;         ///< not taken, without a reason that the scenario has given
    std::vector<std::string> wrong;  ///< what else was not as it has to be

    [[nodiscard]] bool is_sound() const { return lost + ghosts + corrupted + refused == 0 && wrong.empty(); }
};
/// For people, in a few words.
[[nodiscard]] std::string to_string(const finding& one);

struct regression {
    const char* name;  ///< "RT1"
    const char* what;
    finding (*run)(rival& server);         ///< starts it
    std::unique_ptr<rival> (*shown_by)();  ///< whose gearmand does so on demand; null: none that Debian has
};

[[nodiscard]] const std::vector<regression>& regressions();

}  // namespace sheaf::test
