// Beginning a run: a new one, or one that another driver has left.
#include "map_reduce/run_state.hpp"

#include <system_error>
#include <utility>
#include <xxhash.h>

#include "base/assert.hpp"
#include "output/run_root.hpp"
#include <sheaf/codec.hpp>
#include <sheaf/detail/segment.hpp>

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;

bool is_same_run(const run_header& header, const run_beginnings& from) {
    return header.job == from.identity.job && header.types == from.identity.types &&
           header.input == from.identity.input && header.partitions_asked == from.how.partitions &&
           header.split_bytes_asked == from.how.split_bytes;
}

// There is nothing to reduce: what was mapped is the output.
bool is_map_only(const run_header& header) { return header.partitions == 0; }

/// What a killed driver has left of a run.
struct dead_run {
    run_directory work;
    std::uint64_t journal_bytes = 0;
    run_account account;
};

// All notes that make sense, one after the other.
std::optional<dead_run> read_dead_run(run_directory work) {
    journal_text text = read_journal(work.journal());
    if (text.notes.empty()) return std::nullopt;
    run_account account(std::get<run_header>(std::move(text.notes.front())));
    for (std::size_t i = 1; i < text.notes.size(); ++i) {
        if (!account.apply(text.notes[i])) return std::nullopt;
    }
    return dead_run{std::move(work), text.valid_bytes, std::move(account)};
}

// What a dead run that is of no use any more has left beside its output. Its own directory goes with the object that it is.
void remove_staging(const run_header& header) {
    const fs::path staging = header.staging;
    if (staging.filename().native().ends_with(".sheaf-" + header.id)) (void)leased_directory::take_over(staging);
}

/// The dead run with this output, and what is to be said when it is not the same run.
struct found_run {
    std::optional<dead_run> run;
    std::string note;
};

found_run find_dead_run(const fs::path& root, const fs::path& output, const run_beginnings& from) {
    found_run found;
    std::error_code why;
    for (fs::directory_iterator at(root, why), end; !why && at != end && !found.run; at.increment(why)) {
        if (!at->path().filename().native().starts_with("run-")) continue;
        const auto header = read_header(at->path() / "journal");
        if (!header || header->output != output) continue;
        auto work = run_directory::take_over(at->path());  // goes with this, unless it can be used
        if (!work) continue;
        if (is_same_run(*header, from)) {
            found.run = read_dead_run(std::move(*work));
        } else {
            remove_staging(*header);
            found.note = "an unfinished run with this output was of another input or job, and has begun anew";
        }
    }
    return found;
}

