// What may happen to a run, by chance: processes are killed or stopped, segments deleted or damaged.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <sys/stat.h>
#include <utility>
#include <vector>

#include "process_tree.hpp"
#include "word_count.hpp"

namespace sheaf::test {

inline bool long_tests_wanted() {
    const char* const value = std::getenv("SHEAF_LONG_TESTS");
    return value != nullptr && *value != '\0';
}

inline std::uint64_t first_seed() {
    if (const char* const value = std::getenv("SHEAF_CHAOS_SEED")) return std::strtoull(value, nullptr, 10);
    return std::random_device{}() % 1'000'000;
}

/// The map outputs of all runs below `runs`.
inline std::vector<std::filesystem::path> segments_in(const std::filesystem::path& runs) {
    std::vector<std::filesystem::path> segments;
    for (const std::string& run : names_in(runs)) {
        for (const std::string& file : names_in(runs / run)) {
            if (file.starts_with("map-") && !file.ends_with(".tmp")) segments.push_back(runs / run / file);
        }
    }
    return segments;
}

/// Does harm until the driver ends. All it does follows from its seed, and from where the run is at the time.
class chaos {
  public:
    /// `runs`: where the directories of runs are. `workers` gives the processes that may be killed and stopped.
    chaos(std::uint64_t seed, std::filesystem::path runs, std::function<std::vector<pid_t>()> workers)
        : random_(seed), runs_(std::move(runs)), workers_(std::move(workers)) {}
    ~chaos() { let_go(); }
    chaos(const chaos&) = delete;
    chaos& operator=(const chaos&) = delete;

    /// Something else that is done now and then. Says whether it was done this time.
    void also(std::string name, std::function<bool()> harm) { others_.emplace_back(std::move(name), std::move(harm)); }

    void work_on(process& driver) {
        while (!driver.wait(std::chrono::milliseconds(3 + below(25)))) {
            const std::uint64_t kind = below(4 + others_.size());
            if (kind == 0 && kills_left_ > 0) kill_one();
            if (kind == 1) stop_one();
            if (kind == 2) spoil_a_segment(&remove);
            if (kind == 3) spoil_a_segment(&damage);
            if (kind >= 4) do_other(others_[kind - 4]);
            if (below(3) == 0) let_go();
        }
    }
    /// How often something was done, by kind: to see that a test tests something.
    [[nodiscard]] const std::map<std::string, unsigned>& account() const noexcept { return account_; }

    [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  private:
    using other_harm = std::pair<std::string, std::function<bool()>>;

    void do_other(const other_harm& one) {
        if (one.second()) ++account_[one.first];
    }
    std::optional<pid_t> any_worker() {
        const std::vector<pid_t> all = workers_();
        if (all.empty()) return std::nullopt;
        return all[below(all.size())];
    }
    void kill_one() {
        const auto worker = any_worker();
        if (!worker || ::kill(*worker, SIGKILL) != 0) return;
        --kills_left_;
        ++account_["killed"];
    }
    void stop_one() {
        const auto worker = any_worker();
        if (!worker || ::kill(*worker, SIGSTOP) != 0) return;
        stopped_.push_back(*worker);
        ++account_["stopped"];
    }
    void let_go() {
        for (const pid_t one : stopped_) ::kill(one, SIGCONT);
        stopped_.clear();
    }

    void spoil_a_segment(bool (*spoil)(const std::filesystem::path&, chaos&)) {
        if (spoils_left_ == 0) return;
        const std::vector<std::filesystem::path> segments = segments_in(runs_);
        if (!segments.empty() && spoil(segments[below(segments.size())], *this)) --spoils_left_;
    }
    static bool remove(const std::filesystem::path& segment, chaos& by) {
        std::error_code gone;
        if (!std::filesystem::remove(segment, gone)) return false;
        ++by.account_["removed"];
        return true;
    }
    static bool damage(const std::filesystem::path& segment, chaos& by) {
        const unique_fd file(::open(segment.c_str(), O_RDWR | O_CLOEXEC));
        struct stat about {};
        if (!file || ::fstat(file.get(), &about) != 0 || about.st_size == 0) return false;
        const auto at = static_cast<off_t>(by.below(static_cast<std::uint64_t>(about.st_size)));
        char byte = 0;
        if (::pread(file.get(), &byte, 1, at) != 1) return false;
        byte = static_cast<char>(byte ^ (1 << by.below(8)));
        if (::pwrite(file.get(), &byte, 1, at) != 1) return false;
        ++by.account_["damaged"];
        return true;
    }

    std::mt19937_64 random_;
    std::filesystem::path runs_;
    std::function<std::vector<pid_t>()> workers_;
    std::vector<other_harm> others_;
    std::vector<pid_t> stopped_;
    unsigned kills_left_ = 8;  // each costs the time that a process takes to start
    unsigned spoils_left_ = 6;
    std::map<std::string, unsigned> account_;
};

}  // namespace sheaf::test
