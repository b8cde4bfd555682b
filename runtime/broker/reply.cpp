#include "broker/reply.hpp"

#include <array>
#include <string>

namespace sheaf::broker {
namespace {

using enum protocol::packet_type;

void append(protocol::output_buffer& to, protocol::output_buffer& from) {
    std::array<std::string_view, 16> pieces;
    while (!from.empty()) {
        const std::size_t used = from.gather(pieces);
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < used; ++i) {
            to.append(pieces[i]);
            bytes += pieces[i].size();
        }
        from.consume(bytes);
    }
}

}  // namespace

void send_too_large(world& w, connection_id to, std::string_view what, std::size_t limit) {
    const std::string text = "The " + std::string(what) + " is longer than " + std::to_string(limit) + " bytes";
    send_error(w, to, "ARGUMENT_TOO_LARGE", text);
}

void resolve_hold(world& w, connection_id to, std::uint64_t ticket, acknowledgement outcome) {
    struct {
        world& w;
        protocol::output_buffer& out;
        void operator()(const acknowledged& yes) const {
            protocol::write_response<job_created>(out, handle_text(w.how.handle_prefix, yes.job));
        }
        void operator()(const refused& no) const { protocol::write_response<error>(out, no.code, no.why); }
        void operator()(const told_line& told) const { out.append(told.line); }
    } const release{w, w.effects.frame(to)};
    w.connections[to].holds.resolve(ticket, std::move(outcome), release,
                                    [&](protocol::output_buffer& behind) { append(release.out, behind); });
}

}  // namespace sheaf::broker
