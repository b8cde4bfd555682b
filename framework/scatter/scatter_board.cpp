// Which job carries which calls, and what of each has ended.
#include <algorithm>
#include <deque>
#include <functional>
#include <stop_token>
#include <utility>
#include <vector>

#include "scatter/hedge_pace.hpp"
#include "scatter/pack_sizer.hpp"
#include "scatter/scatter_inbox.hpp"
#include "scatter/scatter_terms.hpp"
#include "scatter/scatter_window.hpp"
#include <sheaf/detail/envelope.hpp>
#include <sheaf/detail/handler_thread.hpp>
#include <sheaf/detail/pack.hpp>
#include <sheaf/detail/scatter_board.hpp>

namespace sheaf::detail {
namespace {

using std::chrono::steady_clock;
using time_point = steady_clock::time_point;

/// A call that waits for others before it is sent, no longer than this if the range goes on giving.
constexpr std::chrono::microseconds gathering_time{2000};
/// A pack is sent when it has so many bytes.
constexpr std::size_t pack_bytes = std::size_t{256} << 10;

/// A job, from when its first call is encoded until the last one's end is handed out. The memory is used again.
struct parcel {
    std::uint64_t tag = 0;
    std::size_t first = 0;    ///< index of the first call; the others follow
    std::uint32_t calls = 0;  ///< so far
    bool pack = false;
    std::string arguments{};  ///< of a pack: as pack.hpp has it, for its calls to be made singly
    std::size_t bytes = 0;    ///< as counted in the window
    time_point until = time_point::max();
    time_point begun{};                 ///< of a pack, its first call; of a call that may be hedged, its job
    std::optional<std::size_t> twin{};  ///< the place of the other job for the same call
    bool given_up = false;              ///< its twin has ended well
};

/// A call whose pack was lost or gave it back.
struct single_call {
    std::size_t index = 0;
    std::string arguments;
    time_point until;
};

failure cancelled_by_caller(std::string_view task) {
    return {.code = errc::cancelled, .message = "the scatter was cancelled", .task = std::string(task)};
}

}  // namespace

struct scatter_board::parts {
    parts(std::shared_ptr<call_sender> sender, raw_call call, const scatter_options& how, std::size_t workers,
          std::size_t in_all)
        : through(std::move(sender)),
          frame(std::move(call)),
          packs(travels_in_packs(frame, how)),
          one_call(how.call),
          window(window_for(how, workers, packs)),
          pace(pace_for(how, workers)),
          sizer(sizer_for(how, workers)),
          hedges(how.hedge),
          elements(in_all),
          slots(workers == 0 ? 4 : workers),
          until(later(steady_clock::now(), how.deadline)),
          limited(how.deadline != forever) {
        check_hedge(frame, how);
        one_call.stop = {};  // one callback for all, below
        whole_pack = one_call;
        whole_pack.retry = {};
        frame.until = until;
        if (how.call.stop.stop_possible()) on_stop.emplace(how.call.stop, [this] { stop(); });
    }
    ~parts() {
        on_stop.reset();
        inbox->close();
        stop();
    }
    parts(const parts&) = delete;
    parts& operator=(const parts&) = delete;

    // ---- Towards the workers.

    [[nodiscard]] std::size_t next_pack_size() const {
        if (sizer.is_fixed() || elements == unknown || made >= elements) return sizer.calls();
        return std::clamp<std::size_t>((elements - made) / (2 * slots), 1, sizer.calls());
    }

    [[nodiscard]] bool has_room() const {
        if (inbox->stopped() || !window.has_room_for_call()) return false;
        if (!open && !window.has_room_for_job()) return false;
        return !limited || steady_clock::now() < until;
    }

    std::string& begin_call() {
        if (!open) open_parcel();
        parcel& at = parcels[*open];
        if (!at.pack) {
            at.arguments.clear();
            return at.arguments;
        }
        if (call_begun) writer.abandon_call(at.arguments);  // encoding it has thrown
        call_begun = true;
        return writer.begin_call(at.arguments);
    }

