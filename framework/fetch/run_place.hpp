// Where on a host the files of a run are.
#pragma once

#include <string>

namespace sheaf::fetch {

struct run_place {
    std::string directory;  ///< for processes of the host
    std::string address;    ///< for others: a file's name comes after it, and a slash
};

}  // namespace sheaf::fetch
