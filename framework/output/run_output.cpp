// Staging and publishing a run's output.
#include "output/run_output.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/unique_fd.hpp"
#include "output/file_steps.hpp"
#include "output/typed_parts.hpp"
#include <sheaf/detail/csv_fields.hpp>

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;

error exists_already(const fs::path& path, output_place place) {
    return {errc::invalid_argument,
            std::string(place == output_place::file ? "the output file " : "the output directory ") + path.string() +
                " exists already: remove it, or name another"};
}

error refuse_to_replace(const fs::path& path, const std::string& why) {
    return {errc::invalid_argument,
            "the output " + path.string() + " is not overwritten: " + why + ". Remove it yourself, or name another"};
}

bool has_name(const output_spec& what) {
    return what.place == output_place::directory || what.place == output_place::file;
}

std::optional<file_number> number_of(const fs::path& path) {
    struct stat about {};
    if (::lstat(path.c_str(), &about) != 0) return std::nullopt;
    return file_number{about.st_dev, about.st_ino};
}

/// The absolute path of an output.
basic_result<fs::path, error> final_path(const output_spec& what) {
    std::error_code why;
    fs::path path = fs::absolute(what.path, why).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();  // it ended in a slash
    if (!what.path.empty() && !why && path.has_filename()) return path;
    return error{errc::invalid_argument, "\"" + what.path + "\" cannot be an output " +
                                             (what.place == output_place::file ? "file" : "directory") +
                                             ": give the name of one to make"};
}

/// Whether there may be an output at `path`. What is overwritten must be what a run makes: nobody's home directory.
basic_result<void, error> check_place(const fs::path& path, output_place place, bool overwrite) {
    struct stat about {};
    if (::lstat(path.c_str(), &about) != 0) {
        if (errno == ENOENT) return {};
        return cannot("make the output", path, errno);
    }
    if (!overwrite) return exists_already(path, place);
    if (place == output_place::file) {
        if (S_ISREG(about.st_mode)) return {};
        return refuse_to_replace(path, "it is no file");
    }
    if (!S_ISDIR(about.st_mode)) return refuse_to_replace(path, "it is no directory");
    if (!is_run_output(path)) return refuse_to_replace(path, "it holds other things than the part files of a run");
    return {};
}

}  // namespace

run_output::run_output(output what, fs::path final, leased_directory staging, bool overwrite)
    : what_(std::move(what)),
      final_(std::move(final)),
      staging_(std::make_shared<leased_directory>(std::move(staging))),
      overwrite_(overwrite),
      worker_format_(what_.spec()->format) {
    // In one file there is one line of names, which the driver writes.
    if (what_.spec()->place == output_place::file) worker_format_.columns.clear();
}

basic_result<fs::path, error> run_output::place_of(const output& what) {
    if (what.spec() == nullptr || !has_name(*what.spec())) return fs::path();
    return final_path(*what.spec());
}

basic_result<std::optional<run_output>, error> run_output::take_over(const output& what, const output_settings& how,
                                                                     const fs::path& staging,
                                                                     const std::optional<file_number>& sealed) {
    auto final = place_of(what);
    if (!final) return final.error();
    if (final->empty()) return std::optional<run_output>();
    const bool is_published = sealed && number_of(*final) == sealed;
    if (!is_published) {
        if (auto free = check_place(*final, what.spec()->place, how.overwrite); !free) return free.error();
    }
    auto directory = leased_directory::take_over(staging);
    if (!directory) return std::optional<run_output>();
    run_output taken(what, std::move(*final), std::move(*directory), how.overwrite);
    taken.is_published_ = is_published;
    return std::optional(std::move(taken));
}

