// What waits for space: in which order it is tried, and what is said of it meanwhile.
#include "store/unwritten_entries.hpp"

#include <string>
#include <utility>

#include <gmock/gmock.h>

namespace sheaf::store::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

entry result_of(job_number id, std::string data) {
    return result_row{.id = id, .function = "f", .unique = "u", .bytes = data.size(), .data = shared_bytes(data)};
}
entry note_of(job_number id) { return attempt_note{.id = id, .attempts = 1}; }
entry ends_asked(ticket name) { return asked{name, ends_written{}}; }
entry letter_of(job_number id) {
    return dead_letter{.job = {.id = id, .function = "f", .payload = shared_bytes(std::string("p"))}, .log = "a log"};
}

job_number id_of(const entry& one) {
    if (const auto* const id = std::get_if<job_number>(&one)) return *id;
    if (const auto* const result = std::get_if<result_row>(&one)) return result->id;
    if (const auto* const note = std::get_if<attempt_note>(&one)) return note->id;
    if (const auto* const letter = std::get_if<dead_letter>(&one)) return letter->job.id;
    return 0;
}

template <class... Entry>
std::vector<entry> list(Entry... one) {
    std::vector<entry> all;
    (all.push_back(std::move(one)), ...);
    return all;
}

// Everything that is left, in its order.
std::vector<job_number> write_all(unwritten_entries& from) {
    std::vector<job_number> ids;
    from.write_with([&](std::span<entry> some) {
        for (const entry& one : some) ids.push_back(id_of(one));
        return true;
    });
    return ids;
}

TEST(unwritten_entries, what_makes_space_comes_first_unless_its_job_is_there) {
    unwritten_entries late;
    late.keep(list(note_of(1), result_of(2, "data"), entry(job_number{3})));
    late.keep(list(entry(job_number{1}), result_of(4, ""), note_of(5)));
    EXPECT_THAT(write_all(late), ElementsAre(4, 3, 1, 2, 1, 5)) << "the end of job 1 is behind its attempt";
    EXPECT_TRUE(late.empty());
}

TEST(unwritten_entries, are_tried_in_halves_until_a_single_one_has_no_place) {
    unwritten_entries late;
    for (job_number id = 1; id <= 8; ++id) late.keep(list(note_of(id)));
    std::vector<std::size_t> tried;
    const auto up_to = [&](job_number last) {
        return [&tried, last](std::span<entry> some) {
            tried.push_back(some.size());
            return id_of(some.back()) <= last;
        };
    };
    late.write_with(up_to(3));
    EXPECT_THAT(tried, ElementsAre(8, 4, 2, 4, 2, 1, 2, 1)) << "three are written, and the fourth alone has no place";
    tried.clear();
    late.write_with(up_to(3));
    EXPECT_THAT(tried, ElementsAre(1)) << "a full disk is not asked again and again";
    EXPECT_THAT(write_all(late), ElementsAre(4, 5, 6, 7, 8));
}

TEST(unwritten_entries, no_portion_is_larger_than_its_bytes) {
    unwritten_entries late;
    const std::string large(unwritten_entries::portion_bytes_max / 2, 'x');
    late.keep(list(result_of(1, large), result_of(2, large), result_of(3, large)));
    std::vector<std::size_t> tried;
    late.write_with([&](std::span<entry> some) {
        tried.push_back(some.size());
        return true;
    });
    EXPECT_THAT(tried, ElementsAre(2, 1));
}

TEST(unwritten_entries, a_question_waits_for_what_was_before_it_alone) {
    unwritten_entries late;
    late.keep(list(note_of(1), ends_asked(10), note_of(2)));
    late.keep_question(ends_asked(11));
    EXPECT_THAT(late.take_first_questions(), IsEmpty());
    late.write_with([](std::span<entry> some) { return some.size() == 1 && id_of(some.front()) == 1; });
    const auto answered = late.take_first_questions();
    ASSERT_EQ(answered.size(), 1U);
    EXPECT_EQ(std::get<asked>(answered.front()).name, 10U);
}

TEST(unwritten_entries, are_counted_by_what_is_lost_with_them) {
    unwritten_entries late;
    late.keep(list(entry(job_row{.id = 1}), note_of(2), entry(job_number{3}), letter_of(4), entry(run_change{.run = 5}),
                   ends_asked(1)));
    const unwritten_counts counts = late.counts();
    EXPECT_EQ(counts.jobs, 1U);
    EXPECT_EQ(counts.notes, 1U);
    EXPECT_EQ(counts.ends, 2U);
    EXPECT_EQ(counts.steps, 1U);
    EXPECT_EQ(counts.all(), 5U) << "a question is nothing to lose";
}

TEST(unwritten_entries, answer_for_what_has_ended) {
    unwritten_entries late;
    EXPECT_FALSE(late.answer(find_ended{.id = 1}));
    late.keep(list(result_of(1, "one"), result_of(2, "two"), letter_of(3)));
    const auto by_key = late.answer(find_ended{.unique = "u"});
    ASSERT_TRUE(by_key);
    EXPECT_EQ(std::get<result_row>(*by_key).id, 2U) << "the last one";
    EXPECT_TRUE(late.answer(find_ended{.id = 3}));
    EXPECT_FALSE(late.answer(find_ended{.id = 4})) << "what is written may know";
    EXPECT_TRUE(late.answer(purge{})) << "a letter that waits for space cannot be taken away";
    EXPECT_FALSE(late.answer(load_jobs{.ids = {1}})) << "that is no job any more";

    letter_list listed;
    late.list_letters_to({.most = 10}, listed);
    ASSERT_EQ(listed.letters.size(), 1U);
    EXPECT_EQ(listed.total, 1U);
    EXPECT_TRUE(listed.letters.front().log.empty()) << "a list is without logs";
}

}  // namespace
}  // namespace sheaf::store::test