    void end_call() {
        parcel& at = parcels[*open];
        call_begun = false;
        if (at.pack) writer.end_call(at.arguments);
        ++at.calls;
        ++made;
        window.call_made();
        window.bytes_taken(at.arguments.size() - at.bytes);
        at.bytes = at.arguments.size();
        if (!at.pack) return send_open();
        const auto now = steady_clock::now();
        if (at.calls >= open_size || at.bytes >= pack_bytes || now - at.begun >= gathering_time) send_open();
    }

    void open_parcel() {
        open = take_place();
        parcel& at = parcels[*open];
        at.first = made;
        at.pack = packs;
        if (packs) {
            at.begun = steady_clock::now();
            at.until = std::min(until, later(at.begun, one_call.deadline));
            open_size = next_pack_size();
            pack_writer::start(at.arguments);
        } else {
            at.until = until;
        }
    }

    std::size_t take_place() {
        if (free_places.empty()) {
            free_places.push_back(parcels.size());
            parcels.emplace_back();
        }
        const std::size_t place = free_places.back();
        free_places.pop_back();
        std::string memory = std::move(parcels[place].arguments);
        parcels[place] = {.tag = (++sequence << 32) | place};
        parcels[place].arguments = std::move(memory);
        return place;
    }

    void send_open() {
        const std::size_t place = *std::exchange(open, std::nullopt);
        parcel& at = parcels[place];
        if (at.pack) {
            pack_writer::finish(at.arguments, at.calls);
            sizer.gathered(at.calls,
                           std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - at.begun));
        }
        send(place, at.calls > 1 ? whole_pack : one_call);
    }

    void send(std::size_t place, const call_options& how) {
        parcel& at = parcels[place];
        const std::uint64_t tag = at.tag;
        frame.pack = at.pack ? at.calls : 0;
        frame.until = at.until;
        frame.arguments.swap(at.arguments);
        window.job_sent();
        inbox->sending(tag);
        const auto id = through->submit(frame, how, inbox, tag);
        parcels[place].arguments.swap(frame.arguments);
        if (!inbox->sent(tag, id)) through->cancel(id);
        if (hedges.wanted() && !parcels[place].twin) {
            parcels[place].begun = steady_clock::now();
            unhedged.push_back(tag);
        }
    }

    // ---- Calls that take long.

    [[nodiscard]] parcel& parcel_of(std::uint64_t tag) { return parcels[static_cast<std::uint32_t>(tag)]; }

    /// When the call that was sent first of those that are out is to be made once more.
    time_point next_hedge() {
        while (!unhedged.empty() && inbox->call_of(unhedged.front()) == 0) unhedged.pop_front();
        if (unhedged.empty() || !hedges.delay() || inbox->stopped()) return time_point::max();
        return parcel_of(unhedged.front()).begun + *hedges.delay();
    }

    void send_hedges() {
        while (next_hedge() <= steady_clock::now()) {
            const auto slow = static_cast<std::uint32_t>(unhedged.front());
            unhedged.pop_front();
            const std::size_t place = take_place();
            parcel& at = parcels[place];
            at.first = parcels[slow].first;
            at.calls = 1;
            at.arguments = parcels[slow].arguments;
            at.until = parcels[slow].until;
            at.twin = slow;
            at.begun = steady_clock::now();
            parcels[slow].twin = place;
            send(place, one_call);
        }
    }

    /// Whether this end of a job is the end of its call: not when its twin may still do better, or has done so.
    bool settles_call(std::size_t place, const raw_result& outcome) {
        parcel& at = parcels[place];
        if (!at.given_up && hedges.wanted() && outcome) hedges.ended(steady_clock::now() - at.begun);
        if (!at.given_up && !at.twin) return true;
        if (!at.given_up) {
            parcel& other = parcels[*at.twin];
            other.twin = std::nullopt;
            if (outcome) {
                other.given_up = true;
                window.job_ended();  // it may take its time to end
                if (const auto call = inbox->call_of(other.tag); call != 0) through->cancel(call);
                return true;
            }
        }
        window.bytes_freed(at.bytes);
        free_places.push_back(place);
        return false;
    }

    void flush() {
        if (!open) return;
        if (call_begun) writer.abandon_call(parcels[*open].arguments);
        call_begun = false;
        if (parcels[*open].calls != 0) return send_open();
        free_places.push_back(*std::exchange(open, std::nullopt));
    }