basic_result<run_output, error> run_output::prepare(const output& what, const output_settings& how) {
    if (what.spec() == nullptr) {
        return error{errc::invalid_argument,
                     "the run has no output: name a directory (.output = \"counts\"), or see sheaf/output.hpp"};
    }
    const output_spec& spec = *what.spec();
    fs::path final;
    fs::path parent = how.scratch;
    std::string prefix = "kept-";
    if (has_name(spec)) {
        auto named = final_path(spec);
        if (!named) return named.error();
        final = std::move(*named);
        if (auto free = check_place(final, spec.place, how.overwrite); !free) return free.error();
        parent = final.parent_path();
        prefix = "." + final.filename().string() + ".sheaf-";
    }
    leased_directory::sweep(parent, prefix);
    auto staging = leased_directory::make(parent, prefix, how.run_id, final.empty() ? 0700 : 0777);
    if (!staging) return staging.error();
    run_output made(what, std::move(final), std::move(*staging), how.overwrite);
    if (::mkdir(made.parts().c_str(), 0777) != 0) return cannot("make the directory", made.parts(), errno);
    if (spec.format.record_bytes != 0) {
        const unique_fd common(::open(made.common().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
        if (!common) return cannot("make the file", made.common(), errno);
    }
    return made;
}

basic_result<void, error> run_output::accept(std::uint32_t index, const std::string& file) {
    if (file.empty() || file == "." || file == ".." || file.find('/') != std::string::npos) {
        return error{errc::malformed, "a worker named \"" + file + "\" as its output file, which is no file name"};
    }
    std::string part = part_name(index);
    const fs::path from = staging() / file;
    if (::rename(from.c_str(), (parts() / part).c_str()) != 0) return cannot("take over the output file", from, errno);
    files_.push_back(std::move(part));
    return {};
}

basic_result<void, error> run_output::accept(std::uint32_t index, const file_range& range) {
    if (!has_place(range)) {
        return error{errc::malformed, "a worker says that its output is where the file " + common().string() +
                                          " has nothing: does it see another directory under that name?"};
    }
    ranges_.emplace(index, range);
    return {};
}

bool run_output::has_place(const file_range& range) const {
    if (range.length == 0) return true;  // of a partition without keys, perhaps beyond what others have written so far
    struct stat about {};
    return ::lstat(common().c_str(), &about) == 0 && range.length <= UINT64_MAX - range.offset &&
           range.offset + range.length <= static_cast<std::uint64_t>(about.st_size);
}

std::optional<part_content> run_output::content_of(std::uint32_t index, const std::optional<file_range>& range) const {
    return range ? content_of_file(common(), range) : content_of_file(parts() / part_name(index));
}

void run_output::take_back(std::uint32_t index, const std::string& file) const {
    (void)rename_to_new(parts() / part_name(index), staging() / file);
}

void run_output::keep_when_killed() {
    keeps_parts_ = true;
    staging_->keep_when_killed();
}

void run_output::leave() noexcept {
    if (whole_.empty()) ::unlink(joined().c_str());  // half of it is of no use, and takes space
    staging_->leave();
}

void run_output::restore(std::uint32_t index, const std::optional<file_range>& range) {
    range ? ranges_.insert_or_assign(index, *range), void() : files_.push_back(part_name(index));
}

void run_output::discard(const std::string& file) const {
    if (!file.empty() && file.find('/') == std::string::npos) ::unlink((staging() / file).c_str());
}

basic_result<std::optional<file_number>, error> run_output::seal() {
    std::ranges::sort(files_);
    if (is_published_ || !has_name(*what_.spec())) return std::optional<file_number>();
    if (what_.spec()->place == output_place::directory) {
        if (auto done = sync_files(parts(), files_); !done) return done.error();
        return number_of(parts());
    }
    fill_gaps();
    const bool in_place = is_in_place();
    auto done = in_place ? sync_to_disk(common()) : join();
    if (!done) return done.error();
    whole_ = in_place ? common() : joined();
    return number_of(whole_);
}

// Puts parts that are elsewhere into the common file, where all others are in their places and nobody writes to theirs any more: it is for
// nothing, if somebody still does.
void run_output::fill_gaps() {
    if (ranges_.empty()) return;
    std::vector<std::pair<std::uint32_t, file_range>> gaps;
    std::uint64_t end = 0;
    for (std::uint32_t index = 0; index < ranges_.size() + files_.size(); ++index) {
        auto found = ranges_.find(index);
        std::error_code why;
        const std::uint64_t size =
            found != ranges_.end() ? found->second.length : fs::file_size(parts() / part_name(index), why);
        if (why || (found != ranges_.end() && found->second.offset != end)) return;
        if (found == ranges_.end()) gaps.emplace_back(index, file_range{end, size});
        end += size;
    }
    for (const auto& [index, gap] : gaps) {
        if (!fill(index, gap)) return;
        std::erase(files_, part_name(index));
        ranges_.emplace(index, gap);
    }
}

bool run_output::fill(std::uint32_t index, const file_range& gap) const {
    try {
        auto place = claimed_place::take_back(staging().string(), index, gap);
        if (!place) return false;
        const file from = file::open_read((parts() / part_name(index)).string());
        std::string block(std::size_t{1} << 20, '\0');
        for (std::uint64_t at = 0; at < gap.length; at += block.size()) {
            block.resize(from.read_at(at, block));
            if (block.empty()) return false;
            place->write(block);
        }
        place->keep();
        return true;
    } catch (const std::exception&) {
        return false;  // joining says what is wrong, if it is wrong there, too
    }
}

// Whether the common file is the output: all parts are in it, one behind the other.
bool run_output::is_in_place() const {
    if (ranges_.empty() || !files_.empty()) return false;
    std::uint64_t end = 0;
    for (const auto& [index, range] : ranges_) {
        if (range.offset != std::exchange(end, range.offset + range.length)) return false;
    }
    std::error_code unknown;
    return fs::file_size(common(), unknown) == end;
}

std::vector<joined_piece> run_output::pieces() const {
    std::vector<joined_piece> all;
    auto in_common = ranges_.begin();
    for (auto file = files_.begin(); file != files_.end() || in_common != ranges_.end();) {
        if (in_common == ranges_.end() || (file != files_.end() && *file < part_name(in_common->first))) {
            all.push_back({parts() / *file++});
        } else {
            all.push_back({common(), in_common++->second});
        }
    }
    return all;
}

basic_result<void, error> run_output::join() {
    if (!joiner_) {
        ::unlink(joined().c_str());  // of a killed run
        joiner_.emplace(pieces(), joined(),
                        join_options{.head = csv_head(what_.spec()->format),
                                     .typed = worker_format_.encoding == output_encoding::typed,
                                     .schema = worker_format_.schema,
                                     .keep_pieces = keeps_parts_});
    }
    auto done = joiner_->run();
    wants_space_ = joiner_->wants_space();
    return done;
}

basic_result<published_output, error> run_output::publish() {
    published_output done;
    basic_result<void, error> step{};
    switch (what_.spec()->place) {
        case output_place::directory:
            if (!is_published_) step = publish_directory();
            break;
        case output_place::file:
            if (!is_published_) step = publish_file();
            files_.assign(1, final_.filename().string());
            break;
        case output_place::driver:
            step = hand_over();
            files_.clear();
            break;
        case output_place::kept: done.kept = keep(); break;
        case output_place::nowhere: break;
    }
    if (!step) return step.error();
    done.path = final_.string();
    done.files = std::move(files_);
    return done;
}

basic_result<void, error> run_output::publish_directory() {
    int failed = rename_to_new(parts(), final_);
    if (failed != 0 && failed != EEXIST && failed != ENOTEMPTY) {
        return cannot("give the output its final name,", final_, failed);
    }
    if (failed != 0) {
        // Looked at again: much may have happened since the run began.
        if (auto still = check_place(final_, output_place::directory, overwrite_); !still) return still;
        // The old output goes with the staging directory.
        failed = exchange_directories(parts(), final_);
        if (failed != 0) return cannot("replace the output", final_, failed);
    }
    // Only the name's durability hangs on this, and the output is there for everybody to see: not worth failing for.
    (void)sync_to_disk(final_.parent_path());
    return {};
}

basic_result<void, error> run_output::publish_file() {
    if (auto still = check_place(final_, output_place::file, overwrite_); !still) return still;
    const int failed =
        overwrite_ ? (::rename(whole_.c_str(), final_.c_str()) == 0 ? 0 : errno) : rename_to_new(whole_, final_);
    if (failed == EEXIST) return exists_already(final_, output_place::file);
    if (failed != 0) return cannot("give the output its final name,", final_, failed);
    (void)sync_to_disk(final_.parent_path());
    return {};
}

// What a sink has been given cannot be taken back: so first everything is read, and nothing given, to see that it can be.
basic_result<void, error> run_output::hand_over() const {
    for (const std::string& file : files_) {
        if (auto done = for_each_typed_record(parts() / file, [](std::string_view) {}); !done) return done;
    }
    for (const std::string& file : files_) {
        if (auto done = for_each_typed_record(parts() / file, what_.spec()->take); !done) return done;
    }
    return {};
}

dataset run_output::keep() {
    std::vector<std::string> paths;
    std::uint64_t bytes = 0;
    for (const std::string& file : files_) {
        const fs::path path = parts() / file;
        std::error_code unknown;
        bytes += fs::file_size(path, unknown);
        paths.push_back(path.string());
    }
    return {std::move(paths), bytes, worker_format_.schema, staging_};
}

}  // namespace sheaf::detail
