// Jobs that have ended, as JSON for people and programs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/store.hpp"

namespace sheaf::server {

struct handle_codec;
struct queue_facts;

enum class detail_level : std::uint8_t {
    state,       ///< what is said of any job
    summary,     ///< a line of a list
    everything,  ///< with the bytes, in base64
};

[[nodiscard]] std::string json_of(const handle_codec& handles, const store::result_row& result);
[[nodiscard]] std::string json_of(const handle_codec& handles, const store::dead_letter& letter, detail_level how);
[[nodiscard]] std::string json_of(const handle_codec& handles, const store::letter_list& list);
[[nodiscard]] std::string json_of(const queue_facts& facts, store::wall_time now);
[[nodiscard]] std::string json_of(const queue_facts& facts, const store::totals& counts, store::wall_time now);
[[nodiscard]] std::string json_of(const store::backed_up& copy);
[[nodiscard]] std::string json_of_count(std::uint64_t jobs, std::uint64_t skipped = 0);
[[nodiscard]] std::string json_of_unknown();

}  // namespace sheaf::server
