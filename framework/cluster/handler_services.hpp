// What the worker has for its handlers beside the calls that they run.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace sheaf {
class cluster;
}

namespace sheaf::detail {

/// The functions are called on handlers' threads, several at once.
struct handler_services {
    std::string program;  ///< the program's name, for lines that handlers log
    /// The object that the handler in `slot` has of the type that `key` stands for; null when there is none.
    std::function<void*(std::size_t slot, const void* key)> state{};
    /// The cluster whose servers are the worker's own.
    std::function<sheaf::cluster&()> own_cluster{};
};

}  // namespace sheaf::detail