// Of a map output that another driver has accepted: whether its segments can be read, or are needed no more. Those on other hosts are
// looked at when they are needed.
bool is_there(const run_state& state, const map_output& made) {
    if (is_map_only(state.account.header())) return fs::exists(state.output.staging() / made.file);
    if (state.account.all_reduced()) return true;
    try {
        (void)segment_file((state.work.path() / made.file).string());
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

// Notes what has gone since; what is left need not be done again.
void look_after_files(run_state& state) {
    const run_account& account = state.account;
    for (std::uint32_t unit = 0; unit < account.reduce_units(); ++unit) {
        if (account.reduced(unit) == nullptr) continue;
        std::uint32_t partition = account.first_partition(unit);
        for (const output_part& one : parts_of(*account.reduced(unit))) state.output.restore(partition++, one.range);
        ++state.units_resumed;
    }
    for (std::uint32_t index = 0; index < account.splits().size(); ++index) {
        const map_output* const made = account.mapped(index);
        if (made == nullptr) continue;
        if (is_there(state, *made)) {
            ++state.units_resumed;
        } else {
            state.add(segment_gone{index});
        }
    }
}

bool has_all_parts(const run_account& account, const run_output& output) {
    for (std::uint32_t unit = 0; unit < account.reduce_units(); ++unit) {
        if (account.reduced(unit) == nullptr) continue;
        const auto parts = parts_of(*account.reduced(unit));
        if (parts.size() != account.partitions_of(unit)) return false;
        for (std::uint32_t i = 0; i < parts.size(); ++i) {
            if (!output.has_part(account.first_partition(unit) + i, parts[i].range)) return false;
        }
    }
    return true;
}

std::optional<run_state> take_over(dead_run dead, const run_beginnings& from) {
    const auto& publishing = dead.account.publishing();
    std::optional<file_number> sealed;
    if (publishing) sealed = file_number{publishing->device, publishing->inode};
    auto output = run_output::take_over(
        from.how.output, {.run_id = dead.account.header().id, .scratch = {}, .overwrite = from.how.overwrite},
        dead.account.header().staging, sealed);
    if (!output || !has_all_parts(dead.account, *output)) return std::nullopt;
    journal log(dead.work.journal(), dead.journal_bytes);
    run_state state{std::move(dead.work), std::move(*output), std::move(dead.account), std::move(log), 0, {}};
    look_after_files(state);
    return state;
}

run_header header_for(const run_beginnings& from, const std::string& id, const run_output& output) {
    return {.id = id,
            .job = from.identity.job,
            .types = from.identity.types,
            .input = from.identity.input,
            .output = output.path().string(),
            .staging = output.staging().string(),
            .partitions = from.partitions,
            .partitions_per_unit = from.partitions_per_unit,
            .partitions_asked = from.how.partitions,
            .split_bytes_asked = from.how.split_bytes,
            .formats = from.input.formats,
            .splits = std::exchange(from.input.splits, {})};
}

basic_result<run_state, error> begin_anew(const fs::path& root, const run_beginnings& from, std::string note) {
    const std::string id = make_run_id();
    auto output =
        run_output::prepare(from.how.output, {.run_id = id, .scratch = root, .overwrite = from.how.overwrite});
    if (!output) return output.error();
    auto work = run_directory::make(root, id);
    if (!work) return work.error();
    run_header header = header_for(from, id, *output);
    journal log(work->journal(), 0);
    log.append(header);
    if (from.how.resume) {  // not before: nobody could tell whose it is
        work->keep_when_killed();
        output->keep_when_killed();
    }
    return run_state{std::move(*work), std::move(*output), run_account(std::move(header)), std::move(log), 0,
                     std::move(note)};
}

}  // namespace

void run_state::add(const run_note& what) {
    SHEAF_ASSERT(account.apply(what), "a driver notes what fits its run");
    log.append(what);
}

basic_result<published_output, error> run_state::publish(const std::function<basic_result<void, error>()>& first) {
    const auto sealed = output.seal();
    if (!sealed) return sealed.error();
    if (*sealed) add(output_publishing{(*sealed)->device, (*sealed)->inode});
    if (auto done = first(); !done) return done.error();
    return output.publish();
}

void run_state::leave() noexcept {
    work.leave();
    output.leave();
}

std::uint64_t fingerprint_of(const input_plan& input) {
    std::string text = encode(input.formats);
    for (const input_file& file : input.list.files) {
        encode_to(text, file.path);
        encode_to(text, file.size);
        encode_to(text, file.tag);
    }
    encode_to(text, input.bytes);
    for (const input_split& split : input.splits) {
        for (const input_piece& piece : split) text += piece.content;
    }
    return XXH3_64bits(text.data(), text.size());
}

basic_result<run_state, error> begin_run(const run_beginnings& from) {
    auto root = run_directories_root();
    if (!root) return root.error();
    const auto output = run_output::place_of(from.how.output);
    if (!output) return output.error();
    std::string note;
    if (from.how.resume && !output->empty()) {
        found_run found = find_dead_run(*root, *output, from);
        note = std::move(found.note);
        if (found.run) {
            const run_header header = found.run->account.header();
            if (auto state = take_over(std::move(*found.run), from)) return std::move(*state);
            remove_staging(header);
        }
    }
    return begin_anew(*root, from, std::move(note));
}

}  // namespace sheaf::detail
