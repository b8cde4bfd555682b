// Which waiting calls a driver speaks of.
#include "cluster/waiting_notes.hpp"

#include <gmock/gmock.h>

namespace sheaf::detail {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<server_report> at_jobs(std::string name, std::uint64_t queued, std::uint64_t workers) {
    return {{.server = "jobs:4730", .functions = {{std::move(name), queued, 0, workers}}, .problem = {}}};
}

TEST(waiting_notes, of_a_cluster_of_its_own_name_what_is_not_bound) {
    waiting_notes notes({"shop.total"}, true);
    EXPECT_THAT(notes.look(at_jobs("shop.price", 1, 0)), IsEmpty()) << "it may have come a moment ago";
    EXPECT_THAT(notes.look(at_jobs("shop.price", 1, 0)), ElementsAre(HasSubstr("\"shop.price\" wait, and nobody")));
    EXPECT_THAT(notes.look(at_jobs("shop.price", 2, 0)), IsEmpty()) << "once is enough";
}

TEST(waiting_notes, of_a_cluster_of_its_own_are_silent_of_workers_that_are_started_anew) {
    waiting_notes notes({"shop.total"}, true);
    for (int i = 0; i < 3; ++i) EXPECT_THAT(notes.look(at_jobs("shop.total", 1, 0)), IsEmpty());
}

TEST(waiting_notes, of_a_shared_cluster_name_what_the_programs_workers_would_offer) {
    waiting_notes notes({"shop.total"}, false);
    EXPECT_THAT(notes.look(at_jobs("shop.total", 1, 0)), IsEmpty());
    EXPECT_THAT(notes.look(at_jobs("shop.total", 1, 0)),
                ElementsAre(AllOf(HasSubstr("\"shop.total\" wait at jobs:4730"),
                                  HasSubstr("sheaf worker --server jobs:4730 PROGRAM"))));
    for (int i = 0; i < 2; ++i) EXPECT_THAT(notes.look(at_jobs("of.others", 9, 0)), IsEmpty());
}

TEST(waiting_notes, need_two_looks_in_a_row) {
    waiting_notes notes({}, true);
    EXPECT_THAT(notes.look(at_jobs("shop.price", 1, 0)), IsEmpty());
    EXPECT_THAT(notes.look(at_jobs("shop.price", 1, 2)), IsEmpty()) << "workers offer it";
    EXPECT_THAT(notes.look(at_jobs("shop.price", 1, 0)), IsEmpty());
    EXPECT_THAT(notes.look(at_jobs("sheaf.orders", 1, 0)), IsEmpty());
    EXPECT_THAT(notes.look(at_jobs("sheaf.orders", 1, 0)), IsEmpty()) << "nobody's but Sheaf's own";
}

}  // namespace
}  // namespace sheaf::detail
