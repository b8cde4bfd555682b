// What `sheaf queue import` says of the rows that it reads.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "apps/gearmand_queue.hpp"

namespace sheaf::apps {

/// Before what it says.
inline constexpr const char* import_name = "sheaf queue import";

/// What there is.
class import_summary {
  public:
    void add(const gearmand_job& job);
    /// A table, on standard output.
    void print() const;

  private:
    struct counts {
        std::size_t jobs = 0;
        std::size_t high = 0;
        std::size_t low = 0;
        std::size_t later = 0;
        std::size_t without_key = 0;
        std::size_t bytes = 0;
    };
    std::map<std::string, counts> functions_;
};

/// Which rows were left out, and why: on standard error, as it comes.
class import_exceptions {
  public:
    void senseless(const gearmand_job& job);
    void refused(const gearmand_job& job, const std::string& why);
    /// Of a function for whose jobs there is no room, `why` is said once.
    void full(const gearmand_job& job, const std::string& why);
    [[nodiscard]] bool is_full(const std::string& function) const { return full_.contains(function); }

    [[nodiscard]] std::size_t left_out() const noexcept { return left_out_; }

  private:
    std::set<std::string> full_;
    std::size_t left_out_ = 0;
};

}  // namespace sheaf::apps
