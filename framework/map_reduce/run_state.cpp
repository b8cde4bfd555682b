// Beginning a run: a new one, or one that another driver has left.
#include "map_reduce/run_state.hpp"

#include <system_error>
#include <utility>

#include "base/assert.hpp"
#include "map_reduce/left_files.hpp"
#include "map_reduce/run_identity.hpp"
#include "output/run_root.hpp"

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;

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

/// The dead run with this output, and what is to be said when it cannot be gone on with.
struct found_run {
    std::optional<dead_run> run;
    std::string note;
};

std::string begun_anew_since(const std::string& why) {
    return "there was an unfinished run with this output, but " + why + ": this run has begun anew";
}

found_run find_dead_run(const fs::path& root, const fs::path& output, const run_beginnings& from) {
    found_run found;
    std::error_code why;
    for (fs::directory_iterator at(root, why), end; !why && at != end && !found.run; at.increment(why)) {
        if (!at->path().filename().native().starts_with("run-")) continue;
        const auto header = read_header(at->path() / "journal");
        if (!header || header->output != output) continue;
        auto work = run_directory::take_over(at->path());  // goes with this, unless it can be used
        if (!work) continue;
        const std::string difference = difference_of(header->identity, from.identity);
        if (!difference.empty()) {
            found.note = begun_anew_since("it differs in this: " + difference);
        } else if (!(found.run = read_dead_run(std::move(*work)))) {
            found.note = begun_anew_since("its journal contradicts itself");
        }
        if (!found.run) remove_staging(*header);
    }
    return found;
}

// Nothing when it cannot be gone on with; fails when that only cannot be done now.
basic_result<std::optional<run_state>, error> take_over(dead_run dead, const run_beginnings& from) {
    const auto& publishing = dead.account.publishing();
    std::optional<file_number> sealed;
    if (publishing) sealed = file_number{publishing->device, publishing->inode};
    auto output = run_output::take_over(
        from.how.output, {.run_id = dead.account.header().id, .scratch = {}, .overwrite = from.how.overwrite},
        dead.account.header().staging, sealed);
    if (!output) {
        dead.work.leave();
        return output.error();
    }
    if (!*output) return std::optional<run_state>();
    journal log(dead.work.journal(), dead.journal_bytes);
    run_state state{std::move(dead.work), std::move(**output), std::move(dead.account), std::move(log)};
    state.keep();
    look_after_files(state);
    return std::optional(std::move(state));
}

run_header header_for(const run_beginnings& from, const std::string& id, const run_output& output) {
    return {.id = id,
            .identity = from.identity,
            .output = output.path().string(),
            .staging = output.staging().string(),
            .partitions = from.partitions,
            .partitions_per_unit = from.partitions_per_unit,
            .groups = from.groups,
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
    run_state state{std::move(*work), std::move(*output), run_account(std::move(header)), std::move(log)};
    state.note = std::move(note);
    if (from.how.resume) state.keep();  // not before: nobody could tell whose it is
    return state;
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
    if (*sealed && kept) log.sync();  // or an output that is there could be taken for somebody else's
    if (auto done = first(); !done) return done.error();
    return output.publish();
}

void run_state::keep() {
    kept = true;
    work.keep_when_killed();
    output.keep_when_killed();
}

void run_state::leave() noexcept {
    work.leave();
    output.leave();
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
            auto state = take_over(std::move(*found.run), from);
            if (!state) return state.error();
            if (*state) return std::move(**state);
            remove_staging(header);
            note = begun_anew_since("what it had made of it is gone");
        }
    }
    return begin_anew(*root, from, std::move(note));
}

}  // namespace sheaf::detail
