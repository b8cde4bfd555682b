#include "protocol/packet.hpp"

namespace sheaf::protocol {

bool parse_packet(packet_type type, direction way, std::string_view body, packet_view& packet) noexcept {
    const packet_info& row = info(type);
    packet = {};
    packet.type = type;
    packet.way = way;
    const std::size_t terminated = terminated_arguments(row);
    for (std::size_t i = 0; i < terminated; ++i) {
        const std::size_t end = body.find('\0');
        if (end == std::string_view::npos) return false;
        packet.arguments[i] = body.substr(0, end);
        body.remove_prefix(end + 1);
    }
    if (row.has_data) {
        packet.data = body;
    } else if (row.arguments != 0) {
        packet.arguments[terminated] = body.substr(0, body.find('\0'));
    }
    return true;
}

std::optional<submission> as_submission(const packet_view& packet) noexcept {
    using enum packet_type;
    submission job;
    switch (packet.type) {
        case submit_job: break;
        case submit_job_bg: job.background = true; break;
        case submit_job_high: job.priority = priority::high; break;
        case submit_job_high_bg:
            job.priority = priority::high;
            job.background = true;
            break;
        case submit_job_low: job.priority = priority::low; break;
        case submit_job_low_bg:
            job.priority = priority::low;
            job.background = true;
            break;
        case submit_reduce_job: job.reducer = packet[2]; break;
        case submit_reduce_job_background:
            job.reducer = packet[2];
            job.background = true;
            break;
        default: return std::nullopt;
    }
    job.function = packet[0];
    job.unique = packet[1];
    return job;
}

}  // namespace sheaf::protocol
