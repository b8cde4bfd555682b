#include "fetch/remote_file.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "fetch/fetch_failure.hpp"
#include "fetch/retry_pace.hpp"

namespace sheaf::fetch {
namespace {

using kind = fetch_failure::kind;

constexpr std::size_t first_bytes_max = 16 * 1024;
constexpr int redirects_max = 5;

bool is_redirect(unsigned status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string tag_of(const http_answer& answer) {
    return answer.entity_tag.empty() ? answer.last_modified : answer.entity_tag;
}

}  // namespace

// An answer that is read bit by bit, of a server that gives no ranges.
struct remote_file::open_body {
    std::unique_ptr<http_connection> connection;
    std::uint64_t place = 0;
};

remote_file::remote_file(http_client& by, const url& where, remote_terms terms)
    : by_(by), where_(where), terms_(std::move(terms)), name_(to_string(where)), server_(authority(where)) {
    named([&] { open(); });
}
remote_file::~remote_file() = default;

// Errors say what could not be fetched.
template <class F>
void remote_file::named(F&& work) const {
    try {
        work();
    } catch (const fetch_failure& why) {
        throw fetch_failure(why.which(), "cannot fetch " + name_ + ": " + why.what());
    }
}

header_list remote_file::headers_for(const byte_range& what) const {
    header_list headers;
    if (has_ranges_) headers.emplace_back("Range", range_header(what));
    if (!terms_.authorization.empty() && authority(where_) == server_) {
        headers.emplace_back("Authorization", terms_.authorization);
    }
    return headers;
}

void remote_file::fail(const http_answer& answer) const {
    const std::string status = "the server answers with status " + std::to_string(answer.status);
    const bool passing = answer.status >= 500 || answer.status == 429 || answer.status == 408;
    throw fetch_failure(passing ? kind::passing : kind::permanent, status);
}

void remote_file::open() {
    retry_pace pace(terms_.attempts_max, terms_.refusals_max);
    with_retries(
        [&] {
            int redirects_left = redirects_max;
            while (!open_once(redirects_left)) --redirects_left;
        },
        pace, terms_.transport.stop);
}

// False: it was a redirect, and where_ is another place now.
bool remote_file::open_once(int redirects_left) {
    auto with = by_.borrow(where_, terms_.transport);
    const http_answer answer = with.connection->ask("GET", where_, headers_for({0, first_bytes_max}), terms_.transport);
    if (is_redirect(answer.status)) {
        if (redirects_left == 0) throw fetch_failure(kind::permanent, "it is redirected again and again");
        auto next = follow_redirect(where_, answer.location);
        if (!next) throw fetch_failure(kind::permanent, "it is redirected to no address");
        if (where_.secure && !next->secure) throw fetch_failure(kind::permanent, "it is redirected from https to http");
        where_ = std::move(*next);
        return false;
    }
    learn(answer);
    std::vector<char> first(std::min<std::uint64_t>(size_, first_bytes_max));
    for (std::size_t done = 0; done < first.size();) {
        const std::size_t came = with.connection->read_body(std::span(first).subspan(done), terms_.transport);
        if (came == 0) throw fetch_failure(kind::passing, "its answer is too short");
        done += came;
    }
    first_ = std::move(first);
    by_.give_back(where_, std::move(with.connection));
    return true;
}

void remote_file::learn(const http_answer& answer) {
    const auto range = parse_content_range(answer.content_range);
    has_ranges_ = true;
    if (answer.status == 206 && range && range->part.offset == 0) {
        size_ = range->size;
    } else if (answer.status == 416 && range && range->size == 0) {
        size_ = 0;
    } else if (answer.status == 200 && answer.length) {
        has_ranges_ = *answer.length <= first_bytes_max;  // or else nobody needs them
        size_ = *answer.length;
    } else if (answer.status == 200) {
        throw fetch_failure(kind::permanent, "the server does not say how long it is");
    } else {
        fail(answer);
    }
    tag_ = tag_of(answer);
}

void remote_file::check_same(const http_answer& answer) const {
    const auto range = parse_content_range(answer.content_range);
    const bool sized = answer.status == 206 ? range && range->size == size_ : answer.length == size_;
    if (!sized || tag_of(answer) != tag_)
        throw fetch_failure(kind::permanent, "it has changed while it was being read");
}

void remote_file::read(std::uint64_t offset, std::span<char> into) {
    SHEAF_ASSERT(offset <= size_ && into.size() <= size_ - offset, "reads lie within the file");
    if (into.empty()) return;
    retry_pace pace(terms_.attempts_max, terms_.refusals_max);
    std::size_t done = 0;
    named([&] {
        with_retries(
            [&] {
                const auto rest = into.subspan(done);
                if (has_ranges_) return read_range({offset + done, rest.size()}, rest, pace, done);
                const std::lock_guard held(order_);
                read_in_order(offset + done, rest, pace, done);
            },
            pace, terms_.transport.stop);
    });
}

void remote_file::read_range(byte_range what, std::span<char> into, retry_pace& pace, std::size_t& done) {
    auto with = by_.borrow(where_, terms_.transport);
    http_answer answer;
    try {
        answer = with.connection->ask("GET", where_, headers_for(what), terms_.transport);
    } catch (const fetch_failure& why) {
        // The server may have closed a connection that was kept at the same moment: that is no failure.
        if (!with.used || why.which() != kind::passing) throw;
        with = {std::make_unique<http_connection>(where_, terms_.transport), false};
        answer = with.connection->ask("GET", where_, headers_for(what), terms_.transport);
    }
    if (answer.status == 200 || answer.status == 416)
        throw fetch_failure(kind::permanent, "it has changed while it was being read");
    if (answer.status != 206) fail(answer);
    check_same(answer);
    if (parse_content_range(answer.content_range)->part != what) {
        throw fetch_failure(kind::permanent, "the server gives other bytes than those that were asked for");
    }
    for (std::size_t taken = 0; taken < into.size();) {
        const std::size_t came = with.connection->read_body(into.subspan(taken), terms_.transport);
        if (came == 0) throw fetch_failure(kind::passing, "its answer is too short");
        taken += came;
        done += came;
        pace.on_progress();
    }
    by_.give_back(where_, std::move(with.connection));
}

void remote_file::read_in_order(std::uint64_t offset, std::span<char> into, retry_pace& pace, std::size_t& done) {
    if (body_ && body_->place > offset) body_.reset();
    auto at = std::exchange(body_, nullptr);  // gone, if anything fails
    if (!at) {
        at = std::make_unique<open_body>();
        at->connection = std::make_unique<http_connection>(where_, terms_.transport);
        const http_answer answer = at->connection->ask("GET", where_, headers_for({}), terms_.transport);
        if (answer.status != 200) fail(answer);
        check_same(answer);
    }
    std::vector<char> skipped(std::min<std::uint64_t>(offset - at->place, std::size_t{64} << 10));
    while (at->place < offset + into.size()) {
        const bool skip = at->place < offset;
        const auto room = skip ? std::span(skipped).first(std::min<std::uint64_t>(skipped.size(), offset - at->place))
                               : into.subspan(at->place - offset);
        const std::size_t came = at->connection->read_body(room, terms_.transport);
        if (came == 0) throw fetch_failure(kind::passing, "its answer is too short");
        at->place += came;
        if (!skip) done += came;
        pace.on_progress();
    }
    body_ = std::move(at);
}

}  // namespace sheaf::fetch
