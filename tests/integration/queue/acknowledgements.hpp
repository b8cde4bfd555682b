// What a server's acknowledgements are worth: whether each job was on the disk before anybody heard of it. Found out from what the
// server wrote, synced and sent; the server is not asked.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "support/disk_faults.hpp"

namespace sheaf::test {

struct acknowledgement {
    std::string mark;    ///< in the job's payload and nowhere else; ends in something that is no digit
    std::string handle;  ///< which the client was given
};

/// What is wrong with `log`, in which the syncs and writes are those of the queue's log: a line for each job whose handle left by a
/// socket before a sync had ended that began after the job was written. Also for those of which the log knows nothing.
[[nodiscard]] std::vector<std::string> premature(const std::vector<disk_event>& log,
                                                 const std::vector<acknowledgement>& given);

}  // namespace sheaf::test
