// Clients that need not hear of JOB_CREATED before the job has begun: it is late exactly when a worker takes the job at once.
#include <gmock/gmock.h>

#include "broker/core.hpp"
#include "support/recording_sink.hpp"

namespace sheaf::test {
namespace {

using enum protocol::packet_type;
using testing::ElementsAre;
using testing::IsEmpty;

/// Tells what has to be flushed at once from what need not be.
class patient_sink final : public broker::sink {
  public:
    protocol::output_buffer& frame(broker::connection_id) override { return at_once; }
    protocol::output_buffer& late_frame(broker::connection_id) override { return late; }
    void persist(const broker::job_record&) override {}
    void forget(broker::job_id) override {}
    void close(broker::connection_id, std::string_view) override {}

    protocol::output_buffer at_once;
    protocol::output_buffer late;
};

class late_created : public testing::Test {
  protected:
    late_created() {
        core.connected(client, "127.0.0.1", 30);
        core.connected(worker, "127.0.0.1", 31);
        says<can_do>(worker, "f");
    }

    template <protocol::packet_type Type, class... Parts>
    void says(broker::connection_id who, const Parts&... parts) {
        protocol::output_buffer out;
        protocol::write_request<Type>(out, parts...);
        const std::string bytes = take_all(out);
        protocol::packet_view packet;
        const auto body = std::string_view(bytes).substr(protocol::header_size);
        ASSERT_TRUE(protocol::parse_packet(Type, protocol::direction::request, body, packet));
        core.packet(who, packet, {});
    }
    std::vector<std::string> at_once() { return readable(take_all(sink.at_once)); }
    std::vector<std::string> late() { return readable(take_all(sink.late)); }

    const broker::connection_id client{0};
    const broker::connection_id worker{1};
    patient_sink sink;
    broker::core core{{.handle_prefix = "H:"}, sink};
};

TEST_F(late_created, a_job_that_an_open_grab_takes_is_acknowledged_late) {
    says<option_req>(client, "late-created");
    says<all_yours>(worker);
    EXPECT_THAT(at_once(), ElementsAre("OPTION_RES late-created"));
    says<submit_job>(client, "f", "u", "data");
    EXPECT_THAT(at_once(), ElementsAre("NOOP", "JOB_ASSIGN_UNIQ H:1|f|u|data"));
    EXPECT_THAT(late(), ElementsAre("JOB_CREATED H:1"));
}

TEST_F(late_created, a_job_that_waits_is_acknowledged_at_once) {
    says<option_req>(client, "late-created");
    says<submit_job>(client, "f", "u", "data");
    EXPECT_THAT(at_once(), ElementsAre("OPTION_RES late-created", "JOB_CREATED H:1"));
    EXPECT_THAT(late(), IsEmpty());
}

TEST_F(late_created, other_clients_are_told_at_once) {
    says<all_yours>(worker);
    says<submit_job>(client, "f", "u", "data");
    EXPECT_THAT(at_once(), ElementsAre("JOB_CREATED H:1", "NOOP", "JOB_ASSIGN_UNIQ H:1|f|u|data"));
    EXPECT_THAT(late(), IsEmpty());
}

}  // namespace
}  // namespace sheaf::test
