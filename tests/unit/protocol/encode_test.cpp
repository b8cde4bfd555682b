#include "protocol/encode.hpp"

#include <string>

#include <gtest/gtest.h>

#include "support/packet_bytes.hpp"

namespace sheaf::protocol {
namespace {

template <packet_type Type, class... Parts>
concept writable =
    requires(output_buffer& out, const Parts&... parts) { write<Type>(out, direction::request, parts...); };

static_assert(writable<packet_type::can_do, std::string_view>);
static_assert(!writable<packet_type::can_do>, "a missing argument does not compile");
static_assert(!writable<packet_type::can_do, std::string_view, std::string_view>, "nor does data where there is none");
static_assert(writable<packet_type::work_complete, std::string_view, shared_bytes>);
static_assert(!writable<packet_type::work_complete, std::string_view>, "nor missing data");

TEST(encode, a_submission_is_the_bytes_of_the_protocol_document) {
    output_buffer out;
    write_request<packet_type::submit_job>(out, "reverse", "", std::string("test"));
    EXPECT_EQ(test::take_all(out), std::string("\0REQ\0\0\0\x07\0\0\0\x0d"
                                               "reverse\0"
                                               "\0"
                                               "test",
                                               25));
}

TEST(encode, the_last_argument_without_data_has_no_nul) {
    output_buffer out;
    write_response<packet_type::status_res>(out, "H:1", "1", "0", "10", "200");
    EXPECT_EQ(test::take_all(out), std::string("\0RES\0\0\0\x14\0\0\0\x0e"
                                               "H:1\0"
                                               "1\0"
                                               "0\0"
                                               "10\0"
                                               "200",
                                               26));
}

TEST(encode, sizes_fill_all_four_bytes_of_the_header) {
    output_buffer out;
    const std::string data(0x01'02'03, 'x');
    write_response<packet_type::echo_res>(out, data);
    EXPECT_EQ(test::take_all(out), std::string("\0RES\0\0\0\x11\0\x01\x02\x03", 12) + data);
}

TEST(encode, shared_data_gives_the_same_bytes_and_is_referenced_only_when_large) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, output_buffer::reference_threshold - 1,
                                   output_buffer::reference_threshold, std::size_t{200'000}}) {
        SCOPED_TRACE(size);
        const shared_bytes shared(std::string(size, 'x'));
        output_buffer out;
        output_buffer copied;
        write_response<packet_type::work_complete>(out, "H:1", shared);
        write_response<packet_type::work_complete>(copied, "H:1", shared.view());

        std::array<std::string_view, 4> pieces;
        const std::size_t used = out.gather(pieces);
        const bool referenced = pieces[used - 1].data() == shared.view().data();
        EXPECT_EQ(referenced, size >= output_buffer::reference_threshold);
        EXPECT_EQ(test::take_all(out), test::take_all(copied));
    }
}

}  // namespace
}  // namespace sheaf::protocol
