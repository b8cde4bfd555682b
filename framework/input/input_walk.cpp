// The walk over input files and directories.
#include "input/input_walk.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "input/path_pattern.hpp"
#include <sheaf/detail/entity_tag.hpp>

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;

error unreadable(const fs::path& path, int reason) {
    return {errc::io_error, "cannot read the input " + path.string() + ": " + std::generic_category().message(reason)};
}

const char* kind_of(fs::file_type type) {
    switch (type) {
        case fs::file_type::fifo: return "a FIFO";
        case fs::file_type::socket: return "a socket";
        case fs::file_type::character: return "a character device";
        case fs::file_type::block: return "a block device";
        default: return "neither a file nor a directory";
    }
}

bool has_content(const unique_fd& file) {
    char byte = 0;
    return ::pread(file.get(), &byte, 1, 0) == 1;
}

// What a run keeps beside its output until that is complete (see run_output), alive or left by a dead one: no input of anybody.
bool is_unfinished_output(const fs::path& directory) {
    constexpr std::string_view mark = ".sheaf-";
    constexpr std::size_t id_digits = 16;
    const std::string name = directory.filename().string();
    const std::size_t at = name.rfind(mark);
    return name.starts_with('.') && at != 0 && at != std::string::npos && name.size() == at + mark.size() + id_digits &&
           name.find_first_not_of("0123456789abcdef", at + mark.size()) == std::string::npos;
}

class walker {
  public:
    basic_result<void, error> visit_named(const fs::path& path) {
        std::error_code why;
        const fs::file_status status = fs::status(path, why);
        if (status.type() == fs::file_type::not_found && is_pattern(path.native())) return visit_pattern(path);
        if (status.type() == fs::file_type::not_found || status.type() == fs::file_type::none) {
            return unreadable(path, why ? why.value() : ENOENT);
        }
        if (status.type() == fs::file_type::regular) return take(path);
        if (status.type() == fs::file_type::directory) return visit_directory(path);
        return error{errc::invalid_argument, "the input " + path.string() + " is " + kind_of(status.type()) +
                                                 ", which cannot be split: copy what it gives to a file first"};
    }

    basic_result<void, error> visit_address(const std::string& address, const remote_opener& open) {
        if (!open)
            return error{errc::invalid_argument,
                         "cannot read the input " + address + ": this program does not fetch addresses"};
        try {
            const auto opened = open(address);
            found_.files.push_back({address, opened->size(), opened->tag()});
            return {};
        } catch (const std::exception& why) {
            return error{errc::io_error, "cannot read the input " + address + ": " + why.what()};
        }
    }

    [[nodiscard]] input_list&& list() && { return std::move(found_); }

  private:
    basic_result<void, error> visit_pattern(const fs::path& pattern) {
        std::vector<fs::path> fitting;
        if (const int why = find_fitting(pattern, fitting); why != 0) return unreadable(pattern, why);
        if (fitting.empty()) {
            return error{errc::io_error, "no file or directory fits the input " + pattern.string()};
        }
        for (const fs::path& one : fitting) {
            if (auto done = visit_named(one); !done) return done;
        }
        return {};
    }

    basic_result<void, error> visit_directory(const fs::path& directory) {
        std::error_code why;
        std::vector<fs::directory_entry> entries;
        for (fs::directory_iterator at(directory, why), end; !why && at != end; at.increment(why))
            entries.push_back(*at);
        if (why) return unreadable(directory, why.value());
        std::ranges::sort(entries, {}, [](const fs::directory_entry& entry) { return entry.path().native(); });
        for (const fs::directory_entry& entry : entries) {
            if (auto done = visit_entry(entry); !done) return done;
        }
        return {};
    }

    basic_result<void, error> visit_entry(const fs::directory_entry& entry) {
        std::error_code why;
        fs::file_type type = entry.symlink_status(why).type();
        if (type == fs::file_type::directory && is_unfinished_output(entry.path())) return {};
        if (type == fs::file_type::directory) return visit_directory(entry.path());
        if (type == fs::file_type::symlink) type = fs::status(entry.path(), why).type();
        if (type == fs::file_type::regular) return take(entry.path());
        ++found_.skipped;
        return {};
    }

    // Opens the file to be sure that it can be read; a worker finding that out would cost half a run.
    basic_result<void, error> take(const fs::path& path) {
        const unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
        if (!file) return unreadable(path, errno);
        struct stat about {};
        if (::fstat(file.get(), &about) != 0) return unreadable(path, errno);
        // It was a regular file a moment ago.
        if (!S_ISREG(about.st_mode)) return unreadable(path, EINVAL);
        if (about.st_size == 0 && has_content(file)) {
            return error{errc::invalid_argument,
                         "the input " + path.string() +
                             " claims to be empty and is not, as files of /proc do, so it cannot "
                             "be split: copy what it gives to a file first"};
        }
        found_.files.push_back({path.string(), static_cast<std::uint64_t>(about.st_size), entity_tag(about)});
        return {};
    }

    input_list found_;
};

}  // namespace

basic_result<input_list, error> walk_inputs(const std::vector<std::string>& paths, const remote_opener& open) {
    walker walk;
    for (const std::string& path : paths) {
        if (path.empty()) return error{errc::invalid_argument, "the run was given an input without a name"};
        if (is_remote(path)) {
            if (auto done = walk.visit_address(path, open); !done) return done.error();
            continue;
        }
        std::error_code why;
        // Workers have working directories of their own.
        const fs::path absolute = fs::absolute(path, why);
        if (why) return unreadable(path, why.value());
        if (auto done = walk.visit_named(absolute); !done) return done.error();
    }
    return std::move(walk).list();
}

}  // namespace sheaf::detail