    /// Makes calls again whose packs were lost, as far as there is room for jobs.
    void send_singles() {
        while (!singles.empty() && window.has_room_for_job() && !inbox->stopped()) {
            single_call next = std::move(singles.front());
            singles.pop_front();
            const std::size_t place = take_place();
            parcel& at = parcels[place];
            at.first = next.index;
            at.calls = 1;
            at.bytes = next.arguments.size();
            at.arguments = std::move(next.arguments);
            at.until = next.until;
            send(place, one_call);
        }
    }

    // ---- Back from the workers.

    /// Makes the next end of a call ready. False when it has to be waited for, or there is none.
    bool settle() {
        while (!ready) {
            if (opened) {
                next_of_opened();
            } else if (inbox->stopped() && !singles.empty()) {
                ready = landed_call{.index = singles.front().index, .why = cancelled_by_caller(frame.task)};
                window.bytes_freed(singles.front().arguments.size());
                singles.pop_front();
            } else if (!take_landed(time_point::min())) {
                return false;
            } else {
                open_landed();
            }
        }
        return true;
    }

    bool take_landed(time_point until_then) {
        if (!at_hand.empty()) return true;
        inbox->take(at_hand, until_then);
        if (at_hand.empty()) return false;
        std::reverse(at_hand.begin(), at_hand.end());
        pace.ended(at_hand.size(), steady_clock::now());
        window.limit_jobs(pace.limit());
        return true;
    }

    void open_landed() {
        auto [tag, outcome] = std::move(at_hand.back());
        at_hand.pop_back();
        if (!parcel_of(tag).given_up) window.job_ended();
        if (!settles_call(static_cast<std::uint32_t>(tag), outcome)) return;
        opened = static_cast<std::uint32_t>(tag);
        const parcel& at = parcels[*opened];
        left = at.calls;
        common = std::nullopt;
        answer = {};
        body = {};
        if (at.pack) requests = *pack_reader::open(at.arguments);
        if (!outcome) return open_failed(std::move(outcome).error());
        body = *std::move(outcome);
        if (!at.pack) return;
        auto read = pack_answer::open(body.view(), at.calls);
        if (!read) return open_failed(std::move(read).error());
        answer = *read;
        sizer.answered(at.calls, answer.took(), body.size());
    }

    /// The whole parcel failed.
    void open_failed(failure why) {
        split = left > 1 && blames_nobody(why) && !inbox->stopped();
        if (split) sizer.lost();
        common = std::move(why);
    }

    void next_of_opened() {
        const parcel& at = parcels[*opened];
        const std::size_t index = at.first + at.calls - left;
        --left;
        const std::string_view arguments = at.pack ? requests.next() : std::string_view(at.arguments);
        if (common && split) {
            make_singly(index, arguments, at.until);
        } else if (common) {
            ready = landed_call{.index = index, .why = *common};
        } else if (!at.pack) {
            ready = landed_call{.index = index, .result = body.view()};
        } else {
            const auto entry = answer.next();
            if (entry.status == pack_status::result) {
                ready = landed_call{.index = index, .result = entry.bytes};
            } else if (entry.status == pack_status::failure) {
                ready = landed_call{.index = index, .why = read_failure(entry.bytes)};
            } else {
                make_singly(index, arguments, at.until);
            }
        }
        if (left == 0) close_opened();
    }

    void make_singly(std::size_t index, std::string_view arguments, time_point by) {
        singles.push_back({index, std::string(arguments), by});
        window.bytes_taken(arguments.size());
    }

    void close_opened() {
        window.bytes_freed(parcels[*opened].bytes);
        free_places.push_back(*opened);
        opened = std::nullopt;
        split = false;
    }

    state wait(time_point until_then) {
        for (;;) {
            send_singles();
            if (hedges.wanted()) send_hedges();  // first: results may be at hand all the time
            if (settle()) return state::ready;
            if (pending() == 0) return state::drained;
            if (!singles.empty() && window.has_room_for_job()) continue;
            if (until_then == time_point::min()) return state::late;
            const lent_slot lent;
            const auto hedge_at = next_hedge();
            if (take_landed(std::min(until_then, hedge_at))) continue;
            if (until_then <= hedge_at) return state::late;
        }
    }

