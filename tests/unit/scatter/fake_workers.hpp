// Workers without a server: jobs are answered as soon as enough of them are out, by running a handler; some items end badly.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <sheaf/detail/binding.hpp>
#include <sheaf/detail/pack.hpp>
#include <sheaf/scatter.hpp>

namespace sheaf::test {

struct odd : std::runtime_error {
    using std::runtime_error::runtime_error;
};
/// Idempotent, so that its calls are packed.
using square_task = task<"square", long(int), throws<odd>, idempotent>;

enum class fate : std::uint8_t { value, thrown, kills, silent };

class fake_workers final : public detail::call_sender {
  public:
    /// What becomes of a number.
    std::function<fate(int)> fate_of = [](int) { return fate::value; };
    std::size_t batch = 8;  ///< jobs are answered when so many are out, the last one first
    std::size_t jobs = 0;
    std::size_t cancels = 0;
    bool deaf = false;  ///< the end of a job that was cancelled does not come
    std::size_t largest_pack = 0;
    std::multiset<int> begun;  ///< the numbers that handlers were called with
    std::multiset<int> alone;  ///< the numbers that did not come in a pack
    std::multiset<int> lost;   ///< the numbers of packs that killed

    call_id submit(const detail::raw_call& call, const call_options& /*how*/, std::shared_ptr<listener> hears,
                   std::uint64_t tag) override {
        out_.push_back({++jobs, call.arguments, call.pack, std::move(hears), tag});
        largest_pack = std::max<std::size_t>(largest_pack, call.pack);
        const call_id id = jobs;
        if (out_.size() >= batch) answer_all();
        return id;
    }
    void cancel(call_id call) override {
        ++cancels;
        if (deaf) return;
        const auto found = std::ranges::find(silent_, call, &job::id);
        if (found != silent_.end()) end(*found, failure{.code = errc::cancelled});
    }
    void answer_all() {
        std::vector<job> now;
        now.swap(out_);
        for (auto one = now.rbegin(); one != now.rend(); ++one) answer(*one);
    }

  private:
    struct job {
        call_id id = 0;
        std::string arguments;
        std::uint32_t pack = 0;
        std::shared_ptr<listener> hears;
        std::uint64_t tag = 0;
    };
    struct died {};
    struct fell_silent {};

    class no_context final : public detail::invocation {
      public:
        [[nodiscard]] std::stop_token stop_token() const override { return {}; }
        [[nodiscard]] unsigned attempt() const override { return 1; }
        [[nodiscard]] std::string_view handle() const override { return "H:1"; }
        void progress(std::uint64_t, std::uint64_t) override {}
        void warn(std::string_view) override {}
        void send_chunk(std::string_view) override {}
        void lend_slot() override {}
        void take_slot_back() noexcept override {}
    };

    static void end(const job& one, detail::raw_result outcome) { one.hears->on_result(one.tag, std::move(outcome)); }

    static std::multiset<int> numbers_in(const job& one) {
        if (one.pack == 0) return {decode<int>(one.arguments)};
        std::multiset<int> found;
        for (auto calls = *detail::pack_reader::open(one.arguments); calls.left() != 0;) {
            found.insert(decode<int>(calls.next()));
        }
        return found;
    }
    /// What the worst of a job's calls does to the job.
    [[nodiscard]] fate worst(const std::multiset<int>& numbers) const {
        fate found = fate::value;
        for (const int n : numbers) found = std::max(found, fate_of(n));
        return found;
    }
    void answer(const job& one) {
        auto numbers = numbers_in(one);
        const fate becomes = worst(numbers);
        if (one.pack == 0) {
            alone.merge(numbers);
        } else if (becomes == fate::kills) {
            lost.merge(numbers);
        }
        if (becomes == fate::kills) return end(one, failure{.code = errc::worker_lost, .message = "killed"});
        if (becomes == fate::silent) return silent_.push_back(one);
        no_context in;
        auto outcome =
            one.pack == 0 ? bound_.run(in, one.arguments) : detail::run_pack(bound_, in, one.arguments, "host/1");
        if (!outcome) return end(one, std::move(outcome).error());
        end(one, shared_bytes(*outcome));
    }

    detail::binding bound_ = detail::make_binding<square_task>([this](int n) {
        begun.insert(n);
        if (fate_of(n) == fate::thrown) throw odd(std::to_string(n));
        return long{n} * n;
    });
    std::vector<job> out_;
    std::vector<job> silent_;
};

template <class Range>
scatter_run<square_task, Range> scatter(std::shared_ptr<fake_workers> through, Range&& range,
                                        const scatter_options& how = {}) {
    return {std::move(through), nullptr, std::forward<Range>(range), how, 2};
}

}  // namespace sheaf::test
