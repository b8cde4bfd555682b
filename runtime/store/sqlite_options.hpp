// How jobs are kept in a SQLite file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "store/store.hpp"

namespace sheaf::store {

struct sqlite_options {
    std::filesystem::path directory;
    /// Jobs are answered for before they are on the disk: a crash of the process or the machine loses the last of them.
    bool relaxed = false;
    /// How large the file may become, in pages of 4 KiB; more than that is refused as if the disk were full. 0: as large as the disk.
    int pages_max = 0;
    shelf_limits shelf{};
    /// Called when the disk said that it could not keep what it had been given, after which nothing can be believed. Must not
    /// return; ends the process with status 70 when empty. On a thread of the engine's.
    std::function<void(const std::string& why)> on_lost_disk{};
    /// Called at the end, when there was no space for the ends of so many jobs.
    std::function<void(std::size_t jobs)> on_unwritten_ends{};
};

}  // namespace sheaf::store