    landed_call take() {
        landed_call next = *std::exchange(ready, std::nullopt);
        window.result_seen(next.result.size());
        ++taken;
        return next;
    }

    [[nodiscard]] std::size_t pending() const noexcept { return made - taken; }

    void stop() {
        for (const auto call : inbox->stop()) through->cancel(call);
    }

    std::shared_ptr<call_sender> through;
    std::shared_ptr<scatter_inbox> inbox = std::make_shared<scatter_inbox>();
    raw_call frame;
    bool packs;
    call_options one_call;
    call_options whole_pack;  ///< as one_call, but lost only once: its calls are then made singly
    scatter_window window;
    job_pace pace;
    pack_sizer sizer;
    hedge_pace hedges;
    std::size_t elements;
    std::size_t slots;
    time_point until;
    bool limited;

    std::vector<parcel> parcels;
    std::vector<std::size_t> free_places;
    std::uint64_t sequence = 0;
    std::optional<std::size_t> open;  ///< the place of the parcel that is being filled
    std::size_t open_size = 1;
    pack_writer writer;
    bool call_begun = false;
    std::size_t made = 0;
    std::size_t taken = 0;
    std::deque<single_call> singles;
    std::deque<std::uint64_t> unhedged;  ///< tags of calls that may be hedged, in the order in which they were sent

    std::vector<scatter_inbox::landed_job> at_hand;  ///< the next one last
    std::optional<std::size_t> opened;               ///< the place of the parcel whose ends are being handed out
    std::uint32_t left = 0;                          ///< of its calls
    shared_bytes body;
    pack_answer answer;
    pack_reader requests;
    std::optional<failure> common;  ///< how all of its calls ended
    bool split = false;             ///< they are made singly instead
    std::optional<landed_call> ready;

    std::optional<std::stop_callback<std::function<void()>>> on_stop;
};

scatter_board::scatter_board(std::shared_ptr<call_sender> through, raw_call frame, const scatter_options& how,
                             std::size_t workers, std::size_t elements)
    : parts_(std::make_unique<parts>(std::move(through), std::move(frame), how, workers, elements)) {}
scatter_board::~scatter_board() = default;

bool scatter_board::should_fill() {
    if (parts_->ready || parts_->opened) return false;
    return parts_->window.should_fill(parts_->take_landed(time_point::min()));
}
bool scatter_board::has_room() const { return parts_->has_room(); }
std::string& scatter_board::begin_call() { return parts_->begin_call(); }
void scatter_board::end_call() { parts_->end_call(); }
void scatter_board::flush() { parts_->flush(); }
scatter_board::state scatter_board::wait(time_point until) { return parts_->wait(until); }
void scatter_board::when_landed(std::function<void()> run) { parts_->inbox->when_landed(std::move(run)); }
std::shared_ptr<callback_thread> scatter_board::callbacks() const { return parts_->through->callbacks(); }
void scatter_board::require_no_clock() const {
    if (!parts_->hedges.wanted()) return;
    throw_failure({.code = errc::not_supported,
                   .message =
                       "a coroutine cannot await the outcomes of a scatter with adaptive hedging. Say how long a "
                       "call may take: .call = {.hedge = 200ms}",
                   .task = std::string(parts_->frame.task)});
}
landed_call scatter_board::take() { return parts_->take(); }
void scatter_board::release() { parts_->window.call_released(); }
void scatter_board::stop() { parts_->stop(); }
std::size_t scatter_board::calls() const noexcept { return parts_->made; }
std::vector<std::pair<std::size_t, double>> scatter_board::running() const {
    auto all = parts_->inbox->shares();
    std::vector<std::pair<std::size_t, double>> shares;
    for (const auto& [tag, share] : all) {
        const parcel& at = parts_->parcel_of(tag);
        if (at.tag == tag && at.calls == 1) shares.emplace_back(at.first, share);
    }
    return shares;
}
std::size_t scatter_board::pending() const noexcept { return parts_->pending(); }
bool scatter_board::stopped() const noexcept { return parts_->inbox->stopped(); }

}  // namespace sheaf::detail
